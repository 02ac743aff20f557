package codec

import (
	"fmt"
	"io"
	"sync"

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
	name    *qname // read last
	values  map[string]string

	token          XMLToken
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

// xmlWindow is the size of a window that no long text has made longer.
const xmlWindow = 16 << 10

// released are readers that others may be made of: their window, which holds nothing
// that counts, and the names they know.
var released = sync.Pool{New: func() any {
	return &XMLReader{
		buf:    make([]byte, xmlWindow),
		names:  make(map[string]*qname, 64),
		values: make(map[string]string, 16),
	}
}}

// NewXMLReader reads a document from r. r should end where the message ends;
// the reader takes more than it needs.
func NewXMLReader(r io.Reader, o XMLLimits) *XMLReader {
	x := released.Get().(*XMLReader)
	x.src, x.limits = r, o.withDefaults()
	x.keep = -1
	x.scope = &binding{prefix: "xml", uri: nsXML}
	x.name = &qname{}
	return x
}

// Release leaves the memory of the reader to later ones. Neither the reader nor what
// belongs to it may be used after that. It is not needed, but saves the most of what a
// small document costs.
func (x *XMLReader) Release() {
	if len(x.buf) != xmlWindow {
		return
	}
	clear(x.values)
	*x = XMLReader{buf: x.buf, names: x.names, values: x.values}
	released.Put(x)
}

// Depth is the number of elements that are open.
func (x *XMLReader) Depth() int { return len(x.stack) }

// Next returns the next token.
func (x *XMLReader) Next() (XMLToken, error) {
	if x.err != nil {
		return XMLToken{}, x.err
	}
	if x.err = x.advance(); x.err != nil {
		return XMLToken{}, x.err
	}
	return x.token, nil
}

// advance reads the next token into x.token.
func (x *XMLReader) advance() error {
	if x.pendingEnd {
		x.pendingEnd = false
		x.tokenAt = x.pos
		x.closeElement()
		return nil
	}
	if len(x.stack) == 0 {
		return x.outside()
	}
	for {
		markup, err := x.atTag()
		if err != nil {
			return err
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
			return err
		}
		if len(text) > 0 {
			x.token = XMLToken{Kind: XMLText, Data: text}
			return nil
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
func (x *XMLReader) outside() error {
	if x.base == 0 && x.pos == 0 && !x.started {
		if err := x.prolog(); err != nil {
			return err
		}
	}
	for {
		x.skipSpace()
		if !x.ahead(1) {
			if x.srcErr != io.EOF || !x.started {
				return x.unexpectedEnd()
			}
			x.token = XMLToken{Kind: XMLEOF}
			return nil
		}
		if x.buf[x.pos] != '<' {
			return x.malformed("only white space may stand outside the root element")
		}
		if !x.ahead(2) {
			return x.unexpectedEnd()
		}
		switch x.buf[x.pos+1] {
		case '!', '?':
			cdata, err := x.misc()
			if err != nil {
				return err
			}
			if cdata {
				return x.malformed("a CDATA section may only stand inside an element")
			}
		case '/':
			return x.malformed("an end tag without a start tag")
		default:
			if x.ended {
				return x.malformed("a second root element; a document has one")
			}
			x.started = true
			x.tokenAt = x.pos
			return x.startTag()
		}
	}
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
	return &rpcerr.Error{
		Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage,
		Message: "XML, " + x.position() + ": " + fmt.Sprintf(format, args...),
	}
}

func (x *XMLReader) tooBig(format string, args ...any) error {
	return &rpcerr.Error{
		Type: rpcerr.RPC, Tag: rpcerr.TooBig,
		Message: "XML, " + x.position() + ": " + fmt.Sprintf(format, args...),
	}
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
