package logging

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Share is what a router wants of another one, in a process that requests come to.
type Share struct {
	Access uint8      // severities of records of requests that some target wants, as a bit set
	Keep   Truncation // of addresses in them
}

// Share returns what targets want of requests at this moment.
func (r *Router) Share() Share {
	s := r.setup.Load()
	return Share{s.wanted[Access], s.keep}
}

// forwardQueue is how many records wait while nobody takes them.
const forwardQueue = 16384

// Forwarding gives records of requests to another process, whose router they are for. Its
// methods are not safe for concurrent use.
type Forwarding struct {
	router *Router
	to     *forward
	target *Target // nil while nothing is wanted
	share  Share
}

// NewForwarding returns a forwarding of the records of r by to, which is called from one
// goroutine, waits until someone takes them, at most until ctx ends, and tells whether
// someone has. ParseForwarded reads what it is given.
func NewForwarding(r *Router, to func(ctx context.Context, records []byte) error) *Forwarding {
	return &Forwarding{router: r, to: &forward{to}}
}

// Use forwards what the share of the other router says.
func (f *Forwarding) Use(s Share) {
	if f.target == nil || s.Access != f.share.Access {
		f.target = nil
		if s.Access != 0 {
			selection := Selection{Kinds: 1 << Access}
			selection.Severities[Access.facility()] = s.Access
			f.target = NewTarget(Settings{Name: "forward", Selection: selection, Destination: f.to, Queue: forwardQueue}, slog.New(slog.DiscardHandler))
		}
	}
	f.share = s
	var targets []*Target
	if f.target != nil {
		targets = append(targets, f.target)
	}
	f.router.Use(targets, s.Keep)
}

// forward is the destination of a Forwarding: records as JSON, one on a line.
type forward struct {
	to func(ctx context.Context, records []byte) error
}

func (*forward) append(dst []byte, _ *Header, r *Record) []byte {
	text, err := json.Marshal(r, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err) // a record is made of strings and numbers
	}
	return append(append(dst, text...), '\n')
}

func (f *forward) open(ctx context.Context) (outlet, error) { return forwarded{f, ctx}, nil }

// forwarded is a forward that is open.
type forwarded struct {
	*forward
	ctx context.Context
}

func (f forwarded) write(buf []byte, ends []int) (count int, err error) {
	if err := f.to(f.ctx, buf); err != nil {
		return 0, err
	}
	return len(ends), nil
}

func (forwarded) close() {}

// ParseForwarded reads records that a Forwarding has given away.
func ParseForwarded(text []byte) ([]*Record, error) {
	var list []*Record
	for line := range bytes.Lines(text) {
		r := new(Record)
		if err := json.Unmarshal(line, r, json.RejectUnknownMembers(true)); err != nil {
			return nil, fmt.Errorf("a record that cannot be read: %w", err)
		}
		if r.Kind >= kinds || r.Severity > Debug {
			return nil, fmt.Errorf("a record of kind %d and severity %d is none", r.Kind, r.Severity)
		}
		list = append(list, r)
	}
	return list, nil
}

// Receive logs records that come from another process. Addresses in them are truncated
// here too, since they may have been made before the share that is in force.
func (r *Router) Receive(list []*Record) {
	keep := r.Truncation()
	for _, rec := range list {
		for i, p := range rec.Params {
			if p.Name == addressParam {
				if addr, err := netip.ParseAddr(p.Value); err == nil {
					rec.Params[i].Value = keep.Address(addr).String()
				}
			}
		}
		r.Log(rec)
	}
}
