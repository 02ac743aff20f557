package logging

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How many records with the same message are told at once, and in which time one more may
// be: who floods the server must not fill its log.
const (
	mostTold  = 100
	tellAgain = time.Second
)

// missed is the attribute of a record with how many of its message were left out before.
const missed = "missed"

// Sparing returns a handler in front of next for what clients can cause without end: of the
// records below Error with the same message it passes on 100 at once, and then one in a
// second, which has how many were left out since the last one. Messages must be constants.
func Sparing(next slog.Handler) slog.Handler {
	return &sparing{next, &allowances{of: map[string]*Allowance{}}}
}

type sparing struct {
	slog.Handler
	*allowances
}

// allowances are by message, and shared by all that WithAttrs and WithGroup return.
type allowances struct {
	mu sync.Mutex
	of map[string]*Allowance
}

// Handle implements slog.Handler.
func (s *sparing) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelError {
		n, ok := s.take(r.Message, r.Time)
		if !ok {
			return nil
		}
		if n > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Uint64(missed, n))
		}
	}
	return s.Handler.Handle(ctx, r)
}

// take is Take of the message's Allowance.
func (a *allowances) take(message string, now time.Time) (missed uint64, ok bool) {
	a.mu.Lock()
	x := a.of[message]
	if x == nil {
		x = &Allowance{Most: mostTold, Again: tellAgain}
		a.of[message] = x
	}
	a.mu.Unlock()
	return x.Take(now)
}

// WithAttrs implements slog.Handler.
func (s *sparing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sparing{s.Handler.WithAttrs(attrs), s.allowances}
}

// WithGroup implements slog.Handler.
func (s *sparing) WithGroup(name string) slog.Handler {
	return &sparing{s.Handler.WithGroup(name), s.allowances}
}
