package agent

import (
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const (
	altoModule  = "ietf-alto"
	statsModule = "ietf-alto-stats"
	serverPath  = "/ietf-alto:alto/alto-server"
)

// nodes are the schema nodes that the agent looks for by name; nil where the schema
// does not have them, because a feature is off for instance.
type nodes struct {
	alto, server, keystore, truststore, alarms *yang.Node
}

func nodesOf(s *yang.Schema) nodes {
	return nodes{
		alto: s.Find("/ietf-alto:alto"), server: s.Find(serverPath),
		keystore: s.Find("/ietf-keystore:keystore"), truststore: s.Find("/ietf-truststore:truststore"),
		alarms: s.Find("/" + alarmsModule + ":alarms"),
	}
}

// child returns the schema node of that name below alto-server.
func (n nodes) child(name string) *yang.Node {
	if n.server == nil {
		return nil
	}
	return n.server.Child(altoModule, name)
}

// serverIn returns the container alto-server of a tree, or nil.
func (n nodes) serverIn(t *tree.Tree) *tree.Node {
	if n.server == nil {
		return nil
	}
	c := t.Root().Child(n.alto)
	if c == nil {
		return nil
	}
	return c.Child(n.server)
}

// below follows names of single nodes in n's own module, or in that before a colon.
func below(n *tree.Node, names ...string) *tree.Node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		module, local, other := strings.Cut(name, ":")
		if !other {
			module, local = n.Schema().Module.Name, name
		}
		s := n.Schema().Child(module, local)
		if s == nil {
			return nil
		}
		n = n.Child(s)
	}
	return n
}

// texts returns the values of a leaf-list in n's own module.
func texts(n *tree.Node, leafList string) []string {
	s := n.Schema().Child(n.Schema().Module.Name, leafList)
	if s == nil {
		return nil
	}
	size := n.Len(s)
	if size == 0 {
		return nil
	}
	list := make([]string, 0, size)
	for e := range n.Entries(s) {
		list = append(list, e.Value().String())
	}
	return list
}

// keyOf is the only key of a list entry.
func keyOf(entry *tree.Node) string { return entry.KeyValues()[0].String() }

// pathTo is the path of an entry of a list below alto-server.
func pathTo(list, key, value string) string {
	return serverPath + "/" + driver.Entry(list, key, value)
}

func resourcePath(id string) string { return pathTo("resource", "resource-id", id) }

func sourcePath(id string) string { return pathTo("data-source", "source-id", id) }
