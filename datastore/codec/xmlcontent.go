package codec

import (
	"bytes"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// Skip reads to the end of the element that is open, its end tag included.
func (x *XMLReader) Skip() error {
	for depth := len(x.stack); len(x.stack) >= depth; {
		if _, err := x.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Text reads the rest of an element that holds text only, its end tag included,
// and returns the text. A child element is an error, bad-element.
func (x *XMLReader) Text() (string, error) {
	b, err := x.textContent()
	return string(b), err
}

// textContent is Text without the copy: the bytes are valid until the next call.
func (x *XMLReader) textContent() ([]byte, error) {
	t, err := x.Next()
	if err != nil || t.Kind == XMLEnd {
		return nil, err
	}
	if t.Kind == XMLText {
		data := t.Data
		if !x.atPlainEnd() {
			x.held = append(x.held[:0], data...)
			data = x.held
		}
		if t, err = x.Next(); err != nil || t.Kind == XMLEnd {
			return data, err
		}
	}
	return nil, &rpcerr.Error{
		Tag: rpcerr.BadElement, Info: []rpcerr.Info{{Name: "bad-element", Value: t.Local}},
		Message: "element " + t.Local + " stands where only text may (" + x.position() + ")",
	}
}

// atPlainEnd tells that the end tag of the open element follows in the window:
// reading it does not move what was returned last.
func (x *XMLReader) atPlainEnd() bool {
	b, name := x.buf[x.pos:x.end], x.stack[len(x.stack)-1].name.raw
	return len(b) > len(name)+2 && b[0] == '<' && b[1] == '/' && b[len(name)+2] == '>'
}

// Raw reads the rest of the element that is open, its end tag included, and
// returns its content as text that stands alone: the child elements declare
// every namespace of the surroundings that the content may use. References and
// CDATA sections stay as they came.
func (x *XMLReader) Raw() (string, error) {
	if x.err != nil {
		return "", x.err
	}
	depth := len(x.stack)
	outer := x.scope
	var inserts []insert
	if x.pendingEnd {
		_, err := x.Next()
		return "", err
	}
	x.keep = x.pos
	defer func() { x.keep = -1 }()
	for {
		t, err := x.Next()
		if err != nil {
			return "", err
		}
		if x.tokenAt-x.keep > x.limits.Raw {
			x.err = x.tooBig("the content of an element is longer than %d bytes", x.limits.Raw)
			return "", x.err
		}
		if len(x.stack) < depth {
			return standAlone(x.buf[x.keep:x.tokenAt], inserts, outer), nil
		}
		if t.Kind == XMLStart && len(x.stack) == depth+1 {
			inserts = append(inserts, insert{x.tokenAt - x.keep + x.tagName, slices.Clone(x.tagDecls)})
		}
	}
}

// insert is a place in raw XML for namespace declarations: behind the name of
// an outermost start tag, which itself declares some prefixes.
type insert struct {
	at    int
	decls []string
}

// standAlone adds to the outermost elements of raw the declarations of scope
// whose prefix occurs in it, in names or values, and the default namespace, that
// of no namespace too.
func standAlone(raw []byte, inserts []insert, scope *binding) string {
	var needed []*binding
	for b := scope; b != nil; b = b.up {
		shadowed := slices.ContainsFunc(needed, func(n *binding) bool { return n.prefix == b.prefix })
		if shadowed || b.prefix == "xml" || b.prefix != "" && !bytes.Contains(raw, []byte(b.prefix+":")) {
			continue
		}
		needed = append(needed, b)
	}
	if !slices.ContainsFunc(needed, func(n *binding) bool { return n.prefix == "" }) {
		needed = append(needed, &binding{})
	}
	var out []byte
	from := 0
	for _, in := range inserts {
		out = append(out, raw[from:in.at]...)
		from = in.at
		for _, b := range slices.Backward(needed) {
			if !slices.Contains(in.decls, b.prefix) {
				out = appendXMLNS(out, b.prefix, b.uri)
			}
		}
	}
	return string(append(out, raw[from:]...))
}
