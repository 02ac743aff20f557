package codec

import (
	"iter"
	"math"
	"strconv"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Page is what annotations of its first entry tell of a list or leaf-list of which
// not all is written (ietf-list-pagination, draft-ietf-netconf-list-pagination-10
// Section 4.3). They stand where RFC 7952 Section 5 has those of an entry.
type Page struct {
	Remaining int     // entries left out: 0 for none, which is not written, -1 for an unknown number
	Next      *string // cursors, nil for none
	Previous  *string
	Locale    string // "" for none
}

const (
	pagePrefix = "lp"
	nsPage     = "urn:ietf:params:xml:ns:yang:ietf-list-pagination"
	pageModule = "ietf-list-pagination"
)

// annotates tells whether any node can have annotations.
func (o *EncodeOptions) annotates() bool {
	return o.Origin || o.TagDefaults || o.Page != nil || o.SublistLimit > 0
}

// shown are the children of n: of a list or leaf-list as many as SublistLimit says,
// the first of them to be annotated where there are more.
func (out *output) shown(n *tree.Node) iter.Seq[*tree.Node] {
	limit := out.o.SublistLimit
	if limit <= 0 {
		return n.Passing()
	}
	return func(yield func(*tree.Node) bool) {
		for s := range n.Schemas() {
			several := s.Kind == yang.List || s.Kind == yang.LeafList
			if left := n.Len(s) - limit; several && left > 0 {
				out.note = &Page{Remaining: left}
			}
			i := 0
			for c := range n.Entries(s) {
				if several && i == limit {
					break
				}
				i++
				if !yield(c) {
					return
				}
			}
		}
	}
}

// annotations are those of n below a node of that origin. It is called once for each
// node, in the order in which they are written.
func (out *output) annotations(n *tree.Node, inherited tree.Origin) (m meta) {
	if out.o.Origin || out.o.TagDefaults {
		m = out.o.metaOf(n, inherited)
	}
	m.page, out.note = out.note, nil
	return m
}

// each calls f for the annotations that p has, as texts; only Remaining can be a number.
func (p *Page) each(f func(name, value string, number bool)) {
	switch {
	case p.Remaining < 0:
		f("remaining", "unknown", false)
	case p.Remaining > 0:
		f("remaining", strconv.Itoa(min(p.Remaining, math.MaxUint32)), true)
	}
	if p.Previous != nil {
		f("previous", *p.Previous, false)
	}
	if p.Next != nil {
		f("next", *p.Next, false)
	}
	if p.Locale != "" {
		f("locale", p.Locale, false)
	}
}

// pageMembers writes the annotations as members of an open object, with a comma
// before all but the first of them.
func (e *jsonEncoder) pageMembers(p *Page, first bool) {
	p.each(func(name, value string, number bool) {
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
		e.buf = append(append(e.buf, `"`+pageModule+`:`...), name...)
		e.buf = append(e.buf, `":`...)
		if number {
			e.buf = append(e.buf, value...)
		} else {
			e.buf = appendJSONString(e.buf, value)
		}
	})
}

// pageAttributes writes the annotations as attributes.
func (e *xmlEncoder) pageAttributes(p *Page) {
	p.each(func(name, value string, _ bool) { e.buf = appendXMLAttr(e.buf, pagePrefix+":"+name, value) })
}
