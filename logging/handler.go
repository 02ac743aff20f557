package logging

import (
	"context"
	"log/slog"
	"slices"
)

// Handler is an slog.Handler that makes events of what is logged, besides giving it to
// another one.
type Handler struct {
	next   slog.Handler
	router *Router
	params []Param
	group  string // with a dot at its end, or ""
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler returns a handler in front of next.
func NewHandler(next slog.Handler, r *Router) *Handler { return &Handler{next: next, router: r} }

func severityOf(l slog.Level) Severity {
	switch {
	case l >= slog.LevelError:
		return Error
	case l >= slog.LevelWarn:
		return Warning
	case l >= slog.LevelInfo:
		return Informational
	}
	return Debug
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.router.Wants(Event, severityOf(l)) || h.next.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if v := severityOf(r.Level); h.router.Wants(Event, v) {
		params := slices.Clone(h.params)
		r.Attrs(func(a slog.Attr) bool {
			params = appendAttr(params, h.group, a)
			return true
		})
		h.router.Log(&Record{Time: r.Time, Kind: Event, Severity: v, Message: r.Message, Params: params})
	}
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.next, with.params = h.next.WithAttrs(attrs), slices.Clone(h.params)
	for _, a := range attrs {
		with.params = appendAttr(with.params, h.group, a)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	with := *h
	with.next, with.group = h.next.WithGroup(name), h.group+name+"."
	return &with
}

// appendAttr appends the values of an attribute, those of a group one by one.
func appendAttr(params []Param, group string, a slog.Attr) []Param {
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup {
		if a.Key == "" {
			return params
		}
		return append(params, Param{group + a.Key, v.String()})
	}
	if a.Key != "" {
		group += a.Key + "."
	}
	for _, each := range v.Group() {
		params = appendAttr(params, group, each)
	}
	return params
}
