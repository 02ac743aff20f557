package codec

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/google/go-cmp/cmp"
)

// tokens renders what a reader returns, one token a line.
func tokens(x *XMLReader) ([]string, error) {
	var out []string
	for {
		t, err := x.Next()
		if err != nil {
			return out, err
		}
		switch t.Kind {
		case XMLStart:
			line := "<{" + t.Space + "}" + t.Local
			for _, a := range t.Attrs {
				line += " {" + a.Space + "}" + a.Local + "=" + a.Value
			}
			out = append(out, line)
		case XMLEnd:
			out = append(out, "/{"+t.Space+"}"+t.Local)
		case XMLText:
			out = append(out, "\""+string(t.Data))
		default:
			return out, nil
		}
	}
}

func TestXMLReader(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"empty element", `<a/>`, []string{"<{}a", "/{}a"}},
		{"declaration", `<?xml version="1.0" encoding='utf-8' standalone="yes"?><a/>`, []string{"<{}a", "/{}a"}},
		{"byte order mark", "\ufeff<a/>", []string{"<{}a", "/{}a"}},
		{"line end before the declaration", "\n<?xml version=\"1.0\"?>\n<a/>", []string{"<{}a", "/{}a"}},
		{"misc around", "<!-- c --><?pi x?><a/> <!-- d --><?pi?>\n", []string{"<{}a", "/{}a"}},
		{
			"default namespace", `<a xmlns="u"><b xmlns=""/><c/></a>`,
			[]string{"<{u}a", "<{}b", "/{}b", "<{u}c", "/{u}c", "/{u}a"},
		},
		{
			"prefixes", `<p:a xmlns:p="u" p:x="1" x="2"><p:b xmlns:p="v"/><p:c/></p:a>`,
			[]string{"<{u}a {u}x=1 {}x=2", "<{v}b", "/{v}b", "<{u}c", "/{u}c", "/{u}a"},
		},
		{"prefix used before its declaration", `<p:a p:x="1" xmlns:p="u"/>`, []string{"<{u}a {u}x=1", "/{u}a"}},
		{"xml prefix", `<a xml:lang="en"/>`, []string{"<{}a {" + nsXML + "}lang=en", "/{}a"}},
		{"text", "<a> x\ny </a>", []string{"<{}a", "\" x\ny ", "/{}a"}},
		{"references", `<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x42;&#x1F600;</a>`, []string{"<{}a", "\"<>&'\"AB\U0001F600", "/{}a"}},
		{"cdata", `<a>x<![CDATA[<&]]]]><![CDATA[>y]]>z</a>`, []string{"<{}a", "\"x<&]]>yz", "/{}a"}},
		{"comment in text", `<a>x<!-- c -->y<?p i?>z</a>`, []string{"<{}a", "\"xyz", "/{}a"}},
		{"only a comment", `<a><!-- - c --></a>`, []string{"<{}a", "/{}a"}},
		{"brackets", `<a>]] > ]></a>`, []string{"<{}a", "\"]] > ]>", "/{}a"}},
		{
			"line ends", "<a x='1\r\n2\t3\n4'>1\r\n2\r3<![CDATA[\r\n4\r5]]></a>",
			[]string{"<{}a {}x=1 2 3 4", "\"1\n2\n3\n4\n5", "/{}a"},
		},
		{"attribute references", `<a x="&#10;&lt;&quot;" y='"'/>`, []string{"<{}a {}x=\n<\" {}y=\"", "/{}a"}},
		{"white space in tags", "<a\n x = '1'\t></a \n>", []string{"<{}a {}x=1", "/{}a"}},
		{"other scripts", "<größe>наïve 漢字 \U0001F600</größe>", []string{"<{}größe", "\"наïve 漢字 \U0001F600", "/{}größe"}},
		{"between elements", "<a>\n <b/>\n</a>", []string{"<{}a", "\"\n ", "<{}b", "/{}b", "\"\n", "/{}a"}},
		{"name characters", "<_a-1.b·/>", []string{"<{}_a-1.b·", "/{}_a-1.b·"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, err := tokens(NewXMLReader(r, XMLLimits{}))
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestXMLReaderRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", ``, "no element"},
		{"white space only", " \n", "no element"},
		{"text only", `x`, "only white space"},
		{"not closed", `<a><b></b>`, "ends inside <a>"},
		{"half a tag", `<a`, "ends inside markup"},
		{"half an end tag", `<a></a`, "</a> expected"},
		{"mismatched", "<a>\n<b></a></b>", "line 2"},
		{"prefix mismatched", `<p:a xmlns:p="u" xmlns:q="u"></q:a>`, "</p:a> expected"},
		{"longer end tag", `<a></ab>`, "</a> expected"},
		{"stray end tag", `</a>`, "without a start tag"},
		{"second root", `<a/><b/>`, "second root"},
		{"text behind", `<a/>x`, "only white space"},
		{"doctype", `<!DOCTYPE a [<!ENTITY x "y">]><a/>`, "document type"},
		{"doctype inside", `<a><!DOCTYPE a></a>`, "document type"},
		{"entity", `<a>&nbsp;</a>`, "&nbsp; is not known"},
		{"bare ampersand", `<a>x & y</a>`, "must start a character reference"},
		{"reference to NUL", `<a>&#0;</a>`, "not a character"},
		{"reference to a surrogate", `<a>&#xD800;</a>`, "not a character"},
		{"reference with sign", `<a>&#+65;</a>`, "not a character"},
		{"capital X", `<a>&#X41;</a>`, "not a character"},
		{"control character", "<a>\x01</a>", "U+0001"},
		{"control character in a value", "<a x='\x02'/>", "U+0002"},
		{"control character in a comment", "<a><!-- \x03 --></a>", "U+0003"},
		{"noncharacter", "<a>\uffff</a>", "U+FFFF"},
		{"bad UTF-8", "<a>\xc3(</a>", "UTF-8"},
		{"overlong UTF-8", "<a>\xc0\xaf</a>", "UTF-8"},
		{"cut UTF-8", "<a x='\xe2\x82'/>", "UTF-8"},
		{"bad UTF-8 in CDATA", "<a><![CDATA[\xff]]></a>", "UTF-8"},
		{"]]> in text", `<a>]]></a>`, "must be escaped"},
		{"< in a value", `<a x="<"/>`, "must be escaped"},
		{"no quotes", `<a x=1/>`, "quoted"},
		{"no value", `<a x/>`, "no value"},
		{"no space between attributes", `<a x="1"y="2"/>`, "white space"},
		{"same attribute", `<a x="1" x="2"/>`, "twice"},
		{"same expanded name", `<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>`, "twice"},
		{"same declaration", `<a xmlns:p="u" xmlns:p="v"/>`, "declared twice"},
		{"undeclared prefix", `<p:a/>`, "not declared"},
		{"undeclared attribute prefix", `<a p:x="1"/>`, "not declared"},
		{"prefix out of scope", `<a><b xmlns:p="u"/><p:c/></a>`, "not declared"},
		{"undeclaring a prefix", `<a xmlns:p=""/>`, "empty namespace"},
		{"xml rebound", `<a xmlns:xml="u"/>`, "belong together"},
		{"prefix for xml", `<a xmlns:p="` + nsXML + `"/>`, "belong together"},
		{"xmlns declared", `<a xmlns:xmlns="u"/>`, "may not be declared"},
		{"two colons", `<a:b:c/>`, "one colon"},
		{"empty prefix", `<:a/>`, "name"},
		{"empty local name", `<a: xmlns:a="u"/>`, "name is expected"},
		{"digit first", `<1a/>`, "may not start"},
		{"space first", `< a/>`, "name is expected"},
		{"-- in a comment", `<a><!-- -- --></a>`, "inside a comment"},
		{"open comment", `<a><!-- `, "comment does not end"},
		{"open CDATA", `<a><![CDATA[`, "CDATA section does not end"},
		{"CDATA outside", `<![CDATA[x]]><a/>`, "inside an element"},
		{"late declaration", `<a/><?xml version="1.0"?>`, "beginning"},
		{"declaration inside", `<a><?xml version="1.0"?></a>`, "beginning"},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "ISO-8859-1"},
		{"no version", `<?xml encoding="UTF-8"?><a/>`, "XML declaration"},
		{"UTF-16", "\xff\xfe<\x00a\x00/\x00>\x00", "only white space"},
		{"half self-close", `<a/ >`, "must end with"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				x := NewXMLReader(r, XMLLimits{})
				_, err := tokens(x)
				checkError(t, err, rpcerr.MalformedMessage, tt.want)
				if _, again := x.Next(); again != err {
					t.Errorf("the error is not repeated: %v", again)
				}
			}
		})
	}
}

