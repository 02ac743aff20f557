package yang

import (
	"slices"
	"strings"
)

// keys resolves a list's key leafs and moves them to the front of its data
// (RFC 7950 Section 7.8.2).
func (c *compiler) keys(n *Node) {
	s := n.draft.props["key"]
	if s == nil {
		if n.Config && !c.loose {
			c.add(&Error{File: n.File, Line: n.Line, Message: "list " + n.SchemaPath() + " is configuration and has no key"})
		}
		return
	}
	for _, word := range strings.Fields(s.arg) {
		_, local, prefixed := strings.Cut(word, ":")
		if !prefixed {
			local = word
		}
		k := n.byName[Name{n.Module.Name, local}]
		switch {
		case k == nil && n.draft.hides(local):
			c.at(s, "key leaf %q of list %s is switched off by an if-feature or deviation", word, n.SchemaPath())
		case k == nil:
			c.notFound(n.draft.unit, s, "key %q of list %s does not exist", word, n.SchemaPath())
		case k.draft.augmented:
			c.at(s, "key %q of list %s is added by an augment, expected a leaf of the list itself or of a grouping it uses", word, n.SchemaPath())
		case k.Kind != Leaf || k.Parent != n:
			c.at(s, "key %q of list %s is %s, expected a leaf directly below the list", word, n.SchemaPath(), k.Kind.a())
		case slices.Contains(n.Keys, k):
			c.at(s, "key %q of list %s is named twice", word, n.SchemaPath())
		default:
			c.checkKey(n, k, s)
			k.IsKey = true
			n.Keys = append(n.Keys, k)
		}
	}
	data := slices.Clone(n.Keys)
	for _, d := range n.Data {
		if !d.IsKey || d.Parent != n {
			data = append(data, d)
		}
	}
	n.Data = data
	for i, d := range data {
		d.Index = i
	}
}

// hides tells whether there is a child of that name that is not on.
func (d *draft) hides(name string) bool {
	k := d.kid(draftName{d.unit, name})
	return k != nil && !k.isOn()
}

// checkKey checks the rules for a key leaf of list n.
func (c *compiler) checkKey(n, k *Node, s *stmt) {
	v11 := k.draft.st.file.version != "1"
	switch {
	case k.Status > n.Status && k.draft.st.file.module == s.file.module:
		c.at(s, "list %s, which is %s, has the key %s, which is %s", n.SchemaPath(), n.Status, k.Name, k.Status)
	case k.Config != n.Config:
		c.at(s, "key %s has another config value than its list", k.SchemaPath())
	case v11 && (len(k.Whens) > 0 || len(k.IfFeatures) > 0):
		c.at(k.draft.st, "key %s has a when or if-feature, which a key cannot have", k.SchemaPath())
	case k.Type.Base == Empty && !v11:
		c.at(k.draft.st, "key %s has type empty, which YANG version 1 does not allow", k.SchemaPath())
	}
}

// uniques resolves a list's unique statements (RFC 7950 Section 7.8.3).
func (c *compiler) uniques(n *Node) {
	for _, s := range n.draft.uniques {
		u := &Unique{st: s}
		for _, path := range strings.Fields(s.arg) {
			if leaf := c.uniqueLeaf(n, s, path); leaf != nil {
				u.Leafs = append(u.Leafs, leaf)
			}
		}
		for _, l := range u.Leafs {
			if l.Config != u.Leafs[0].Config {
				c.at(s, "unique of list %s names configuration and state: %s and %s", n.SchemaPath(), u.Leafs[0].Path(), l.Path())
				break
			}
		}
		if len(u.Leafs) > 0 && len(u.Leafs) == len(strings.Fields(s.arg)) {
			u.Text = c.canonicalUnique(s, n.Module.Name)
			n.Uniques = append(n.Uniques, u)
		}
	}
}

// uniqueLeaf finds the leaf that one path of a unique statement names.
func (c *compiler) uniqueLeaf(list *Node, s *stmt, path string) *Node {
	n := list
	for _, step := range strings.Split(path, "/") {
		u, name := c.split(s, step)
		if u == nil {
			return nil
		}
		mod := u.mod.Name
		if u == c.files[s.file] {
			mod = list.Module.Name // as in a grouping, see descend
		}
		k := n.schemaChild(mod, name)
		switch {
		case k == nil && n.draft.hides(name):
			return nil
		case k == nil:
			c.notFound(u, s, "unique %q of list %s: there is no node %q in %s", path, list.SchemaPath(), step, n.SchemaPath())
			return nil
		}
		n = k
	}
	if n.Kind != Leaf {
		c.at(s, "unique %q of list %s names %s, expected a leaf", path, list.SchemaPath(), n.Kind.a())
		return nil
	}
	return n
}

// schemaChild is the child of that name, choices and cases included, or through them.
func (n *Node) schemaChild(module, name string) *Node {
	for _, k := range n.Children {
		if k.Name == name && k.Module.Name == module {
			return k
		}
	}
	return n.byName[Name{module, name}]
}
