package discovery

import (
	"context"
	"errors"
	"time"

	"github.com/miekg/dns"
)

// worker publishes one zone. What is below the blank line belongs to its goroutine.
type worker struct {
	p        *Publisher
	changed  chan struct{} // holds an element when the zone is another
	zone     Zone          // Guarded by Publisher.mu, like the next two.
	retiring bool          // the zone is not wanted any more
	status   Status

	ledger *ledger
	at     *Server // that the updates went to; nil: none has, or all is removed
	sent   records // that it has confirmed since all were sent
	failed int     // attempts in a row
	export error   // of the last attempt, likewise the next
	update error
}

// give needs Publisher.mu.
func (w *worker) give(z Zone, retiring bool) {
	w.zone, w.retiring = z, retiring
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// run works until ctx ends, or the zone is not wanted any more and cleared.
func (w *worker) run(ctx context.Context) {
	var again <-chan time.Time
	refresh := time.Time{} // when all records are to be sent again
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
			w.failed = 0 // what is asked for now may work
		case <-again:
		}
		zone := w.current()
		if zone.Refresh > 0 && !time.Now().Before(refresh) {
			w.sent, refresh = nil, time.Now().Add(zone.Refresh)
		}
		done := w.work(ctx, zone)
		if done && zone.Server == nil && zone.File == "" && w.p.retire(w) {
			return
		}
		switch {
		case !done:
			again = time.After(w.pause())
		case zone.Refresh > 0:
			again = time.After(time.Until(refresh))
		default:
			again = nil
		}
	}
}

func (w *worker) current() Zone {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	return w.zone
}

// pause is the time before the next attempt.
func (w *worker) pause() time.Duration {
	d := w.p.o.Retry
	for i := 1; i < w.failed && d < longestRetry; i++ {
		d *= 2
	}
	return min(d, longestRetry)
}

// work makes one attempt; done tells that nothing is left to do.
func (w *worker) work(ctx context.Context, z Zone) (done bool) {
	exported := w.toFile(z)
	updated := w.toServer(ctx, z)
	if ctx.Err() != nil {
		return false
	}
	if exported && updated {
		w.failed = 0
		return true
	}
	w.failed++
	return false
}

func (w *worker) toFile(z Zone) bool {
	if z.File == "" {
		w.p.note(w, func(s *Status) { s.LastExport, s.ExportError = time.Time{}, "" })
		return true
	}
	written, err := Export(z.File, Text(z.Records))
	w.p.note(w, func(s *Status) {
		if s.ExportError = message(err); err == nil {
			s.LastExport = time.Now()
		}
	})
	if w.tell("zone file cannot be written, it is tried again", z, &w.export, err); written && err == nil {
		w.p.o.Logger.Info("zone file has other records", "zone", z.Name, "file", z.File, "records", len(z.Records))
	}
	return err == nil
}

// toServer sends what the server of the zone lacks or has too much, or takes everything
// from that of before where the zone has none any more.
func (w *worker) toServer(ctx context.Context, z Zone) bool {
	if w.ledger == nil {
		l, err := openLedger(w.p.o.Dir, z.Name)
		if w.ledger = l; err != nil {
			w.p.o.Logger.Error("which records were sent is not known any more: some may stay", "zone", z.Name, "error", err)
		}
	}
	server, wanted := z.Server, recordsOf(z.Records)
	if server == nil {
		if server, wanted = w.at, nil; server == nil {
			w.p.note(w, func(s *Status) { *s = Status{LastExport: s.LastExport, ExportError: s.ExportError} })
			return true
		}
	} else if w.at == nil || *w.at != *server {
		w.sent = nil
	}
	w.at = server
	add, remove := wanted.without(w.sent), w.ledger.ours.without(wanted)
	w.p.note(w, func(s *Status) { s.Pending = len(add) + len(remove) })
	if len(add)+len(remove) > 0 {
		err := w.send(ctx, z.Name, wanted, add, remove)
		if ctx.Err() != nil {
			return false
		}
		w.tell("records cannot be updated, it is tried again", z, &w.update, err)
		if err != nil && (z.Server != nil || w.failed+1 < patience) {
			return false
		}
		if err != nil {
			w.p.o.Logger.Warn("records stay at a server that is not configured any more", "zone", z.Name, "server", server.Address, "records", len(remove))
		}
	}
	if z.Server == nil {
		w.at, w.sent = nil, nil
	}
	return true
}

// send makes the server have the wanted records and keeps the ledger.
func (w *worker) send(ctx context.Context, zone string, wanted records, add, remove []dns.RR) error {
	err := w.ledger.set(w.ledger.ours.and(wanted))
	if err == nil {
		err = w.at.Update(ctx, zone, add, remove)
	}
	if err == nil {
		err = w.ledger.set(wanted)
	}
	w.sent = wanted
	if err != nil {
		w.sent = nil // some of it may have been done
	}
	now := time.Now()
	w.p.note(w, func(s *Status) {
		if s.LastAttempt, s.UpdateError = now, message(err); err == nil {
			s.LastUpdate, s.Pending = now, 0
		}
	})
	if err == nil {
		w.p.o.Logger.Info("records updated", "zone", zone, "server", w.at.Address, "added", len(add), "removed", len(remove))
	}
	return err
}

// tell logs an error once, and that it is over.
func (w *worker) tell(what string, z Zone, last *error, err error) {
	if message(*last) != message(err) && err != nil && !errors.Is(err, context.Canceled) {
		w.p.o.Logger.Warn(what, "zone", z.Name, "error", err)
	}
	*last = err
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
