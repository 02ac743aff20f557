package query

import (
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// maxFilterDepth bounds the nesting of a subtree filter.
const maxFilterDepth = 128

// ParseSubtree reads the content of the element just started, a <filter>, up to
// and with its end tag. A namespace that no module has, and an attribute match,
// select nothing (data nodes carry no attributes): no error (RFC 6241 Section 6.2).
func ParseSubtree(x *codec.XMLReader, s *yang.Schema) (*Filter, error) {
	p := filterParser{x, s}
	_, top, err := p.content(0)
	if err != nil {
		return nil, err
	}
	return &Filter{top: top}, nil
}

type filterParser struct {
	x      *codec.XMLReader
	schema *yang.Schema
}

// content reads up to the end of the open element.
func (p filterParser) content(depth int) (text string, kids []*element, err error) {
	if depth > maxFilterDepth {
		return "", nil, rpcerr.NewProtocol(rpcerr.TooBig, "the filter is nested deeper than %d levels", maxFilterDepth)
	}
	for {
		t, err := p.x.Next()
		if err != nil {
			return "", nil, err
		}
		switch t.Kind {
		case codec.XMLStart:
			e := p.element(t)
			if e.text, e.kids, err = p.content(depth + 1); err != nil {
				return "", nil, err
			}
			if len(e.kids) > 0 {
				e.text = ""
			}
			kids = append(kids, e)
		case codec.XMLText:
			text += string(t.Data)
		default:
			return clean(text), kids, nil
		}
	}
}

func (p filterParser) element(t codec.XMLToken) *element {
	e := &element{name: t.Local, resolver: p.x.Resolver(p.schema), unknown: len(t.Attrs) > 0}
	if t.Space != "" {
		if m := p.schema.ModuleByNamespace(t.Space); m != nil {
			e.module = m.Name
		} else {
			e.unknown = true
		}
	}
	return e
}

// Top are the top-level nodes of the schema that f can select: what of
// operational has to be produced for it.
func (f *Filter) Top(s *yang.Schema) []*yang.Node {
	var out []*yang.Node
	for _, n := range s.Root.Data {
		for _, e := range f.top {
			if e.names(n) {
				out = append(out, n)
				break
			}
		}
	}
	return out
}
