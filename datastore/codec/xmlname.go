package codec

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/altoam/altoam/yang"
)

// Namespaces that are no YANG module's.
const (
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS = "http://www.w3.org/2000/xmlns/"
)

// qname is a qualified name as written. next is the name that followed last time,
// where it is looked for first.
type qname struct {
	raw, prefix, local string
	next               *qname
}

// binding binds a prefix ("" for the default namespace) to a namespace until
// the end of an element; up is what it adds to. Immutable, so that whoever holds
// one keeps its scope; inner, the binding made last on top of it, is the reader's.
type binding struct {
	prefix, uri string
	up, inner   *binding
}

func (b *binding) lookup(prefix string) (uri string, ok bool) {
	for ; b != nil; b = b.up {
		if b.prefix == prefix {
			return b.uri, true
		}
	}
	return "", prefix == ""
}

// The reader forgets the names and values it knows when a peer sends more than
// this many different ones.
const maxInterned = 1024

// qname reads a qualified name (Namespaces in XML 1.0 Section 4).
func (x *XMLReader) qname() (*qname, error) {
	guess, b := x.name.next, x.buf[x.pos:x.end]
	if guess != nil && len(b) > len(guess.raw) && string(b[:len(guess.raw)]) == guess.raw {
		if c := b[len(guess.raw)]; c < utf8.RuneSelf && !nameByte[c] {
			x.pos += len(guess.raw)
			x.name = guess
			return guess, nil
		}
	}
	n, colon, err := x.scanName()
	if err != nil {
		return nil, err
	}
	q := x.intern(x.buf[x.pos:x.pos+n], colon)
	x.pos += n
	x.name.next, x.name = q, q
	return q, nil
}

// intern returns the one qname of those bytes, where the colon is at colon or nowhere.
func (x *XMLReader) intern(b []byte, colon int) *qname {
	if q := x.names[string(b)]; q != nil {
		return q
	}
	q := &qname{raw: string(b)}
	q.local = q.raw
	if colon > 0 {
		q.prefix, q.local = q.raw[:colon], q.raw[colon+1:]
	}
	if len(x.names) == maxInterned {
		clear(x.names)
	}
	x.names[q.raw] = q
	return q
}

// scanName finds the length of the name at pos and its colon, -1 for none.
func (x *XMLReader) scanName() (n, colon int, err error) {
	colon = -1
	for x.ahead(n + 1) {
		b := x.buf[x.pos:x.end]
		if b[n] < utf8.RuneSelf {
			if !nameByte[b[n]] {
				break
			}
			if b[n] == ':' {
				if colon >= 0 {
					return 0, 0, x.malformed("a name may have one colon")
				}
				colon = n
			} else if (n == 0 || n == colon+1) && !nameStart(rune(b[n])) {
				return 0, 0, x.malformed("a name may not start with %q", b[n])
			}
			n++
		} else {
			size, err := x.multibyte(n)
			if err != nil {
				return 0, 0, err
			}
			r, _ := utf8.DecodeRune(x.buf[x.pos+n:])
			start := nameStart(r)
			if !start && !unicode.In(r, nameExtra) {
				break
			}
			if !start && (n == 0 || n == colon+1) {
				return 0, 0, x.malformed("a name may not start with %q", r)
			}
			n += size
		}
		if n > x.limits.Name {
			return 0, 0, x.tooBig("a name is longer than %d bytes", x.limits.Name)
		}
	}
	if n == 0 || colon == 0 || colon == n-1 {
		return 0, 0, x.malformed("a name is expected here")
	}
	return n, colon, nil
}

var nameByte = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = nameStart(rune(c)) || c == '-' || c == '.' || c == ':' || c >= '0' && c <= '9'
	}
	return t
}()

// nameStart is NCNameStartChar: NameStartChar of XML 1.0 Section 2.3 without the colon.
func nameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return unicode.In(r, nameFirst)
}

