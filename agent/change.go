package agent

import (
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// change is what a change of running means for the ALTO server.
type change struct {
	listen    bool // or a store of keys or certificates that it may refer to
	costTypes bool
	meta      bool
	monitor   bool
	process   bool                  // which one serves
	rules     bool                  // of altoam-access
	own       bool                  // of modules of our own, read where they are needed
	discovery bool                  // of the server or for clients
	stores    bool                  // of keys or certificates
	sources   map[string]*tree.Node // entries that are new or differ; nil: gone
	indirect  map[string]bool       // of sources: what they refer to is another, not they
	resources map[string]*tree.Node
	roles     map[string]*tree.Node
	clients   map[string]*tree.Node
}

// access tells whether other clients may hold other roles.
func (c *change) access() bool { return c.listen || c.rules || len(c.roles)+len(c.clients) > 0 }

func (c *change) empty() bool {
	return !c.access() && !c.costTypes && !c.meta && !c.monitor && !c.process && !c.own && !c.discovery && len(c.sources)+len(c.resources) == 0
}

// changeOf reads a Diff. Cost is that of the changes.
func (n nodes) changeOf(c datastore.Change) *change {
	out := &change{sources: map[string]*tree.Node{}, indirect: map[string]bool{}, resources: map[string]*tree.Node{}, roles: map[string]*tree.Node{}, clients: map[string]*tree.Node{}}
	if c.Diff.Empty() || n.server == nil {
		return out
	}
	each(c.Diff.Root, func(top *tree.Change) {
		switch top.Schema {
		case n.keystore, n.truststore:
			out.listen, out.stores = true, true
		case n.alarms:
			out.own = true
		case n.alto:
			each(top, func(in *tree.Change) {
				if in.Schema == n.server {
					each(in, out.note)
				}
				out.discovery = out.discovery || in.Schema.Name == "alto-client"
			})
		}
	})
	return out
}

// note takes a change of a child of alto-server.
func (c *change) note(x *tree.Change) {
	if x.Schema.Module.Name != altoModule {
		c.monitor = c.monitor || x.Schema.Module.Name == statsModule
		c.process = c.process || x.Schema.Module.Name == southboundModule
		c.rules = c.rules || rulesChanged(x)
		c.listen = c.listen || stacksChanged(x)
		c.own = c.own || x.Schema.Module.Name != statsModule
		return
	}
	switch x.Schema.Name {
	case "listen":
		c.listen = true
	case "auth-client":
		c.entry(c.clients, x)
	case "role":
		c.entry(c.roles, x)
	case "cost-type":
		c.costTypes = true
	case "meta":
		c.meta = true
	case "server-discovery":
		c.discovery = true
	case "logging-system":
		c.own = true // alarms name its targets
	case "data-source":
		c.entry(c.sources, x)
	case "resource":
		c.entry(c.resources, x)
	}
}

func (c *change) entry(to map[string]*tree.Node, x *tree.Change) {
	if x.New != nil {
		to[keyOf(x.New)] = x.New
		return
	}
	if key := keyOf(x.Old); to[key] == nil {
		to[key] = nil
	}
}

// each calls f for what changed among the children of a node: for all of them where
// the node is new or gone. f must not keep the change.
func each(c *tree.Change, f func(*tree.Change)) {
	switch c.Op {
	case tree.Inside:
		for _, child := range c.Children {
			f(child)
		}
	case tree.Create:
		whole := &tree.Change{Op: tree.Create}
		for child := range c.New.Children() {
			whole.Schema, whole.New = child.Schema(), child
			f(whole)
		}
	case tree.Delete:
		whole := &tree.Change{Op: tree.Delete}
		for child := range c.Old.Children() {
			whole.Schema, whole.Old = child.Schema(), child
			f(whole)
		}
	}
}
