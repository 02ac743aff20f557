package codec

import (
	"fmt"
	"io"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// XMLLimits bounds what an XMLReader takes from its peer. A zero field means
// the default.
type XMLLimits struct {
	Depth int // nested elements; default 128
	Name  int // bytes of a qualified name; default 1024
	Attrs int // attributes of one element, namespace declarations included; default 64
	Text  int // bytes of one text, comment or attribute value; default 16 MiB
	Raw   int // bytes Raw returns; default 64 MiB
}

func (l XMLLimits) withDefaults() XMLLimits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.Depth, 128}, {&l.Name, 1024}, {&l.Attrs, 64}, {&l.Text, 16 << 20}, {&l.Raw, 64 << 20}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}

// XMLKind is the kind of an XMLToken.
type XMLKind uint8

// The kinds of tokens. XMLEOF follows the end of the root element for ever.
const (
	XMLStart XMLKind = iota + 1
	XMLEnd
	XMLText
	XMLEOF
)

// XMLToken is one token. Attrs and Data belong to the reader and are valid until
// its next call; the strings stay.
type XMLToken struct {
	Kind XMLKind
	// Space is the namespace URI, "" for none, and Local the name without
	// prefix: XMLStart and XMLEnd.
	Space, Local string
	Attrs        []XMLAttr // XMLStart: without namespace declarations
	Data         []byte    // XMLText: never empty; references resolved, line ends normalized
}

// XMLAttr is an attribute. Space is "" for an attribute without prefix.
type XMLAttr struct {
	Space, Local, Value string
	Prefix              string
}

// XMLReader is a pull tokenizer for one XML 1.0 document in UTF-8 with
// namespaces. It is stricter than encoding/xml: document types and entities
// beyond the predefined five, undeclared prefixes, duplicate attributes, a second
// root element, characters outside XML's Char and everything beyond XMLLimits
// are refused. Comments and processing instructions are skipped. Adjacent text
// and CDATA come as one XMLText, white space between elements too.
//
// Memory is one window into the input, as large as the longest single name or
// text. An error is an *rpcerr.Error (malformed-message, or too-big beyond a
// limit) that names line and byte offset, or what the io.Reader reported; it is
// repeated by all later calls. Not for concurrent use.
type XMLReader struct {
	src    io.Reader
	limits XMLLimits

	buf      []byte // window: buf[pos:end] is unread
	pos, end int
	keep     int   // >= 0: the window must not lose bytes from here on (Raw)
	base     int64 // offset of buf[0] in the input
	lines    int   // line ends before buf[0]
	srcErr   error // what src reported, io.EOF at its end

	scratch []byte // text that could not be a slice of the window
	held    []byte // text kept over the end tag that follows it
	attrs   []XMLAttr
	stack   []openElement
	scope   *binding
	names   map[string]*qname
	values  map[string]string

	started, ended bool // the root element was seen; was closed
	pendingEnd     bool // the last start tag was an empty-element tag
	tokenAt        int  // where in buf the last token began
	tagName        int  // bytes from tokenAt to behind the name of the last start tag
	tagDecls       []string
	err            error
}

type openElement struct {
	name  *qname
	space string
	scope *binding // in force outside the element
}

// NewXMLReader reads a document from r. r should end where the message ends;
// the reader takes more than it needs.
func NewXMLReader(r io.Reader, o XMLLimits) *XMLReader {
	return &XMLReader{
		src:    r,
		limits: o.withDefaults(),
		buf:    make([]byte, 16<<10),
		keep:   -1,
		scope:  xmlBinding,
		names:  make(map[string]*qname, 64),
		values: make(map[string]string, 16),
	}
}

// Depth is the number of elements that are open.
func (x *XMLReader) Depth() int { return len(x.stack) }

// Next returns the next token.
func (x *XMLReader) Next() (XMLToken, error) {
	if x.err != nil {
		return XMLToken{}, x.err
	}
	t, err := x.next()
	if err != nil {
		x.err = err
		return XMLToken{}, err
	}
	return t, nil
}

func (x *XMLReader) next() (XMLToken, error) {
	if x.pendingEnd {
		x.pendingEnd = false
		x.tokenAt = x.pos
		return x.closeElement(), nil
	}
	if len(x.stack) == 0 {
		return x.outside()
	}
	for {
		markup, err := x.atTag()
		if err != nil {
			return XMLToken{}, err
		}
		x.tokenAt = x.pos
		switch markup {
		case '<':
			return x.startTag()
		case '/':
			return x.endTag()
		}
		text, err := x.text()
		if err != nil {
			return XMLToken{}, err
		}
		if len(text) > 0 {
			return XMLToken{Kind: XMLText, Data: text}, nil
		}
	}
}

// atTag tells what starts here: '<' a start tag, '/' an end tag, 0 anything else.
func (x *XMLReader) atTag() (byte, error) {
	if !x.ahead(2) {
		return 0, x.unexpectedEnd()
	}
	if x.buf[x.pos] != '<' {
		return 0, nil
	}
	switch x.buf[x.pos+1] {
	case '/':
		return '/', nil
	case '!', '?':
		return 0, nil
	}
	return '<', nil
}

