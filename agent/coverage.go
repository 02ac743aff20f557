package agent

import (
	"path"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// Covered tells what becomes of a node of the ALTO configuration. Nothing is empty where
// the node is handled.
type Covered struct {
	Node      string // data path; schema path of what a deviation takes away
	Effect    string
	Test      string // that shows it: PACKAGE.TEST, or a path in the repository
	Deviation string // why it is not supported, "none" where it is
}

// effect is what the nodes at a path below alto-server do. Braces hold alternatives.
type effect struct{ path, does, test string }

// Coverage lists the leafs, leaf-lists and presence containers that can be configured below
// /ietf-alto:alto and that this project or the ALTO modules define, in schema order, and
// then what a deviation takes away there. Modules that were loaded at start are left out:
// their nodes are their driver's.
func Coverage(s *yang.Schema) (list []Covered) {
	known := make(map[string]effect)
	for _, e := range effectsOfNodes {
		for _, each := range alternatives(e.path) {
			known[each] = e
		}
	}
	for _, n := range s.Nodes {
		if !n.Config || !(n.IsLeafy() || n.Presence) || !strings.HasPrefix(n.Path(), altoPath+"/") {
			continue
		}
		c := Covered{Node: n.Path(), Deviation: "none"}
		switch module := augmentOf(n); {
		case module == "":
			if e, ok := known[strings.TrimPrefix(strings.TrimPrefix(c.Node, altoPath+"/"), "alto-server/")]; ok {
				c.Effect, c.Test = e.does, e.test
			}
		case strings.HasPrefix(module, "altoam-"):
			c.Effect, c.Test = n.Description(), testOf(module, c.Node)
			if from := path.Base(n.File); !strings.HasPrefix(from, "altoam-") {
				from, _, _ = strings.Cut(strings.TrimSuffix(from, ".yang"), "@")
				c.Effect = "what the grouping of " + from + " says, here for " + n.DataParent.Name
			}
		default:
			continue
		}
		list = append(list, c)
	}
	return append(list, deviations(s)...)
}

const altoPath = "/ietf-alto:alto"

// augmentOf names the module that puts n, or what n is below, into ietf-alto; "" where it
// stands there itself or is of ietf-alto-stats.
func augmentOf(n *yang.Node) string {
	for ; n.DataParent != nil; n = n.DataParent {
		if name := n.Module.Name; name != altoModule && name != statsModule {
			return name
		}
	}
	return ""
}

// testOf returns the test of a node of an augment, "" where nobody handles it.
func testOf(module, node string) string {
	for _, a := range testsOfAugments {
		if a.module == module && strings.Contains(node, a.at) {
			return a.test
		}
	}
	if slices.Contains(driver.ModuleNames(), module) {
		name := strings.TrimPrefix(strings.TrimPrefix(module, "altoam-source-"), "altoam-algorithm-")
		return "agent/drivers/" + strings.ReplaceAll(name, "-", "")
	}
	return ""
}

func deviations(s *yang.Schema) (list []Covered) {
	for _, m := range s.Modules {
		for _, d := range m.Deviations {
			if strings.HasPrefix(d.Target, altoPath+"/") && d.Kind == "not-supported" {
				list = append(list, Covered{d.Target, "refused as unknown", "agent.TestDeviations", d.Reason})
			}
		}
	}
	return list
}

// alternatives expands braces: "a/{b,c}" are a/b and a/c.
func alternatives(text string) []string {
	before, rest, found := strings.Cut(text, "{")
	if !found {
		return []string{text}
	}
	inside, after, _ := strings.Cut(rest, "}")
	var list []string
	for _, each := range strings.Split(inside, ",") {
		list = append(list, alternatives(before+each+after)...)
	}
	return list
}

// CheckCoverage refuses a schema with ALTO configuration that no code handles and no
// deviation takes away: it names every such node.
func CheckCoverage(s *yang.Schema) error {
	var found []*rpcerr.Error
	for _, c := range Coverage(s) {
		if c.Test == "" {
			found = append(found, rpcerr.New(rpcerr.OperationNotSupported, c.Node, "this node can be configured and nothing handles it"))
		}
	}
	return rpcerr.Join(found)
}
