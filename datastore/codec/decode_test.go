package codec

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/google/go-cmp/cmp"
)

// badInput is input that is refused: with which tag, where, and words of the message.
type badInput struct {
	name, in string
	tag      rpcerr.Tag
	path     string
	message  string
	info     []rpcerr.Info
}

func (b badInput) check(t *testing.T, err error) {
	t.Helper()
	e := checkError(t, err, b.tag, b.message)
	if e.Path != b.path {
		t.Errorf("path %s, want %s", e.Path, b.path)
	}
	if b.info != nil && !cmp.Equal(e.Info, b.info) {
		t.Errorf("info %v, want %v", e.Info, b.info)
	}
}

func badElement(name string) []rpcerr.Info { return []rpcerr.Info{{Name: "bad-element", Value: name}} }

func TestDecodeXMLRefuses(t *testing.T) {
	const item = "/codec-a:item[name='n'][kind='codec-a:round']"
	tests := []badInput{
		{"unknown element", `<nothing/>`, rpcerr.UnknownElement, "", "the datastore has no child codec-a:nothing", badElement("nothing")},
		{"unknown element below", `<all><plain><x/></plain></all>`, rpcerr.UnknownElement, "/codec-a:all/plain", "/codec-a:all/plain has no child", badElement("x")},
		{"element of elsewhere", `<inner/>`, rpcerr.UnknownElement, "", "no child codec-a:inner", badElement("inner")},
		{"other module's element", `<all><extra/></all>`, rpcerr.UnknownElement, "/codec-a:all", "no child codec-a:extra", badElement("extra")},
		{
			"unknown namespace", `<all xmlns="urn:x"/>`, rpcerr.UnknownNamespace, "", "",
			append(badElement("all"), rpcerr.Info{Name: "bad-namespace", Value: "urn:x"}),
		},
		{"no namespace", `<all xmlns=""/>`, rpcerr.UnknownNamespace, "", "no namespace", append(badElement("all"), rpcerr.Info{Name: "bad-namespace"})},
		{"notification", `<alarm/>`, rpcerr.UnknownElement, "", "", badElement("alarm")},
		{
			"action", `<item><name>n</name><kind>round</kind><poke xmlns="urn:example:b"/></item>`, rpcerr.UnknownElement, item,
			"codec-b:poke is no data node", badElement("poke"),
		},
		{"text in a container", `<all>text<text>x</text></all>`, rpcerr.BadElement, "/codec-a:all", `text "text" stands in`, badElement("all")},
		{"text at the top", `text`, rpcerr.BadElement, "", "which holds elements only", nil},
		{"element in a leaf", `<all><text>a<b/></text></all>`, rpcerr.BadElement, "/codec-a:all/text", "where only text may", badElement("b")},
		{"not a number", `<all><i8>x</i8></all>`, rpcerr.InvalidValue, "/codec-a:all/i8", "i8: ", nil},
		{"out of range", `<all><u8>101</u8></all>`, rpcerr.InvalidValue, "/codec-a:all/u8", "0..100", nil},
		{"empty number", `<all><u8/></all>`, rpcerr.InvalidValue, "/codec-a:all/u8", "u8: ", nil},
		{"error-message of the module", `<all><short>four</short></all>`, rpcerr.InvalidValue, "/codec-a:all/short", "invalid-value (too-odd) at /codec-a:all/short: Three at most.", nil},
		{"content of an empty leaf", `<all><none>x</none></all>`, rpcerr.InvalidValue, "/codec-a:all/none", "none: ", nil},
		{"prefix of a value", `<all><kind>p:round</kind></all>`, rpcerr.InvalidValue, "/codec-a:all/kind", "", nil},
		{"identity of another base", `<all><kind>shape2</kind></all>`, rpcerr.InvalidValue, "/codec-a:all/kind", "", nil},
		{"below an entry", `<item><name>n</name><kind>round</kind><nested><id>x</id></nested></item>`, rpcerr.InvalidValue, item + "/nested/id", "", nil},
		{"first key missing yet", `<item><kind>round</kind><oops/></item>`, rpcerr.UnknownElement, "/codec-a:item", "", badElement("oops")},
		{"key missing", `<item><name>n</name></item>`, rpcerr.MissingElement, "/codec-a:item", "kind", nil},
		{"leaf twice", `<all><text>1</text><text>2</text></all>`, rpcerr.BadElement, "/codec-a:all/text", "", nil},
		{"two cases", `<all><first>1</first><second/></all>`, rpcerr.BadElement, "/codec-a:all/second", "", nil},
		{"mixed anydata", `<stuff>text<a/></stuff>`, rpcerr.InvalidValue, "/codec-a:stuff", "anydata", nil},
		{"text in anydata", `<stuff>text</stuff>`, rpcerr.InvalidValue, "/codec-a:stuff", "anydata", nil},
		{"malformed", `<all><text>x</all>`, rpcerr.MalformedMessage, "", "</text> expected", nil},
		{"ends early", `<all><text>x`, rpcerr.MalformedMessage, "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fromXML(t, tt.in)
			tt.check(t, err)
		})
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	const item = "/codec-a:item[name='n'][kind='codec-a:round']"
	tests := []badInput{
		{"unknown member", `{"codec-a:nothing":1}`, rpcerr.UnknownElement, "", "no child codec-a:nothing", badElement("nothing")},
		{"unknown member below", `{"codec-a:all":{"plain":{"x":1}}}`, rpcerr.UnknownElement, "/codec-a:all/plain", "no child", badElement("x")},
		{"no module at the top", `{"all":{}}`, rpcerr.UnknownElement, "", "needs its module", badElement("all")},
		{"no module below", `{"codec-a:all":{"extra":{}}}`, rpcerr.UnknownElement, "/codec-a:all", "no child codec-a:extra", badElement("extra")},
		{"unknown module", `{"codec-x:all":{}}`, rpcerr.UnknownNamespace, "", "no module codec-x", append(badElement("all"), rpcerr.Info{Name: "bad-namespace", Value: "codec-x"})},
		{"same member twice", `{"codec-a:all":{"i8":1,"i8":1}}`, rpcerr.MalformedMessage, "", "duplicate", nil},
		{"same member twice, qualified", `{"codec-a:all":{"tag":["a"],"codec-a:tag":["b"]}}`, rpcerr.MalformedMessage, "", "twice", nil},
		{"container no object", `{"codec-a:all":[]}`, rpcerr.InvalidValue, "/codec-a:all", "expected a JSON object", nil},
		{"list no array", `{"codec-a:item":{"name":"n","kind":"round"}}`, rpcerr.InvalidValue, "/codec-a:item", "expected a JSON array", nil},
		{"entry no object", `{"codec-a:item":["n"]}`, rpcerr.InvalidValue, "/codec-a:item", "expected a JSON object", nil},
		{"leaf-list no array", `{"codec-a:all":{"tag":"a"}}`, rpcerr.InvalidValue, "/codec-a:all/tag", "expected a JSON array", nil},
		{"leaf an object", `{"codec-a:all":{"text":{}}}`, rpcerr.InvalidValue, "/codec-a:all/text", "expected a string", nil},
		{"leaf null", `{"codec-a:all":{"text":null}}`, rpcerr.InvalidValue, "/codec-a:all/text", "expected a string", nil},
		{"empty leaf null", `{"codec-a:all":{"none":null}}`, rpcerr.InvalidValue, "/codec-a:all/none", "expected", nil},
		{"empty leaf [null,null]", `{"codec-a:all":{"none":[null,null]}}`, rpcerr.InvalidValue, "/codec-a:all/none", "expected", nil},
		{"number as a string", `{"codec-a:all":{"i8":"1"}}`, rpcerr.InvalidValue, "/codec-a:all/i8", "expected a JSON number", nil},
		{"64 bits as a number", `{"codec-a:all":{"u64":1}}`, rpcerr.InvalidValue, "/codec-a:all/u64", "expected a JSON string", nil},
		{"string as a number", `{"codec-a:all":{"text":1}}`, rpcerr.InvalidValue, "/codec-a:all/text", "expected a JSON string", nil},
		{"boolean as a string", `{"codec-a:all":{"flag":"true"}}`, rpcerr.InvalidValue, "/codec-a:all/flag", "expected a JSON boolean", nil},
		{"out of range", `{"codec-a:all":{"u8":101}}`, rpcerr.InvalidValue, "/codec-a:all/u8", "0..100", nil},
		{"error-message of the module", `{"codec-a:all":{"short":"four"}}`, rpcerr.InvalidValue, "/codec-a:all/short", "(too-odd) at /codec-a:all/short: Three at most.", nil},
		{"below an entry", `{"codec-a:item":[{"name":"n","kind":"round","nested":[{"id":"x"}]}]}`, rpcerr.InvalidValue, item + "/nested/id", "", nil},
		{"key missing", `{"codec-a:item":[{"name":"n"}]}`, rpcerr.MissingElement, "/codec-a:item", "kind", nil},
		{"two cases", `{"codec-a:all":{"first":"1","second":{}}}`, rpcerr.BadElement, "/codec-a:all/second", "", nil},
		{"anydata no object", `{"codec-a:stuff":[1]}`, rpcerr.InvalidValue, "/codec-a:stuff", "must be a JSON object", nil},
		{"anydata name", `{"codec-a:stuff":{"a b":1}}`, rpcerr.InvalidValue, "/codec-a:stuff", "no name", nil},
		{"anydata null", `{"codec-a:stuff":{"a":null}}`, rpcerr.InvalidValue, "/codec-a:stuff", "[null]", nil},
		{"anydata array in array", `{"codec-a:stuff":{"a":[[1]]}}`, rpcerr.InvalidValue, "/codec-a:stuff", "array", nil},
		{"anyxml too deep", `{"codec-a:free":` + strings.Repeat("[", 129) + strings.Repeat("]", 129) + `}`, rpcerr.InvalidValue, "/codec-a:free", "deeper than 128", nil},
		{"anyxml character", `{"codec-a:free":"\u0001"}`, rpcerr.InvalidValue, "/codec-a:free", "U+0001", nil},
		{"no object", `[]`, rpcerr.MalformedMessage, "", "object is expected", nil},
		{"nothing", ``, rpcerr.MalformedMessage, "", "too early", nil},
		{"more behind", `{} {}`, rpcerr.MalformedMessage, "", "more follows", nil},
		{"ends early", `{"codec-a:all":{"text":"x"`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
		{"ends in an array", `{"codec-a:item":[`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
		{"bad UTF-8", "{\"codec-a:all\":{\"text\":\"\xff\"}}", rpcerr.MalformedMessage, "", "UTF-8", nil},
		{"half a surrogate", `{"codec-a:all":{"text":"\ud800"}}`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
		{"no JSON", `{"codec-a:all":{"text":x}}`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
		{"trailing comma", `{"codec-a:all":{"text":"x",}}`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fromJSON(t, tt.in)
			tt.check(t, err)
		})
	}
}

func TestDecodeOptions(t *testing.T) {
	s := schemaOf(t)
	decode := map[string]func(in string, o DecodeOptions) (*tree.Tree, error){
		"<": func(in string, o DecodeOptions) (*tree.Tree, error) { return buildXML(s, s.Root, in, o) },
		"{": func(in string, o DecodeOptions) (*tree.Tree, error) { return buildJSON(s, s.Root, in, o) },
	}
	at, err := tree.ParsePath(s, "/codec-a:item[name='n'][kind='codec-a:round']")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, in string
		o        DecodeOptions
		tag      rpcerr.Tag // "" when it is accepted
		path     string
		result   string
	}{
		{"state is read", `<state><up>true</up></state>`, DecodeOptions{}, "", "", `{"codec-a:state":{"up":true}}`},
		{"state is refused", `<state><up>true</up></state>`, DecodeOptions{ConfigOnly: true}, rpcerr.UnknownElement, "/codec-a:state", ""},
		{"state is refused in JSON", `{"codec-a:state":{}}`, DecodeOptions{ConfigOnly: true}, rpcerr.UnknownElement, "/codec-a:state", ""},
		{"configuration is read", `<all><text>x</text></all>`, DecodeOptions{ConfigOnly: true}, "", "", `{"codec-a:all":{"text":"x"}}`},
		{"unknown skipped", `<x xmlns="urn:x"><y/>t</x><all><no><text/></no><text>x</text></all>`, DecodeOptions{IgnoreUnknown: true}, "", "", `{"codec-a:all":{"text":"x"}}`},
		{"unknown skipped in JSON", `{"x":{"y":[1]},"q:z":1,"codec-a:all":{"no":null,"@no":{},"text":"x"}}`, DecodeOptions{IgnoreUnknown: true}, "", "", `{"codec-a:all":{"text":"x"}}`},
		{"path of the parent", `<all><u8>x</u8></all>`, DecodeOptions{At: at}, rpcerr.InvalidValue, at.String() + "/all/u8", ""},
		{"depth fits", `<all><plain/></all>`, DecodeOptions{MaxDepth: 2}, "", "", `{"codec-a:all":{"plain":{}}}`},
		{"too deep", `<all><plain/></all>`, DecodeOptions{MaxDepth: 1}, rpcerr.TooBig, "/codec-a:all", ""},
		{"too deep in JSON", `{"codec-a:all":{"plain":{}}}`, DecodeOptions{MaxDepth: 1}, rpcerr.TooBig, "/codec-a:all", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode[tt.in[:1]](tt.in, tt.o)
			if tt.tag != "" {
				badInput{tag: tt.tag, path: tt.path}.check(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := toJSON(t, got, EncodeOptions{}); text != tt.result {
				t.Errorf("got %s, want %s", text, tt.result)
			}
		})
	}
}

// TestDecodeElement reads one node without an element around it.
func TestDecodeElement(t *testing.T) {
	s := schemaOf(t)
	x := NewXMLReader(strings.NewReader(`<item xmlns="urn:example:a"><name>n</name><kind>round</kind></item>`), XMLLimits{})
	start, err := x.Next()
	if err != nil {
		t.Fatal(err)
	}
	b := tree.NewBuilder(s.Root)
	if err := DecodeXMLElement(x, start, s, s.Root, b, DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	if end, err := x.Next(); err != nil || end.Kind != XMLEOF {
		t.Fatalf("%v %v", end, err)
	}
	tr, err := b.Tree()
	if got, want := toJSON(t, tr, EncodeOptions{}), `{"codec-a:item":[{"name":"n","kind":"codec-a:round"}]}`; err != nil || got != want {
		t.Errorf("%v %s", err, got)
	}
}

func TestDecodeSourceError(t *testing.T) {
	broken := errors.New("connection lost")
	s := schemaOf(t)
	for _, in := range []string{``, `{`, `{"codec-a:all"`, `{"codec-a:all":`, `{"codec-a:all":{"text":"x`, `{"codec-a:item":[`, `{}`} {
		r := iotest.DataErrReader(strings.NewReader(in))
		err := DecodeJSON(&errorAtEnd{r, broken}, s, s.Root, ignore{}, DecodeOptions{})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// errorAtEnd reports err where the reader would end.
type errorAtEnd struct {
	r   interface{ Read([]byte) (int, error) }
	err error
}

func (e *errorAtEnd) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil {
		err = e.err
	}
	return n, err
}

// A message of its own names the modules of its outermost members; below, the
// parent's may be left out.
func TestQualified(t *testing.T) {
	s := schemaOf(t)
	all := s.Root.Child("codec-a", "all")
	for _, c := range []struct {
		in        string
		qualified bool
		want      rpcerr.Tag
	}{
		{`{"plain":{}}`, false, ""},
		{`{"plain":{}}`, true, rpcerr.UnknownElement},
		{`{"@text":{},"codec-a:text":"x"}`, true, rpcerr.UnknownElement},
		{`{"codec-a:plain":{}}`, true, ""},
		{`{"codec-a:text":"x"}`, true, ""},
	} {
		err := DecodeJSON(strings.NewReader(c.in), s, all, ignore{}, DecodeOptions{Qualified: c.qualified})
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.in, err)
		} else if c.want != "" {
			checkError(t, err, c.want, "needs its module")
		}
	}
}