// outside reads what may stand before and behind the root element.
func (x *XMLReader) outside() (XMLToken, error) {
	if x.base == 0 && x.pos == 0 && !x.started {
		if err := x.prolog(); err != nil {
			return XMLToken{}, err
		}
	}
	for {
		x.skipSpace()
		if !x.ahead(1) {
			if x.srcErr != io.EOF || !x.started {
				return XMLToken{}, x.unexpectedEnd()
			}
			return XMLToken{Kind: XMLEOF}, nil
		}
		if x.buf[x.pos] != '<' {
			return XMLToken{}, x.malformed("only white space may stand outside the root element")
		}
		if !x.ahead(2) {
			return XMLToken{}, x.unexpectedEnd()
		}
		switch x.buf[x.pos+1] {
		case '!', '?':
			cdata, err := x.misc()
			if err != nil {
				return XMLToken{}, err
			}
			if cdata {
				return XMLToken{}, x.malformed("a CDATA section may only stand inside an element")
			}
		case '/':
			return XMLToken{}, x.malformed("an end tag without a start tag")
		default:
			if x.ended {
				return XMLToken{}, x.malformed("a second root element; a document has one")
			}
			x.started = true
			x.tokenAt = x.pos
			return x.startTag()
		}
	}
}

func (x *XMLReader) startTag() (XMLToken, error) {
	if len(x.stack) == x.limits.Depth {
		return XMLToken{}, x.tooBig("elements are nested deeper than %d", x.limits.Depth)
	}
	at := x.base + int64(x.pos)
	x.pos++
	name, err := x.qname()
	if err != nil {
		return XMLToken{}, err
	}
	x.tagName = int(x.base + int64(x.pos) - at)
	outer := x.scope
	x.attrs, x.tagDecls = x.attrs[:0], x.tagDecls[:0]
	for {
		spaced := x.skipSpace()
		if !x.ahead(1) {
			return XMLToken{}, x.unexpectedEnd()
		}
		c := x.buf[x.pos]
		if c == '>' || c == '/' {
			break
		}
		if !spaced {
			return XMLToken{}, x.malformed("white space must separate the attributes of <%s>", name.raw)
		}
		if err := x.attribute(name); err != nil {
			return XMLToken{}, err
		}
	}
	if x.buf[x.pos] == '/' {
		x.pos++
		x.pendingEnd = true
	}
	if !x.ahead(1) || x.buf[x.pos] != '>' {
		return XMLToken{}, x.malformed("the start tag of <%s> must end with \">\" or \"/>\"", name.raw)
	}
	x.pos++
	space, err := x.resolveTag(name)
	if err != nil {
		return XMLToken{}, err
	}
	x.stack = append(x.stack, openElement{name, space, outer})
	return XMLToken{Kind: XMLStart, Space: space, Local: name.local, Attrs: x.attrs}, nil
}

func (x *XMLReader) endTag() (XMLToken, error) {
	x.pos += 2
	open := x.stack[len(x.stack)-1].name.raw
	if !x.ahead(len(open)) || string(x.buf[x.pos:x.pos+len(open)]) != open {
		return XMLToken{}, x.malformed("</%s> expected", open)
	}
	x.pos += len(open)
	x.skipSpace()
	if !x.ahead(1) || x.buf[x.pos] != '>' {
		return XMLToken{}, x.malformed("</%s> expected", open)
	}
	x.pos++
	return x.closeElement(), nil
}

func (x *XMLReader) closeElement() XMLToken {
	e := x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	x.scope = e.scope
	x.ended = len(x.stack) == 0
	return XMLToken{Kind: XMLEnd, Space: e.space, Local: e.name.local}
}

// attribute reads name="value" into attrs or, for a namespace declaration, scope.
func (x *XMLReader) attribute(element *qname) error {
	if len(x.attrs)+len(x.tagDecls) == x.limits.Attrs {
		return x.tooBig("<%s> has more than %d attributes", element.raw, x.limits.Attrs)
	}
	name, err := x.qname()
	if err != nil {
		return err
	}
	x.skipSpace()
	if !x.ahead(1) || x.buf[x.pos] != '=' {
		return x.malformed("attribute %s of <%s> has no value", name.raw, element.raw)
	}
	x.pos++
	x.skipSpace()
	value, err := x.attrValue(name)
	if err != nil {
		return err
	}
	switch {
	case name.prefix == "xmlns":
		return x.declare(name.local, value)
	case name.raw == "xmlns":
		return x.declare("", value)
	}
	x.attrs = append(x.attrs, XMLAttr{Local: name.local, Prefix: name.prefix, Value: value})
	return nil
}

// position says where the reader stands: counted from 1 and 0.
func (x *XMLReader) position() string {
	return fmt.Sprintf("line %d, byte %d", x.line(), x.base+int64(x.pos))
}

// malformed is the error for input that is not XML; where the source failed, its
// error is the reason.
func (x *XMLReader) malformed(format string, args ...any) error {
	if err := x.sourceError(); err != nil {
		return err
	}
	return &rpcerr.Error{Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage,
		Message: "XML, " + x.position() + ": " + fmt.Sprintf(format, args...)}
}

func (x *XMLReader) tooBig(format string, args ...any) error {
	return &rpcerr.Error{Type: rpcerr.RPC, Tag: rpcerr.TooBig,
		Message: "XML, " + x.position() + ": " + fmt.Sprintf(format, args...)}
}

// unexpectedEnd is the error where the input stops too early, or the one the
// source reported.
func (x *XMLReader) unexpectedEnd() error {
	switch {
	case len(x.stack) > 0:
		return x.malformed("the input ends inside <%s>", x.stack[len(x.stack)-1].name.raw)
	case x.started:
		return x.malformed("the input ends inside markup")
	}
	return x.malformed("the input has no element")
}

// sourceError is the error the source reported, nil at its ordinary end.
func (x *XMLReader) sourceError() error {
	if x.srcErr == nil || x.srcErr == io.EOF {
		return nil
	}
	return fmt.Errorf("reading XML: %w", x.srcErr)
}
