package tree

import (
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/yang"
)

// Step is one node on a Path. A list or leaf-list step without keys stands for
// all entries.
type Step struct {
	Schema *yang.Node
	// Keys are the entry's key values in key order, or the leaf-list entry's value.
	Keys []yang.Value
	// Index is an entry's position from 1 in a list without keys, else 0.
	Index int
}

// Path leads from the root of a tree to a node. The empty path is the root.
type Path []Step

// Schema is the schema node of the last step, nil for the empty path.
func (p Path) Schema() *yang.Node {
	if len(p) == 0 {
		return nil
	}
	return p[len(p)-1].Schema
}

// Parent is the path without its last step.
func (p Path) Parent() Path {
	if len(p) == 0 {
		return nil
	}
	return p[: len(p)-1 : len(p)-1]
}

// Join returns p with more steps; p is not changed and shares nothing with the result.
func (p Path) Join(steps ...Step) Path {
	return append(append(make(Path, 0, len(p)+len(steps)), p...), steps...)
}

// Clone returns a path that keeps its steps when the original is reused.
func (p Path) Clone() Path { return p.Join() }

// LeadsTo tells whether p is to or a node above it.
func (p Path) LeadsTo(to Path) bool {
	return len(p) <= len(to) && slices.EqualFunc(p, to[:len(p)], func(a, b Step) bool {
		return a.Schema == b.Schema && slices.Equal(a.Keys, b.Keys)
	})
}

// StepTo returns the step from n's parent to n. The index of an entry without keys is left 0.
func StepTo(n *Node) Step { return Step{Schema: n.schema, Keys: n.KeyValues()} }

// String is the instance-identifier in the form of RFC 7951 Section 6.11, "/" for
// the empty path. Literals are in single quotes, in double quotes where the value
// has a single one, and a concat() of both where it has both kinds, which XPath
// cannot write otherwise.
func (p Path) String() string {
	if len(p) == 0 {
		return "/"
	}
	return string(p.AppendText(nil))
}

// AppendText appends String to dst, nothing for the empty path.
func (p Path) AppendText(dst []byte) []byte {
	for i, st := range p {
		dst = st.appendPredicates(p.appendName(dst, i))
	}
	return dst
}

// appendName appends "/" and the name of step i, behind the name of its module where
// that is not the module of the step before (RFC 7951 Section 6.11).
func (p Path) appendName(dst []byte, i int) []byte {
	s := p[i].Schema
	dst = append(dst, '/')
	if i == 0 || s.Module != p[i-1].Schema.Module {
		dst = append(append(dst, s.Module.Name...), ':')
	}
	return append(dst, s.Name...)
}

func (st Step) appendPredicates(dst []byte) []byte {
	if st.Index > 0 {
		return append(strconv.AppendInt(append(dst, '['), int64(st.Index), 10), ']')
	}
	for i, v := range st.Keys {
		dst = append(dst, '[')
		if st.Schema.Kind == yang.LeafList {
			dst = append(dst, '.')
		} else {
			key := st.Schema.Keys[i]
			if key.Module != st.Schema.Module {
				dst = append(append(dst, key.Module.Name...), ':')
			}
			dst = append(dst, key.Name...)
		}
		dst = append(appendLiteral(append(dst, '='), v.String()), ']')
	}
	return dst
}

// appendLiteral appends text as an XPath string expression.
func appendLiteral(dst []byte, text string) []byte {
	switch {
	case !strings.Contains(text, "'"):
		return append(append(append(dst, '\''), text...), '\'')
	case !strings.Contains(text, `"`):
		return append(append(append(dst, '"'), text...), '"')
	}
	dst = append(dst, "concat("...)
	for i, part := range strings.SplitAfter(text, "'") {
		if i > 0 {
			dst = append(dst, ',')
		}
		part, quoted := strings.CutSuffix(part, "'")
		dst = append(append(append(dst, '\''), part...), '\'')
		if quoted {
			dst = append(dst, `,"'"`...)
		}
	}
	return append(dst, ')')
}
