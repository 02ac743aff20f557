package agent

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

const (
	remoteModule  = "altoam-source-remote"
	loopGuardPath = serverPath + "/" + remoteModule + ":loop-guard"
)

// loopGuard is how this server is named in paths, and how long these may be.
type loopGuard struct {
	server  string
	maxHops int
}

// newServerID makes up the identifier of a server.
func newServerID() string { return "altoam-" + strings.ToLower(rand.Text()[:16]) }

// readLoopGuard reads the container loop-guard of a server, which may be nil.
func (a *Agent) readLoopGuard(server *tree.Node) loopGuard {
	g := loopGuard{a.serverID, int(a.number(server, loopGuardPath+"/max-hops"))}
	if id := a.setting(server, loopGuardPath+"/server-id").String(); id != "" {
		g.server = id
	}
	return g
}

// configureRemote makes sources that read from other hosts be opened anew where how they
// do so has changed.
func (c *computation) configureRemote(of *change, root certs.Place) {
	before := c.next.guard
	c.next.guard = c.agent.readLoopGuard(c.next.server)
	named := before.server != c.next.guard.server
	if named {
		for id := range c.prev.resources.All() {
			c.renamed = append(c.renamed, id)
		}
	}
	guarded := named || before.maxHops != c.next.guard.maxHops
	if !guarded && !of.stores {
		return
	}
	c.agent.entries(c.next.server, "data-source", func(e *tree.Node) {
		_, changed := of.sources[keyOf(e)]
		if !changed && isRemote(e) && (guarded || tlsAt(root, keyOf(e), e).Exists()) {
			of.sources[keyOf(e)], of.indirect[keyOf(e)] = e, true
		}
	})
}

// isRemote tells whether a source reads from other hosts.
func isRemote(entry *tree.Node) bool {
	t := driver.SourceTypeOf(entry.Leaf("source-type").Identity().String())
	return t != nil && t.Remote
}

// tlsAt is the container tls of a source that reads from other hosts; it may not exist.
func tlsAt(root certs.Place, id string, entry *tree.Node) certs.Place {
	return paramsAt(root, id, entry).Below("tls")
}

// paramsAt is the container with the parameters of a source; it may not exist.
func paramsAt(root certs.Place, id string, entry *tree.Node) certs.Place {
	source := root.Below("ietf-alto:alto", "alto-server").Entry("data-source", id)
	return source.Below("source-params", entry.Leaf("source-type").Identity().String())
}

// network returns what a source needs that reads from other hosts. The error is an
// *rpcerr.Error.
func (a *Agent) network(w *world, t *tree.Tree, id string, entry *tree.Node) (n *driver.Network, err error) {
	n = &driver.Network{
		Server: w.guard.server, MaxHops: w.guard.maxHops,
		Discover: func(client string) []string { return a.guide.found(a.world.Load(), client) },
	}
	n.TLS, err = clientTLS(tlsAt(certs.Root(t), id, entry), a.storesOf(t))
	if err == nil {
		n.Authorization, err = a.authorization(paramsAt(certs.Root(t), id, entry))
	}
	return n, err
}

// clientTLS reads the container tls of the grouping access of altoam-source-remote, which
// may not exist: then nil.
func clientTLS(at certs.Place, s *certs.Stores) (*tls.Config, error) {
	if !at.Exists() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: at.Leaf("server-name").String()}
	if from := at.Below("ca-certs"); from.Exists() {
		trusted, err := s.Certificates(from)
		if err == nil && len(trusted) == 0 {
			err = from.Refuse(rpcerr.DataMissing, "there is no certificate that the server's could come from")
		}
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		for _, x := range trusted {
			c.RootCAs.AddCert(x)
		}
	}
	if identity := at.Below("client-identity"); identity.Exists() {
		certificate, err := s.ServerCertificate(identity)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{certificate}
	}
	return c, nil
}

// via returns what the answers of a resource tell of the servers that its data came
// through, this one first; "" where it has no data. Cost is that of what it is made from.
func (c *computation) via(r *resource) string {
	if r.algorithm == nil {
		return ""
	}
	path := []string{c.next.guard.server}
	seen := map[string]bool{path[0]: true}
	add := func(ids []string) {
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				path = append(path, id)
			}
		}
	}
	for _, id := range r.plan.needs.Sources {
		if data := c.next.data.At(id); data != nil {
			add(data.Path)
		}
	}
	for _, id := range r.plan.needs.Resources {
		if other := c.resources.At(id); other != nil && other.via != "" {
			add(strings.Split(other.via, ", "))
		}
	}
	return strings.Join(path, ", ")
}
