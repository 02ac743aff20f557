package alto

import (
	"slices"
	"strconv"
	"time"
)

// Defaults of UpdateStreams where the field is zero.
const (
	DefaultMaxStreams    = 1000
	DefaultMaxSubstreams = 100
	DefaultMaxBehind     = 16
	DefaultKeepAlive     = 15 * time.Second
)

// UpdateStreams serves streams of updates to other resources (RFC 8895), with
// stream control and with patches where they are smaller.
type UpdateStreams struct {
	// Covers lists the resource IDs that a stream can be about, which the IRD lists
	// as uses; whatever one of them uses must be listed too.
	Covers []string
	// Patches has the formats of incremental changes by resource ID, of which the
	// smallest patch is sent: AllPatches where a resource is not in it.
	Patches map[string]PatchFormats
	// NoControl leaves out stream control: the control URI of a stream is null.
	NoControl bool
	// MaxStreams limits the streams open at a time; one more is answered 503.
	MaxStreams int
	// MaxSubstreams limits the substreams of one stream over its lifetime.
	MaxSubstreams int
	// MaxBehind is how many changes may wait for a client to read; a slower one
	// loses its stream.
	MaxBehind int
	// KeepAlive is the time without a message after which a comment is sent.
	KeepAlive time.Duration
}

func (UpdateStreams) kind() string       { return "updates" }
func (s UpdateStreams) refers() []string { return slices.Clone(s.Covers) }

func (s UpdateStreams) bind(l *linker, r *Resource) (*offer, error) {
	if len(s.Covers) == 0 {
		return nil, configError(r.ID, FieldCovers, "", "update stream service covers no resource")
	}
	if min(s.MaxStreams, s.MaxSubstreams, s.MaxBehind) < 0 || s.KeepAlive < 0 {
		return nil, configError(r.ID, FieldLimits, "", "a limit is negative")
	}
	covered, err := l.covered(r.ID, s.Covers, s.Patches, streamable)
	if err != nil {
		return nil, err
	}
	for _, id := range r.Uses {
		if !covered[id] {
			return nil, configError(r.ID, FieldUses, id, "used resource %q is not covered", id)
		}
	}
	o := &offer{media: MediaEventStream, content: &content{accepts: MediaUpdateParams, capabilities: s.appendCapabilities(nil), uses: s.Covers}}
	o.head = appendStrings(nil, s.Covers)
	o.answer = func(q *query) (*answer, *protocolError) {
		added, e := q.snapshot.readSubstreams(q.snapshot.byID.At(r.ID), q.params, q.client)
		if e == nil && len(added) == 0 {
			e = missingField("add")
		}
		if e != nil {
			return nil, e
		}
		return &answer{media: MediaEventStream, opens: added}, nil
	}
	return o.seal(), nil
}

// patches returns the formats of a resource that is covered.
func (s UpdateStreams) patches(id string) PatchFormats { return patchesOf(s.Patches, id) }

// updatable tells the services whose responses are JSON objects of their own.
func updatable(s Service) bool {
	switch s.(type) {
	case Directory, Delegation, UpdateStreams, TIPS, PathVectorCostMap, PathVectorEndpointCosts:
		return false
	}
	return true
}

// appendCapabilities appends the capabilities of RFC 8895 Section 6.3.
func (s UpdateStreams) appendCapabilities(b []byte) []byte {
	b = append(appendChangeTypes(append(b, '{'), s.Covers, s.Patches), `,"support-stream-control":`...)
	return append(strconv.AppendBool(b, !s.NoControl), '}')
}

// orDefault returns limit, or the default where it is zero.
func orDefault[T int | time.Duration](limit, other T) T {
	if limit == 0 {
		return other
	}
	return limit
}
