package alto

import (
	"net/netip"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// viewRequest is a TIPSReq (RFC 9569 Section 6.1): which view a client wants, and which
// version it has.
type viewRequest struct {
	*substream
	tag string // "": it has none
}

// viewKey tells views of a service apart: clients that want the same share one.
type viewKey struct {
	service, resource, input string
	client                   netip.Addr // where the response depends on it
}

// readView reads a request to the TIPS n. Whether the resource accepts the input is left to
// the view.
func (s *Snapshot) readView(n *served, p parameters, client netip.Addr) (*viewRequest, *protocolError) {
	id, tag, e := readTIPSRequest(p)
	if e != nil {
		return nil, e
	}
	if !slices.Contains(n.Service.(TIPS).Covers, id) {
		return nil, invalidValue("resource-id", id)
	}
	sub := &substream{resource: id, accepts: s.byID.At(id).accepts, client: client}
	if sub.accepts == "" {
		return &viewRequest{sub, tag}, nil
	}
	if v, ok := p.members["input"]; ok {
		p.members["input"] = v.Clone() // which stays, without the rest of the body
	}
	if sub.input, _, e = p.object("input"); e != nil {
		return nil, e
	}
	sub.input.path = "" // errors are those of the resource itself
	text := p.members["input"].Clone()
	if err := text.Canonicalize(jsontext.CanonicalizeRawInts(false)); err == nil {
		sub.inputText = string(text)
	} else {
		sub.inputText = string(p.members["input"])
	}
	return &viewRequest{substream: sub}, nil
}

// readTIPSRequest reads the members that a request to open a view and one for the next
// edge have in common.
func readTIPSRequest(p parameters) (id, tag string, e *protocolError) {
	if id, e = p.text("resource-id"); e == nil && p.has("tag") {
		tag, e = p.text("tag")
	}
	return id, tag, e
}

// keyOf returns the key of the view that r wants of a service.
func (r *viewRequest) keyOf(service string) viewKey {
	k := viewKey{service: service, resource: r.resource, input: r.inputText}
	if r.accepts == MediaEndpointCostParams {
		k.client = r.client // endpoints that are not given stand for the client
	}
	return k
}

// readNextEdge reads a request for the next edge of a view of resource (RFC 9569 Section
// 7.4.1).
func readNextEdge(resource string, p parameters) (tag string, e *protocolError) {
	id, tag, e := readTIPSRequest(p)
	switch {
	case e != nil:
		return "", e
	case id != resource:
		return "", invalidValue("resource-id", id)
	case p.has("input"):
		return "", invalidValue("input", textOf(p.members["input"]))
	}
	return tag, nil
}
