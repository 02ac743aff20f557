package alto

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
)

// substream is one resource, with parameters where it takes some, that a client
// wants updates of (RFC 8895 Section 6.5). It is immutable.
type substream struct {
	id        string
	resource  string
	accepts   string // media type of the parameters; "": none
	input     parameters
	inputText string
	formats   PatchFormats // that the client takes
	client    netip.Addr
}

// addition is a substream to begin with, and the response to begin with.
type addition struct {
	*substream
	initial *update // nil: the client has it
}

// readSubstreams reads the "add" member of a request to the update stream service n
// (RFC 8895 Sections 6.5 and 6.6), in the order of updates. Parameters of resources
// are tried out.
func (s *Snapshot) readSubstreams(n *served, p parameters, client netip.Addr) ([]addition, *protocolError) {
	adds, _, e := p.object("add")
	if e != nil {
		return nil, e
	}
	service := n.Service.(UpdateStreams)
	if len(adds.members) > orDefault(service.MaxSubstreams, DefaultMaxSubstreams) {
		return nil, &protocolError{status: http.StatusServiceUnavailable}
	}
	var list []addition
	for _, id := range slices.Sorted(maps.Keys(adds.members)) {
		if CheckResourceID(id) != nil {
			return nil, invalidValue("add", id)
		}
		request, _, e := adds.object(id)
		if e != nil {
			return nil, e
		}
		a, e := s.readSubstream(id, service, request, client)
		if e != nil {
			return nil, e
		}
		list = append(list, a)
	}
	ranks := make(ranks)
	slices.SortStableFunc(list, func(a, b addition) int {
		return cmp.Compare(ranks.of(s, a.resource), ranks.of(s, b.resource))
	})
	return list, nil
}

// readSubstream reads an AddUpdateReq.
func (s *Snapshot) readSubstream(id string, service UpdateStreams, p parameters, client netip.Addr) (addition, *protocolError) {
	a := addition{substream: &substream{id: id, client: client}}
	var e *protocolError
	if a.resource, e = p.text("resource-id"); e != nil {
		return a, e
	}
	if !slices.Contains(service.Covers, a.resource) {
		return a, invalidValue(p.path+"resource-id", a.resource)
	}
	a.formats = service.patches(a.resource)
	if v, ok := p.members["incremental-changes"]; ok {
		if v.Kind() != 't' && v.Kind() != 'f' {
			return a, invalidType(p.path + "incremental-changes")
		}
		if v.Kind() == 'f' {
			a.formats = 0
		}
	}
	tag := ""
	if p.has("tag") {
		if tag, e = p.text("tag"); e != nil {
			return a, e
		}
	}
	n := s.byID.At(a.resource)
	if multipartService(n.Service) && len(id)+1+len(partCostMap) > maxName {
		return a, invalidValue("add", id) // no room for a Part Resource ID (RFC 9275 Section 6.6)
	}
	a.accepts = n.accepts
	if a.accepts == "" {
		if tag == "" || tag != n.tag {
			a.initial = newUpdate(view{}, view{s, a.substream}, 0)
		}
		return a, nil
	}
	if a.input, _, e = p.object("input"); e != nil {
		return a, e
	}
	a.input.path = "" // errors are those of the resource itself
	a.inputText = string(p.members["input"])
	a.initial = newUpdate(view{}, view{s, a.substream}, 0)
	a.initial.make()
	return a, a.initial.failure
}

// ranks orders resources: whatever one uses has a lower rank (RFC 8895 Section
// 6.7.1). It holds those of one snapshot.
type ranks map[string]int

func (r ranks) of(s *Snapshot, id string) int {
	if rank, ok := r[id]; ok {
		return rank
	}
	rank, n := 0, s.byID.At(id)
	if n == nil {
		return 0
	}
	for _, used := range append(n.Service.refers(), n.Uses...) {
		rank = max(rank, 1+r.of(s, used))
	}
	r[id] = rank
	return rank
}
