package nacm_test

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// literal is the algorithm of RFC 8341 Section 3.4 as it is written, for a user in the
// group "g": it looks at all rules, in the form of the configuration, for each node.
type literal struct {
	schema *yang.Schema
	config setup
	user   string
	groups []string
}

func (l literal) flag(name, fallback string) string {
	if v, ok := l.config[name].(string); ok {
		return v
	}
	return fallback
}

// data authorizes op on the node that p leads to (RFC 8341 Section 3.4.5).
func (l literal) data(p tree.Path, op string) bool {
	s := p.Schema()
	for _, list := range l.config["rule-list"].([]setup) { // step 5
		if !slices.ContainsFunc(list["group"].([]string), func(g string) bool { return g == "*" || slices.Contains(l.groups, g) }) {
			continue
		}
		for _, r := range list["rule"].([]setup) { // step 6
			if m, ok := r["module-name"].(string); ok && m != "*" && m != s.Module.Name {
				continue
			}
			if r["rpc-name"] != nil || r["notification-name"] != nil {
				continue
			}
			if path, ok := r["path"].(string); ok && !l.matches(path, p) {
				continue
			}
			if ops, ok := r["access-operations"].(string); ok && ops != "*" && !slices.Contains(strings.Fields(ops), op) {
				continue
			}
			return r["action"] == "permit" // step 7
		}
	}
	all, write := extensions(s)
	switch op {
	case "read": // steps 9 and 11
		return !all && l.flag("read-default", "permit") == "permit"
	case "exec": // step 13
		return !all && l.flag("exec-default", "permit") == "permit"
	}
	return !all && !write && l.flag("write-default", "deny") == "permit" // steps 10 and 12
}

// extensions looks for default-deny-all and default-deny-write on s and above.
func extensions(s *yang.Node) (all, write bool) {
	all = s.Type != nil && s.Type.Typedef == "iana-crypt-hash:crypt-hash"
	for ; s != nil; s = s.Parent {
		for _, e := range s.Exts {
			all = all || e.Extension.Name == "default-deny-all"
			write = write || e.Extension.Name == "default-deny-write"
		}
	}
	return all, write
}

// matches tells whether the node at p is the one that the path specifies, or below it.
func (l literal) matches(path string, p tree.Path) bool {
	if path == "/" {
		return true
	}
	steps := strings.Split(strings.TrimPrefix(path, "/"), "/") // no key of the tests has a slash
	if len(steps) > len(p) {
		return false
	}
	module := ""
	for i, text := range steps {
		name, predicates, _ := strings.Cut(text, "[")
		if m, local, ok := strings.Cut(name, ":"); ok {
			module, name = m, local
		}
		if p[i].Schema.Name != name || p[i].Schema.Module.Name != module {
			return false
		}
		for _, one := range strings.FieldsFunc(predicates, func(r rune) bool { return r == '[' || r == ']' }) {
			key, value, _ := strings.Cut(one, "=")
			if value = strings.Trim(value, "'"); value == "$USER" {
				value = l.user
			}
			if key == "." {
				if p[i].Keys[0].String() != value {
					return false
				}
				continue
			}
			at := slices.IndexFunc(p[i].Schema.Keys, func(k *yang.Node) bool { return k.Name == key })
			if p[i].Keys[at].String() != value {
				return false
			}
		}
	}
	return true
}

// visible are the paths of t that may be read, and those of them that a read returns:
// not a container without presence of which nothing else is left.
func (l literal) visible(t *tree.Tree) (may, out map[string]bool) {
	may, out = map[string]bool{}, map[string]bool{}
	var walk func(p tree.Path, n *tree.Node)
	walk = func(p tree.Path, n *tree.Node) {
		for c := range n.Children() {
			at := p.Join(tree.StepTo(c))
			if !l.data(at, "read") {
				continue
			}
			keys := true
			for _, k := range c.Schema().Keys {
				keys = keys && l.data(at.Join(tree.Step{Schema: k}), "read")
			}
			if keys {
				before := len(out)
				walk(at, c)
				may[at.String()] = true
				if s := c.Schema(); s.Kind != yang.Container || s.Presence || c.Empty() || len(out) > before {
					out[at.String()] = true
				}
			}
		}
	}
	walk(nil, t.Root())
	return may, out
}

// permits tells whether the change from old to new is permitted: all nodes that are
// created, deleted, changed or moved.
func (l literal) permits(d *tree.Diff) bool {
	ok := true
	_ = d.Walk(func(p tree.Path, c *tree.Change) error {
		switch c.Op {
		case tree.Create:
			ok = ok && l.each(p, c.New, "create")
		case tree.Delete:
			ok = ok && l.each(p, c.Old, "delete")
		case tree.Modify:
			ok = ok && l.data(p, "update")
		default:
			ok = ok && (!c.Moved || l.data(p, "update"))
		}
		return nil
	})
	return ok
}

func (l literal) each(p tree.Path, n *tree.Node, op string) bool {
	s := n.Schema()
	if (s.Kind != yang.Container || s.Presence) && !l.data(p, op) {
		return false
	}
	for c := range n.Children() {
		if !l.each(p.Join(tree.StepTo(c)), c, op) {
			return false
		}
	}
	return true
}
