package alto

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
	Service   Service
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
	_ Service = FullPropertyMap{}
	_ Service = FilteredPropertyMap{}
	_ Service = FullCDNIAdvertisement{}
	_ Service = FilteredCDNIAdvertisement{}
	_ Service = UpdateStreams{}
	_ Service = Directory{}
	_ Service = Delegation{}
)

// offer is a bound service: how the IRD describes it and how it answers. It is
// immutable and kept from snapshot to snapshot while its content is the same.
type offer struct {
	media        string
	accepts      string   // media type of the parameters; "": answers GET
	capabilities []byte   // JSON object; nil: none
	uses         []string // implied by the service
	uri          string   // elsewhere; "": at the resource's path
	version      string   // changes with whatever a response depends on
	tag          string   // of the full response, which it identifies; "": none does

	head []byte        // of the full response, up to the data member
	body func() []byte // data member and closing brace
	gzip lazyBytes     // head and body

	answer func(*query) (*answer, *protocolError) // POST; directories: GET

	pids, entries, objects uint64
	held                   []held
}

// held is one piece of data behind a resource, for its statistics.
type held struct {
	tag    string
	memory func() uint64
	size   func() uint64 // of the JSON encoding
}

func holdNetworkMap(m *NetworkMap) held {
	return held{"n" + m.tag, m.memory, func() uint64 { return uint64(len(m.encoded())) }}
}

func holdCosts(m *CostMatrix) held {
	return held{"c" + m.tag, m.memory, func() uint64 { return uint64(len(m.encoded())) }}
}

func holdProperties(m *PropertyMap) held {
	return held{"p" + m.tag, m.memory, func() uint64 { return uint64(len(m.encoded())) }}
}

func holdAdvertisement(a *CDNIAdvertisement) held {
	return held{"a" + a.tag, a.memory, func() uint64 { return uint64(len(a.encoded())) }}
}

// seal computes the version from the head and the data.
func (o *offer) seal() *offer {
	parts := [][]byte{[]byte(o.media), o.head}
	for _, h := range o.held {
		parts = append(parts, []byte(h.tag), []byte{0})
	}
	o.version = tagOfBytes(parts...)
	return o
}

// interchangeable reports whether p answers and describes itself like o.
func (o *offer) interchangeable(p *offer) bool {
	return o.version == p.version && o.media == p.media && o.accepts == p.accepts &&
		o.uri == p.uri && string(o.capabilities) == string(p.capabilities)
}
