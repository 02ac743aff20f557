package tree

// Origin is where a value of the operational datastore comes from (RFC 8342 Section 5.3.4).
type Origin uint8

// The origins. OriginNone is a node that carries none of its own: it has that of
// its parent.
const (
	OriginNone Origin = iota
	OriginIntended
	OriginDynamic
	OriginSystem
	OriginLearned
	OriginDefault
	OriginUnknown
)

var originNames = [...]string{"", "intended", "dynamic", "system", "learned", "default", "unknown"}

// String is the name of the identity in ietf-origin, "" for OriginNone.
func (o Origin) String() string { return originNames[o] }

// ParseOrigin returns the origin of that name in ietf-origin.
func ParseOrigin(name string) (Origin, bool) {
	for i, n := range originNames {
		if n == name && i > 0 {
			return Origin(i), true
		}
	}
	return OriginNone, false
}

// meta is a node's metadata.
type meta struct {
	origin    Origin
	isDefault bool
}

// leafBodies are shared by all leafs with the same metadata.
var leafBodies = func() (b [len(originNames)][2]*body) {
	for o := range b {
		b[o][0] = &body{meta: meta{origin: Origin(o)}}
		b[o][1] = &body{meta: meta{origin: Origin(o), isDefault: true}}
	}
	b[0][0] = nil
	return b
}()

// Origin is n's own origin annotation.
func (n *Node) Origin() Origin {
	if n.body == nil {
		return OriginNone
	}
	return n.body.meta.origin
}

// IsDefault tells that n was marked as holding its schema default (RFC 6243 Section 6).
func (n *Node) IsDefault() bool { return n.body != nil && n.body.meta.isDefault }

// WithOrigin returns n with that origin annotation: n itself when it has it, else
// a shallow copy.
func (n *Node) WithOrigin(o Origin) *Node {
	m := meta{origin: o, isDefault: n.IsDefault()}
	return n.withMeta(m)
}

// WithDefault returns n with the default mark set or cleared, like WithOrigin.
func (n *Node) WithDefault(is bool) *Node {
	return n.withMeta(meta{origin: n.Origin(), isDefault: is})
}

func (n *Node) withMeta(m meta) *Node {
	if n.body == nil && m == (meta{}) || n.body != nil && n.body.meta == m {
		return n
	}
	if n.schema.IsLeafy() && (n.body == nil || n.body.key == "") {
		c := *n
		c.body = leafBodies[m.origin][b2i(m.isDefault)]
		return &c
	}
	c := n.shallow()
	c.body.meta = m
	return c
}

// shallow returns a copy of n with a body of its own that no Mut may write.
func (n *Node) shallow() *Node {
	c := *n
	b := body{}
	if n.body != nil {
		b = *n.body
	}
	b.owner = 0
	c.body = &b
	return &c
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