var nameFirst = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0xC0, Hi: 0xD6, Stride: 1},
		{Lo: 0xD8, Hi: 0xF6, Stride: 1},
		{Lo: 0xF8, Hi: 0x2FF, Stride: 1},
		{Lo: 0x370, Hi: 0x37D, Stride: 1},
		{Lo: 0x37F, Hi: 0x1FFF, Stride: 1},
		{Lo: 0x200C, Hi: 0x200D, Stride: 1},
		{Lo: 0x2070, Hi: 0x218F, Stride: 1},
		{Lo: 0x2C00, Hi: 0x2FEF, Stride: 1},
		{Lo: 0x3001, Hi: 0xD7FF, Stride: 1},
		{Lo: 0xF900, Hi: 0xFDCF, Stride: 1},
		{Lo: 0xFDF0, Hi: 0xFFFD, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0x10000, Hi: 0xEFFFF, Stride: 1}},
}

// nameExtra are the characters above ASCII that a name may contain but not start with.
var nameExtra = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0xB7, Hi: 0xB7, Stride: 1}, {Lo: 0x300, Hi: 0x36F, Stride: 1}, {Lo: 0x203F, Hi: 0x2040, Stride: 1},
}}

// internValue makes a string of an attribute value; short ones are shared.
func (x *XMLReader) internValue(b []byte) string {
	if len(b) > 128 {
		return string(b)
	}
	if s, ok := x.values[string(b)]; ok {
		return s
	}
	if len(x.values) == maxInterned {
		clear(x.values)
	}
	s := string(b)
	x.values[s] = s
	return s
}

// declare puts a namespace declaration of the current start tag in force
// (Namespaces in XML 1.0 Sections 3 and 5).
func (x *XMLReader) declare(prefix, uri string) error {
	switch {
	case slices.Contains(x.tagDecls, prefix):
		return x.malformed("prefix %q is declared twice", prefix)
	case prefix == "xmlns", uri == nsXMLNS:
		return x.malformed("the prefix xmlns and its namespace may not be declared")
	case (prefix == "xml") != (uri == nsXML):
		return x.malformed("the prefix xml and its namespace belong together")
	case prefix != "" && uri == "":
		return x.malformed("prefix %q is declared with an empty namespace", prefix)
	}
	x.tagDecls = append(x.tagDecls, prefix)
	if prefix == "xml" {
		return nil
	}
	b := x.scope.inner
	if b == nil || b.prefix != prefix || b.uri != uri {
		b = &binding{prefix: prefix, uri: uri, up: x.scope}
		x.scope.inner = b
	}
	x.scope = b
	return nil
}

// resolveTag resolves the prefixes of the start tag just read and checks that
// its attributes differ.
func (x *XMLReader) resolveTag(name *qname) (space string, err error) {
	space, ok := x.scope.lookup(name.prefix)
	if !ok {
		return "", x.undeclared(name.prefix)
	}
	for i := range x.attrs {
		a := &x.attrs[i]
		a.Space = ""
		if a.Prefix != "" {
			if a.Space, ok = x.scope.lookup(a.Prefix); !ok {
				return "", x.undeclared(a.Prefix)
			}
		}
		for _, b := range x.attrs[:i] {
			if b.Local == a.Local && b.Space == a.Space {
				return "", x.malformed("<%s> has attribute %s twice", name.raw, a.Local)
			}
		}
	}
	return space, nil
}

func (x *XMLReader) undeclared(prefix string) error {
	return x.malformed("prefix %q is not declared", prefix)
}

// Resolver resolves prefixes with the namespaces in force in the element that is
// open now; it stays valid when the reader goes on. An unprefixed name is in the
// default namespace.
func (x *XMLReader) Resolver(schema *yang.Schema) yang.Resolver {
	return &xmlResolver{schema: schema, scope: x.scope}
}

// PathResolver is Resolver for XPath expressions, in which a name of a namespace
// that no module has selects nothing: the URI stands for the module.
func (x *XMLReader) PathResolver(schema *yang.Schema) yang.Resolver {
	return &xmlResolver{schema: schema, scope: x.scope, foreign: true}
}

type xmlResolver struct {
	schema   *yang.Schema
	scope    *binding
	foreign  bool   // namespaces of no module stand for themselves
	fallback string // module of a name without prefix where no default namespace is declared
}

func (r *xmlResolver) ModuleOf(prefix string) (string, bool) {
	uri, ok := r.scope.lookup(prefix)
	if !ok || uri == "" {
		return r.fallback, prefix == "" && r.fallback != ""
	}
	if m := r.schema.ModuleByNamespace(uri); m != nil {
		return m.Name, true
	}
	return uri, r.foreign
}