// checkError checks the tag of err and that its text contains want.
func checkError(t *testing.T, err error, tag rpcerr.Tag, want string) *rpcerr.Error {
	t.Helper()
	var e *rpcerr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s with %q", err, tag, want)
	}
	if e.Tag != tag || !strings.Contains(e.Error(), want) {
		t.Errorf("got %v, want %s with %q", e, tag, want)
	}
	return e
}

func TestXMLReaderLimits(t *testing.T) {
	limits := XMLLimits{Depth: 3, Name: 5, Attrs: 2, Text: 10, Raw: 20}
	tests := []struct{ name, good, bad string }{
		{"depth", `<a><b><c/></b></a>`, `<a><b><c><d/></c></b></a>`},
		{"name", `<abcde/>`, `<abcdef/>`},
		{"attributes", `<a x="1" xmlns="2"/>`, `<a x="1" xmlns="2" z="3"/>`},
		{"text", `<a>0123456789</a>`, `<a>0123456789a</a>`},
		{"text in pieces", `<a>012345678<![CDATA[9]]></a>`, `<a>012345&#55;&#56;&#57;ab<!-- --></a>`},
		{"value", `<a x="0123456789"/>`, `<a x="0123456789a"/>`},
		{"comment", `<a><!--01234--></a>`, `<a><!--` + strings.Repeat("x", 40000) + `--></a>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tokens(NewXMLReader(strings.NewReader(tt.good), limits)); err != nil {
				t.Error(err)
			}
			_, err := tokens(NewXMLReader(strings.NewReader(tt.bad), limits))
			checkError(t, err, rpcerr.TooBig, "XML, line 1")
		})
	}
}

func TestXMLReaderSourceError(t *testing.T) {
	broken := errors.New("connection lost")
	for _, in := range []string{"", "<", "<a", "<a x", "<a x='", "<a>", "<a>text", "<a><![CDATA[", "<a></a", "<!-- ", "<a/>"} {
		x := NewXMLReader(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), XMLLimits{})
		if _, err := tokens(x); !errors.Is(err, broken) {
			t.Errorf("%q: got %v", in, err)
		}
	}
}

func TestXMLContent(t *testing.T) {
	x := NewXMLReader(strings.NewReader(`<r xmlns="d" xmlns:p="u" xmlns:q="v">`+
		`<skip><a><b/></a>text</skip><text> x &amp; y </text><none/>`+
		`<raw q:z="1"><a x="p:n">&lt;<![CDATA[<]]></a><!-- c --><p:b xmlns:p="w"/><c xmlns="e">é</c> t</raw><last/></r>`), XMLLimits{})
	next := func(want string) {
		t.Helper()
		if tok, err := x.Next(); err != nil || tok.Local != want || tok.Kind != XMLStart {
			t.Fatalf("got %v %v, want %s", tok, err, want)
		}
	}
	next("r")
	next("skip")
	if err := x.Skip(); err != nil {
		t.Fatal(err)
	}
	next("text")
	if got, err := x.Text(); got != " x & y " || err != nil {
		t.Fatalf("%q %v", got, err)
	}
	next("none")
	if got, err := x.Text(); got != "" || err != nil {
		t.Fatalf("%q %v", got, err)
	}
	next("raw")
	want := `<a xmlns="d" xmlns:p="u" x="p:n">&lt;<![CDATA[<]]></a><!-- c --><p:b xmlns="d" xmlns:p="w"/><c xmlns:p="u" xmlns="e">é</c> t`
	if got, err := x.Raw(); got != want || err != nil {
		t.Fatalf("%v\n%s\n%s", err, got, want)
	}
	next("last")
	if got, err := x.Raw(); got != "" || err != nil {
		t.Fatalf("%q %v", got, err)
	}
	if got, err := tokens(x); err != nil || len(got) != 1 {
		t.Fatalf("%v %v", got, err)
	}
}

func TestXMLTextRefusesElements(t *testing.T) {
	x := NewXMLReader(strings.NewReader(`<a>x<b/></a>`), XMLLimits{})
	x.Next()
	_, err := x.Text()
	checkError(t, err, rpcerr.BadElement, "element b")
}

func TestXMLRawLimit(t *testing.T) {
	in := `<a>` + strings.Repeat("<b/>", 10) + `</a>`
	for limit, fits := range map[int]bool{40: true, 39: false} {
		x := NewXMLReader(strings.NewReader(in), XMLLimits{Raw: limit})
		x.Next()
		_, err := x.Raw()
		if fits && err != nil {
			t.Error(err)
		}
		if !fits {
			checkError(t, err, rpcerr.TooBig, "longer than 39")
		}
	}
}

// TestXMLWindow reads texts around the size of the window in small pieces.
func TestXMLWindow(t *testing.T) {
	for _, n := range []int{16<<10 - 8, 16 << 10, 40_000} {
		text := strings.Repeat("0123456789abcdeü", n/16)
		in := "<a>" + strings.Repeat("<b>"+text+"</b>", 3) + "</a>"
		x := NewXMLReader(iotest.HalfReader(strings.NewReader(in)), XMLLimits{})
		x.Next()
		for range 3 {
			x.Next()
			if got, err := x.Text(); err != nil || got != text {
				t.Fatalf("%d: %v, %d bytes", n, err, len(got))
			}
		}
	}
}

// FuzzXMLReader compares with encoding/xml: what is accepted here is accepted
// there with the same tokens.
func FuzzXMLReader(f *testing.F) {
	for _, s := range []string{
		`<?xml version="1.0" encoding="UTF-8"?><rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get/></rpc>`,
		`<a xmlns:p="u"><p:b x='1' p:x="2">t&#x41;&lt;<![CDATA[]]]]><!--c--></p:b><?pi d?></a>`,
		"<a>\r\n\r</a>", `<a x="&#10;&amp;"/>`, "<é>\U0001F600</é>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := tokens(NewXMLReader(bytes.NewReader(in), XMLLimits{}))
		slow, slowErr := tokens(NewXMLReader(iotest.OneByteReader(bytes.NewReader(in)), XMLLimits{}))
		if (err == nil) != (slowErr == nil) || !cmp.Equal(got, slow) {
			t.Fatalf("the pieces of the input matter: %v %v\n%q\n%q", err, slowErr, got, slow)
		}
		if err != nil {
			return
		}
		want, err := standardTokens(bytes.TrimLeft(bytes.TrimPrefix(in, []byte("\ufeff")), " \t\r\n"))
		if err != nil {
			t.Fatalf("encoding/xml refuses it: %v", err)
		}
		for i := range got {
			got[i] = strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(got[i])
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// standardTokens is tokens by encoding/xml, with white space as spaces.
func standardTokens(in []byte) ([]string, error) {
	d := xml.NewDecoder(bytes.NewReader(in))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var out []string
	text, depth := "", 0
	for {
		tok, err := d.Token()
		if c, ok := tok.(xml.CharData); ok && depth > 0 {
			text += string(c)
			continue
		}
		switch tok.(type) {
		case xml.StartElement, xml.EndElement:
			if text != "" {
				out = append(out, "\""+text)
			}
			text = ""
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			line := "<{" + tok.Name.Space + "}" + tok.Name.Local
			for _, a := range tok.Attr {
				if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
					continue
				}
				line += " {" + a.Name.Space + "}" + a.Name.Local + "=" + a.Value
			}
			out = append(out, line)
		case xml.EndElement:
			depth--
			out = append(out, "/{"+tok.Name.Space+"}"+tok.Name.Local)
		}
	}
	for i := range out {
		out[i] = strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(out[i])
	}
	return out, nil
}
