package logins

import (
	"context"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
)

// How many locks are told of at once, and in which time one more may be: who floods the
// server with failures must not flood its log and events.
const (
	mostTold  = 20
	tellAgain = 3 * time.Second
)

// announce tells of a lock.
func (l *Lockout) announce(service string, c *count) {
	missed, ok := l.told.Take(l.now())
	if !ok {
		return
	}
	l.log.Warn("logins locked", "service", service, "user", c.user, "source", sourceText(c.source), "failures", c.failures, "until", c.until, "missed", missed)
	l.publish("locked", func(w *datastore.Writer) {
		whom(w, service, c.key).Set("failures", c.failures).Set("until", dateAndTime(c.until)).Set("missed", missed)
	})
}

// whom writes the grouping of that name.
func whom(w *datastore.Writer, service string, k key) *datastore.Writer {
	if service != "" {
		w.Set("service", service)
	}
	if k.user != "" {
		w.Set("user", k.user)
	}
	if source := sourceText(k.source); source != "" {
		w.Set("source", source)
	}
	return w
}

// publish makes an event of a notification, where the schema has it.
func (l *Lockout) publish(name string, fill func(*datastore.Writer)) {
	if l.store == nil {
		return
	}
	m := tree.New(l.store.Schema().Find("/" + module + ":" + name)).Mutate()
	w := datastore.NewWriter(m)
	fill(w)
	err := w.Err()
	if err == nil {
		err = l.store.Publish(context.Background(), notify.Event{Tree: m.Done()})
	}
	if err != nil {
		l.log.Error("event not published", "event", name, "error", err)
	}
}
