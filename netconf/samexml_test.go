package netconf

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// xmlElement is XML as far as it means something: names with namespaces, attributes and
// children in order of their text, white space at the ends of text left out.
type xmlElement struct {
	name     xml.Name
	attrs    []string
	text     string
	children []*xmlElement
	open     bool // a comment tells that there is more
}

// sameXML compares a message with that of an RFC: prefixes, the order of elements and
// white space do not count, and a comment with "..." stands for elements left out.
func sameXML(got, rfc string) error {
	a, err := parseXML(got)
	if err != nil {
		return fmt.Errorf("what came: %w", err)
	}
	b, err := parseXML(rfc)
	if err != nil {
		return fmt.Errorf("what the RFC has: %w", err)
	}
	return a.differs(b)
}

func parseXML(text string) (*xmlElement, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	top := &xmlElement{}
	open := []*xmlElement{top}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(top.children) != 1 {
				return nil, fmt.Errorf("%d documents in %q", len(top.children), text)
			}
			return top.children[0], nil
		} else if err != nil {
			return nil, err
		}
		in := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			e := &xmlElement{name: x.Name}
			for _, a := range x.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					e.attrs = append(e.attrs, fmt.Sprintf("%s|%s=%s", a.Name.Space, a.Name.Local, a.Value))
				}
			}
			slices.Sort(e.attrs)
			in.children = append(in.children, e)
			open = append(open, e)
		case xml.EndElement:
			in.text = strings.TrimSpace(in.text)
			slices.SortStableFunc(in.children, func(a, b *xmlElement) int { return strings.Compare(a.String(), b.String()) })
			open = open[:len(open)-1]
		case xml.CharData:
			in.text += string(x)
		case xml.Comment:
			in.open = in.open || strings.Contains(string(x), "...")
		}
	}
}

func (e *xmlElement) String() string {
	return fmt.Sprint(e.name.Space, "|", e.name.Local, e.attrs, e.text, e.children)
}

// differs tells how e is not what an RFC has.
func (e *xmlElement) differs(rfc *xmlElement) error {
	switch {
	case e.name != rfc.name:
		return fmt.Errorf("<%s> of %q, not <%s> of %q", e.name.Local, e.name.Space, rfc.name.Local, rfc.name.Space)
	case !slices.Equal(e.attrs, rfc.attrs):
		return fmt.Errorf("<%s> has the attributes %v, not %v", e.name.Local, e.attrs, rfc.attrs)
	case e.text != rfc.text:
		return fmt.Errorf("<%s> is %q, not %q", e.name.Local, e.text, rfc.text)
	}
	rest := slices.Clone(e.children)
	for _, want := range rfc.children {
		i := slices.IndexFunc(rest, func(c *xmlElement) bool { return c.differs(want) == nil })
		if i < 0 {
			return fmt.Errorf("<%s> lacks %v", e.name.Local, want)
		}
		rest = slices.Delete(rest, i, i+1)
	}
	if len(rest) > 0 && !rfc.open {
		return fmt.Errorf("<%s> has %v besides", e.name.Local, rest)
	}
	return nil
}

// TestSameXML has documents that are the same, and others.
func TestSameXML(t *testing.T) {
	for _, tt := range []struct {
		got, rfc string
		same     bool
	}{
		{`<a xmlns="u"><b/><c>x</c></a>`, "<p:a xmlns:p='u'>\n <p:c> x\n</p:c><p:b></p:b></p:a>", true},
		{`<a/>`, `<a xmlns="u"/>`, false},
		{`<a x="1"/>`, `<a/>`, false},
		{`<a><b/><b/></a>`, `<a><b/></a>`, false},
		{`<a><b/></a>`, `<a><b/><b/></a>`, false},
		{`<a><b/><b/></a>`, `<a><b/><!-- more here... --></a>`, true},
		{`<a><b/></a>`, `<a><b/><!-- but no more --></a>`, true},
		{`<a><c/><b/></a>`, `<a><b/><!-- but no more --></a>`, false},
		{`<a>x</a>`, `<a>y</a>`, false},
		{`<a/><a/>`, `<a/>`, false},
	} {
		if err := sameXML(tt.got, tt.rfc); (err == nil) != tt.same {
			t.Errorf("%s and %s: %v", tt.got, tt.rfc, err)
		}
	}
}
