package alto

import (
	"crypto/sha256"
	"hash"
	"slices"
	"sync"
)

// Resource is one entry of an IRD: a service at a URI (RFC 7285 Section 9.1). It
// must not be modified once NewSnapshot has seen it; give the same pointer again
// for what did not change and its cost is next to nothing.
type Resource struct {
	ID string
	// Path is relative to the base URI and not percent-encoded; "" stands for the
	// service's kind, a slash and the ID, which no edit of the resource changes.
	Path string
	// Account names the statistics the requests count towards; "" stands for ID.
	// A map and its filtered variant are two resources with one account.
	Account string
	// Roles lists who may use the resource; empty: any client.
	Roles []string
	// Uses lists resource IDs in addition to those the service itself implies.
	Uses []string
	// Directory is the ID of the Directory resource that lists this one; "": the
	// root IRD.
	Directory string
	// Via is the value of [HeaderPath] in each answer; "": none.
	Via     string
	Service Service
}

// needs lists the resource IDs that r refers to or uses; the caller must not modify it.
func (r *Resource) needs() []string {
	refers := r.Service.refers()
	if len(refers) == 0 {
		return r.Uses
	}
	return append(slices.Clip(refers), r.Uses...)
}

func (r *Resource) account() string {
	if r.Account != "" {
		return r.Account
	}
	return r.ID
}

// Service is what a resource offers; the types below are all there are.
type Service interface {
	// kind is the default first segment of the path.
	kind() string
	// bind links the service to the other resources and checks it; the error is
	// a *ConfigError.
	bind(*linker, *Resource) (*offer, error)
	// refers lists the resource IDs that bind looks at.
	refers() []string
}

var (
	_ Service = FullNetworkMap{}
	_ Service = FilteredNetworkMap{}
	_ Service = FullCostMap{}
	_ Service = FilteredCostMap{}
	_ Service = EndpointProperties{}
	_ Service = EndpointCosts{}
	_ Service = PathVectorCostMap{}
	_ Service = PathVectorEndpointCosts{}
	_ Service = FullPropertyMap{}
	_ Service = FilteredPropertyMap{}
	_ Service = FullCDNIAdvertisement{}
	_ Service = FilteredCDNIAdvertisement{}
	_ Service = UpdateStreams{}
	_ Service = TIPS{}
	_ Service = Directory{}
	_ Service = Delegation{}
)

// offer is a bound service: how the IRD describes it and how it answers. It is
// immutable and kept from snapshot to snapshot while its content is the same.
type offer struct {
	media   string
	uri     string  // elsewhere; "": at the resource's path
	version version // changes with whatever a response depends on
	*content
}

// content is what an offer answers and what with; one elsewhere has none of it.
type content struct {
	accepts      string   // media type of the parameters; "": answers GET
	capabilities []byte   // JSON object; nil: none
	uses         []string // implied by the service

	tag  string    // of the full response, which it identifies; "": none does
	head []byte    // of the full response, up to the data member
	full data      // with the data member and closing brace of it; nil: none is given
	gzip lazyBytes // head and full

	digested sync.Once
	sum      Digest // of head and full

	answer func(*query) (*answer, *protocolError) // POST; directories: GET

	count uint64 // PIDs of a network map, entries of properties, objects of an advertisement
	held  []data
}

// digest is that of the full response, which must be.
func (c *content) digest() Digest {
	c.digested.Do(func() {
		h := sha256.New()
		h.Write(c.head)
		c.full.hashEncoded(h)
		h.Sum(c.sum[:0])
	})
	return c.sum
}

// nothing is the content of what is elsewhere.
var nothing = new(content)

// data is one piece of data behind a resource.
type data interface {
	Tag() string
	kind() string // what may have the tag of something of another kind
	memory() uint64
	encoded() []byte
	encodedSize() uint64 // the length of encoded, without keeping it
	hashEncoded(hash.Hash)
}

var (
	_ data = (*NetworkMap)(nil)
	_ data = (*CostMatrix)(nil)
	_ data = (*PathMatrix)(nil)
	_ data = (*PropertyMap)(nil)
	_ data = (*CDNIAdvertisement)(nil)
)

func (*NetworkMap) kind() string        { return "n" }
func (*CostMatrix) kind() string        { return "c" }
func (*PropertyMap) kind() string       { return "p" }
func (*CDNIAdvertisement) kind() string { return "a" }

// seal computes the version from the head and the data.
func (o *offer) seal() *offer {
	parts := [][]byte{[]byte(o.media), o.head}
	for _, d := range o.held {
		parts = append(parts, []byte(d.kind()+d.Tag()), []byte{0})
	}
	o.version = versionOf(parts...)
	return o
}

// interchangeable reports whether p answers and describes itself like o.
func (o *offer) interchangeable(p *offer) bool {
	return o.version == p.version && o.media == p.media && o.accepts == p.accepts &&
		o.uri == p.uri && string(o.capabilities) == string(p.capabilities)
}
