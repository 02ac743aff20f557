package weakness

import (
	"net"
	"net/netip"
	"slices"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/tree"
)

// subject is a Subject with the nodes that rules ask for by name, wherever they stand.
type subject struct {
	Subject
	places map[string][]certs.Place
}

// looked are those names.
var looked = []string{
	"local-bind", "tls-versions", "cipher-suite", "cert-data", "users", "hashed-password", "password",
	"uri", "ird-uri", "path", "key-file", "host-key-alg", "key-exchange-alg", "encryption-alg", "mac-alg",
}

func newSubject(s Subject) *subject {
	x := &subject{Subject: s, places: map[string][]certs.Place{}}
	if s.Config != nil {
		x.walk(s.Config.Root(), nil)
	}
	return x
}

// walk notes the nodes below n, which is at path.
func (s *subject) walk(n *tree.Node, path tree.Path) {
	for c := range n.Children() {
		at := append(path, tree.StepTo(c))
		if name := c.Schema().Name; slices.Contains(looked, name) {
			s.places[name] = append(s.places[name], certs.Place{Node: c, Path: at.Clone()})
		}
		s.walk(c, at)
	}
}

// each calls f for all nodes of the names.
func (s *subject) each(f func(certs.Place), names ...string) {
	for _, name := range names {
		if !slices.Contains(looked, name) {
			panic("weakness: " + name + " is not looked for")
		}
		for _, p := range s.places[name] {
			f(p)
		}
	}
}

// root is the top-level node "module:name".
func (s *subject) root(name string) certs.Place {
	if s.Config == nil {
		return certs.Place{}
	}
	return certs.Root(s.Config).Below(name)
}

// above is the place so many steps up.
func (s *subject) above(p certs.Place, steps int) certs.Place {
	path := p.Path[:len(p.Path)-steps]
	return certs.Place{Node: s.Config.Find(path), Path: path}
}

// within tells whether p stands somewhere below a node of the name.
func within(p certs.Place, name string) bool {
	return slices.ContainsFunc(p.Path, func(s tree.Step) bool { return s.Schema.Name == name })
}

// text is the value of a leaf or leaf-list entry.
func text(p certs.Place) string { return p.Node.Value().String() }

// Beyond tells whether an address, with or without a port, is reached from other hosts. A
// name other than localhost is taken to be; "" is no address.
func Beyond(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.Unmap().IsLoopback()
	}
	return addr != "" && host != "localhost" // "" before a port is all addresses
}

// everywhere tells whether an address with a port stands for all of the host.
func everywhere(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	ip, err := netip.ParseAddr(host)
	return addr != "" && (host == "" || err == nil && ip.IsUnspecified())
}

// bind is an address that a configured server listens on.
type bind struct {
	certs.Place
	server string // its container: "alto", "netconf-server", "restconf-server"
	stack  certs.Place
	addr   string
}

// binds calls f for each of them.
func (s *subject) binds(f func(bind)) {
	s.each(func(p certs.Place) {
		f(bind{p, p.Path[0].Schema.Name, s.above(p, 2), p.Leaf("local-address").String()})
	}, "local-bind")
}

// is tells what carries the server: "http", "https", "ssh" or "tls".
func (b bind) is(stack string) bool { return b.stack.Node.Schema().Name == stack }

// holds tells whether a leaf-list below p has the value.
func holds(p certs.Place, list, value string) bool {
	return slices.ContainsFunc(p.Entries(list), func(e certs.Place) bool { return text(e) == value })
}
