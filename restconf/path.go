package restconf

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// parsePath reads an api-path below {+restconf}/data (RFC 8040 Section 3.5.3.1),
// still percent-encoded: "" for the datastore, else "/" before each node. The
// last node may be an action, which is returned beside the path of its parent; the
// last step of the path may be a list or leaf-list without values: all entries.
//
// Errors are invalid-value and say what was expected; with NoSuchSchema where the
// path is well formed and the schema lacks the node.
func parsePath(s *yang.Schema, text string) (path tree.Path, action *yang.Node, err error) {
	return parsePathBelow(s, nil, text)
}

// parsePathBelow is parsePath for a text that goes on where the path base ends.
func parsePathBelow(s *yang.Schema, base tree.Path, text string) (path tree.Path, action *yang.Node, err error) {
	if text == "" {
		return base, nil, nil
	}
	p := pathParser{schema: s, path: append(make(tree.Path, 0, len(base)+strings.Count(text, "/")), base...)}
	for segment := range strings.SplitSeq(strings.TrimPrefix(text, "/"), "/") {
		if err := p.segment(segment); err != nil {
			return nil, nil, err
		}
	}
	return p.path, p.action, nil
}

type pathParser struct {
	schema *yang.Schema
	path   tree.Path
	action *yang.Node
}

// segment reads one node with its key values.
func (p *pathParser) segment(text string) error {
	name, values, valued := strings.Cut(text, "=")
	parent, err := p.parent()
	if err != nil {
		return err
	}
	node, err := p.node(parent, name)
	if err != nil {
		return err
	}
	st := tree.Step{Schema: node}
	switch {
	case node.Kind == yang.List || node.Kind == yang.LeafList:
		if valued {
			if st.Keys, err = p.keys(node, values); err != nil {
				return err
			}
		}
	case valued:
		return p.malformed("%s takes no key: \"=\" goes with lists and leaf-lists only", node.Name)
	case node.Kind == yang.Action:
		p.action = node
		return nil
	}
	p.path = append(p.path, st)
	return nil
}

// parent is the schema node that the next segment is a child of.
func (p *pathParser) parent() (*yang.Node, error) {
	if p.action != nil {
		return nil, p.unknown("the action %s has nothing below it", p.action.Name)
	}
	if len(p.path) == 0 {
		return p.schema.Root, nil
	}
	last := p.path[len(p.path)-1]
	switch list := last.Schema; {
	case list.Kind != yang.List || len(last.Keys) > 0:
	case len(list.Keys) == 0:
		return nil, p.malformed("the list %s has no keys: single entries cannot be addressed", list.Name)
	default:
		return nil, p.malformed("the list %s needs its key values before what is below: %s", list.Name, keyForm(list))
	}
	return last.Schema, nil
}

// node finds a child by its api-identifier.
func (p *pathParser) node(parent *yang.Node, text string) (*yang.Node, error) {
	text, err := p.decode(text)
	if err != nil {
		return nil, err
	}
	module, name, qualified := strings.Cut(text, ":")
	if !qualified {
		module, name = "", text
	}
	switch {
	case name == "" || qualified && module == "":
		return nil, p.malformed("expected a node name where %q stands", clip(text))
	case qualified && p.schema.Module(module) == nil:
		return nil, p.unknown("there is no module %s", clip(module))
	case !qualified && parent.Module == nil:
		return nil, p.malformed("the first node needs its module name: MODULE:%s", clip(name))
	case !qualified:
		module = parent.Module.Name
	}
	n := parent.Child(module, name)
	if n == nil || !n.IsData() && n.Kind != yang.Action {
		return nil, p.unknown("%s has no child %s:%s%s", describe(parent), clip(module), clip(name), elsewhere(parent, name))
	}
	return n, nil
}

// elsewhere is a hint at a child of that name in another module.
func elsewhere(parent *yang.Node, name string) string {
	for _, c := range parent.Data {
		if c.Name == name {
			return "; write " + c.QName()
		}
	}
	return ""
}

func describe(n *yang.Node) string {
	if n.Kind == yang.Root {
		return "the datastore"
	}
	return n.Path()
}

// keys reads the values of a list entry's keys, or of a leaf-list entry. Commas
// part them before they are decoded; a value may be empty.
func (p *pathParser) keys(n *yang.Node, text string) ([]yang.Value, error) {
	leafs := n.Keys
	if n.Kind == yang.LeafList {
		leafs = []*yang.Node{n}
	}
	if len(leafs) == 0 {
		return nil, p.malformed("the list %s has no keys: single entries cannot be addressed", n.Name)
	}
	parts := strings.Split(text, ",")
	if len(parts) != len(leafs) {
		return nil, p.malformed("%s has %d key values, and %d are given; expected %s, a comma within a value as %%2C",
			n.Name, len(leafs), len(parts), keyForm(n))
	}
	vals := make([]yang.Value, len(leafs))
	for i, k := range leafs {
		part, err := p.decode(parts[i])
		if err != nil {
			return nil, err
		}
		vals[i], err = k.Type.Parse(part, yang.JSONResolver{Schema: p.schema, Default: k.Module.Name})
		if err != nil {
			return nil, p.badKey(n, k, err)
		}
	}
	return vals, nil
}

// keyForm shows how an entry of n is written.
func keyForm(n *yang.Node) string {
	if n.Kind == yang.LeafList {
		return n.Name + "=VALUE"
	}
	names := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		names[i] = strings.ToUpper(k.Name)
	}
	return n.Name + "=" + strings.Join(names, ",")
}

func (p *pathParser) decode(text string) (string, error) {
	plain, err := url.PathUnescape(text)
	if err != nil {
		return "", p.malformed("%q is not percent-encoded correctly", clip(text))
	}
	if !utf8.ValidString(plain) {
		return "", p.malformed("%q is not UTF-8 when decoded", clip(text))
	}
	return plain, nil
}

func (p *pathParser) badKey(n, key *yang.Node, cause error) error {
	e := p.malformed("%s: %v", key.Name, cause)
	e.Path = p.path.Join(tree.Step{Schema: n}).String()
	var te *yang.TypeError
	if errors.As(cause, &te) {
		e.AppTag = te.AppTag
	}
	return e
}

func (p *pathParser) malformed(format string, args ...any) *rpcerr.Error {
	e := rpcerr.NewProtocol(rpcerr.InvalidValue, "path of the URI: %s", fmt.Sprintf(format, args...))
	if len(p.path) > 0 {
		e.Path = p.path.String()
	}
	return e
}

func (p *pathParser) unknown(format string, args ...any) *rpcerr.Error {
	return p.malformed(format, args...).WithReason(rpcerr.NoSuchSchema)
}

// clip shortens a text from outside for a message.
func clip(s string) string { return shorten(s, 60) }

// shorten cuts a text from outside to at most limit bytes and an ellipsis.
func shorten(s string, limit int) string {
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
