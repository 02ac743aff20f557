package alto

import "net/netip"

// query is a request that has passed access control and negotiation.
type query struct {
	snapshot *Snapshot
	roles    []string
	params   parameters
	client   netip.Addr // of the connection
	hold     *hold      // nil where a response is made for others too, as an update
}

// answer is a successful response before it is written.
type answer struct {
	media   string
	head    []byte
	body    []byte       // follows head
	gzip    *lazyBytes   // keeps the compressed form; nil: compressed for this answer
	etag    string       // without quotes; "": not cacheable
	private bool         // differs from client to client
	kept    bool         // body is that of all
	opens   []addition   // begins an update stream instead of a body
	views   *viewRequest // likewise: opens a TIPS view
	polls   *poll        // likewise: waits for an update of one

	related *relatedParts // that body is; nil: it is one JSON object
}

func (a *answer) size() int { return len(a.head) + len(a.body) }

// whole answers a GET from the kept bytes.
func (n *served) whole() *answer {
	return &answer{media: n.media, head: n.head, body: n.full.encoded(), gzip: &n.gzip, kept: true, etag: n.version.String(), private: len(n.Roles) > 0}
}
