package codec

import (
	"fmt"
	"io"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeAny hands the content of an anydata node, as instances of parent's
// children, to sink.
func DecodeAny(a *tree.Any, schema *yang.Schema, parent *yang.Node, sink tree.Sink, o DecodeOptions) error {
	switch {
	case a.Tree != nil:
		return feed(a.Tree.Root(), sink)
	case a.JSON != "":
		return DecodeJSON(strings.NewReader(a.JSON), schema, parent, sink, o)
	}
	x, err := fragment(a.XML)
	if err != nil {
		return err
	}
	return DecodeXML(x, schema, parent, sink, o)
}

// feed writes the children of n into sink.
func feed(n *tree.Node, sink tree.Sink) error {
	for c := range n.Children() {
		var err error
		switch s := c.Schema(); s.Kind {
		case yang.Leaf, yang.LeafList:
			err = sink.Leaf(s, c.Value(), nil)
		case yang.AnyData, yang.AnyXML:
			err = sink.Any(s, c.Any(), nil)
		default:
			if err = sink.Begin(s, nil); err == nil {
				if err = feed(c, sink); err == nil {
					err = sink.End()
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fragment is a reader that stands inside an element around raw.
func fragment(raw string) (*XMLReader, error) {
	r := io.MultiReader(strings.NewReader("<a>"), strings.NewReader(raw), strings.NewReader("</a>"))
	x := NewXMLReader(r, XMLLimits{Text: len(raw) + 1, Attrs: 1 << 10, Name: 1 << 16})
	_, err := x.Next()
	return x, err
}

// newXMLAny makes the content of s from inner XML. Anydata must be elements that
// YANG could model (RFC 7950 Section 7.10): either text or elements in each.
func newXMLAny(s *yang.Node, raw string) (*tree.Any, error) {
	if s.Kind == yang.AnyXML {
		return &tree.Any{XML: raw}, nil
	}
	raw = strings.Trim(raw, " \t\r\n")
	e, err := parseElement(raw)
	if err != nil {
		return nil, err
	}
	if e.mixed || e.text != "" {
		return nil, fmt.Errorf("anydata holds elements, and no element holds both text and elements")
	}
	return &tree.Any{XML: raw}, nil
}

// newJSONAny makes the content of s from a JSON value. Anydata must be an object
// that YANG could model (RFC 7951 Section 5.5). Text that XML cannot hold is refused.
func newJSONAny(s *yang.Node, raw jsontext.Value) (*tree.Any, error) {
	raw = raw.Clone()
	if err := raw.Compact(); err != nil {
		return nil, err
	}
	if s.Kind == yang.AnyData && raw.Kind() != '{' {
		return nil, fmt.Errorf("anydata must be a JSON object")
	}
	if err := checkJSONAny(raw, s.Kind == yang.AnyData); err != nil {
		return nil, err
	}
	return &tree.Any{JSON: string(raw)}, nil
}

// checkJSONAny checks strings and, for anydata, names, arrays and nulls.
func checkJSONAny(raw jsontext.Value, data bool) error {
	in := jsontext.NewDecoder(strings.NewReader(string(raw)))
	for {
		t, err := in.ReadToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if in.StackDepth() > defaultMaxDepth {
			return fmt.Errorf("the value is nested deeper than %d levels", defaultMaxDepth)
		}
		parent, n := in.StackIndex(in.StackDepth())
		name := parent == '{' && n%2 == 1
		switch t.Kind() {
		case '"':
			text := t.String()
			for _, r := range text {
				if !isXMLChar(r) {
					return fmt.Errorf("character U+%04X is not allowed", r)
				}
			}
			if data && name && !isMemberName(text) {
				return fmt.Errorf("%q is no name of a YANG node", text)
			}
		case 'n':
			if data && parent != '[' {
				return fmt.Errorf("null may only stand in [null]")
			}
		case '[':
			if outer, _ := in.StackIndex(in.StackDepth() - 1); data && outer == '[' {
				return fmt.Errorf("an array may not stand in an array")
			}
		}
	}
}

// isMemberName tells whether name is a member name of RFC 7951 Section 4 or, with
// an "@", of RFC 7952 Section 5.2.
func isMemberName(name string) bool {
	if name == "@" {
		return true
	}
	module, local, qualified := strings.Cut(strings.TrimPrefix(name, "@"), ":")
	if !qualified {
		return isIdentifier(module)
	}
	return isIdentifier(module) && isIdentifier(local)
}

// isIdentifier is the identifier production of RFC 7950 Section 14.
func isIdentifier(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == ':' || !nameByte[c] || i == 0 && !nameStart(rune(c)) {
			return false
		}
	}
	return s != ""
}

func isNullArray(raw jsontext.Value) bool {
	return raw.Kind() == '[' && strings.Trim(string(raw[1:len(raw)-1]), " \t\r\n") == "null"
}

// element is an XML element of unknown schema. The one that stands for a
// fragment has no name.
type element struct {
	space, local string
	text         string // "" where it has children or white space only
	children     []element
	mixed        bool // text beside elements, here or below
}

// parseElement reads a fragment.
func parseElement(raw string) (element, error) {
	x, err := fragment(raw)
	if err != nil {
		return element{}, err
	}
	var e element
	err = e.read(x)
	return e, err
}

func (e *element) read(x *XMLReader) error {
	var text []byte
	for {
		t, err := x.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case XMLText:
			text = append(text, t.Data...)
		case XMLStart:
			c := element{space: t.Space, local: t.Local}
			if err := c.read(x); err != nil {
				return err
			}
			e.mixed = e.mixed || c.mixed
			e.children = append(e.children, c)
		default:
			blank := strings.Trim(string(text), " \t\r\n") == ""
			if len(e.children) > 0 {
				e.mixed = e.mixed || !blank
			} else if !blank || e.local != "" {
				e.text = string(text)
			}
			return nil
		}
	}
}

// typed reads the content of s, whose schema is known, into a tree, or returns nil.
func typed(s *yang.Node, a *tree.Any, schema *yang.Schema) *tree.Tree {
	if s.Kind != yang.AnyData || schema == nil {
		return nil
	}
	b := tree.NewBuilder(schema.Root)
	var err error
	if a.JSON != "" {
		// Unqualified names are of the module of s (RFC 7951 Section 4).
		err = newJSONDecoder(strings.NewReader(a.JSON), schema, s.Module, b, DecodeOptions{}).document(schema.Root)
	} else {
		err = DecodeAny(a, schema, schema.Root, b, DecodeOptions{})
	}
	if err != nil {
		return nil
	}
	t, err := b.Tree()
	if err != nil {
		return nil
	}
	return t
}
