package alto

import (
	"slices"
	"time"
)

// Defaults of TIPS where the field is zero.
const (
	DefaultRetention   = 32
	DefaultMaxViews    = 1000
	DefaultMaxWaiting  = 10_000
	DefaultMaxMemory   = 256 << 20
	DefaultIdleTimeout = 5 * time.Minute
	DefaultPollTimeout = 5 * time.Minute
	DefaultPollAhead   = 1
)

// TIPS is a transport information publication service (RFC 9569): clients pull the
// versions of other resources and the updates between them, each of which has a URI.
type TIPS struct {
	// Covers lists the resource IDs that there can be views of, which the IRD lists as
	// uses.
	Covers []string
	// Patches has the formats of updates by resource ID, of which the smallest is served:
	// AllPatches where a resource is not in it.
	Patches map[string]PatchFormats
	// Retention is how many updates of a resource are kept at least, unless they are larger
	// than the resource together, and than 64 KiB.
	Retention int
	// MaxViews limits the views at a time; one more is answered 429.
	MaxViews int
	// MaxMemory is how many bytes the views may hold when another one is opened; it is
	// answered 429 beyond.
	MaxMemory int64
	// IdleTimeout is how long a view stays that nobody asks for.
	IdleTimeout time.Duration
	// MaxWaiting limits the requests that wait for updates to come; one more is answered
	// 429.
	MaxWaiting int
	// PollTimeout is how long a request waits, before it is answered 425.
	PollTimeout time.Duration
	// PollAhead is how many updates to come can be asked for at a time.
	PollAhead int
}

func (TIPS) kind() string       { return "tips" }
func (s TIPS) refers() []string { return slices.Clone(s.Covers) }

func (s TIPS) bind(l *linker, r *Resource) (*offer, error) {
	if len(s.Covers) == 0 {
		return nil, configError(r.ID, FieldCovers, "", "TIPS covers no resource")
	}
	if min(s.Retention, s.MaxViews, s.MaxWaiting, s.PollAhead) < 0 || s.MaxMemory < 0 || min(s.IdleTimeout, s.PollTimeout) < 0 {
		return nil, configError(r.ID, FieldLimits, "", "a limit is negative")
	}
	if _, err := l.covered(r.ID, s.Covers, s.Patches, updatable); err != nil {
		return nil, err
	}
	o := &offer{media: MediaTIPS, content: &content{accepts: MediaTIPSParams, capabilities: s.appendCapabilities(nil), uses: s.Covers}}
	o.head = appendStrings(nil, s.Covers)
	o.answer = func(q *query) (*answer, *protocolError) {
		wanted, e := q.snapshot.readView(q.snapshot.byID.At(r.ID), q.params, q.client)
		if e != nil {
			return nil, e
		}
		return &answer{media: MediaTIPS, views: wanted}, nil
	}
	return o.seal(), nil
}

// appendCapabilities appends the capabilities of RFC 9569 Section 5.2.
func (s TIPS) appendCapabilities(b []byte) []byte {
	return append(appendChangeTypes(append(b, '{'), s.Covers, s.Patches), '}')
}

// withDefaults returns the service with the limits that it has.
func (s TIPS) withDefaults() TIPS {
	s.Retention = orDefault(s.Retention, DefaultRetention)
	s.MaxViews = orDefault(s.MaxViews, DefaultMaxViews)
	s.MaxWaiting = orDefault(s.MaxWaiting, DefaultMaxWaiting)
	s.IdleTimeout = orDefault(s.IdleTimeout, DefaultIdleTimeout)
	s.PollTimeout = orDefault(s.PollTimeout, DefaultPollTimeout)
	s.PollAhead = orDefault(s.PollAhead, DefaultPollAhead)
	if s.MaxMemory == 0 {
		s.MaxMemory = DefaultMaxMemory
	}
	return s
}
