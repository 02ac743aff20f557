package codec

import (
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/google/go-cmp/cmp"
)

// TestEncodings writes and reads the same data in both encodings.
func TestEncodings(t *testing.T) {
	tests := []struct{ name, xml, json string }{
		{"nothing", ``, `{}`},
		{
			"integers", `<all xmlns="urn:example:a"><i8>-8</i8><i64>-9223372036854775808</i64><u32>32</u32><u64>18446744073709551615</u64></all>`,
			`{"codec-a:all":{"i8":-8,"i64":"-9223372036854775808","u32":32,"u64":"18446744073709551615"}}`,
		},
		{"decimal64", `<all xmlns="urn:example:a"><dec>-1.5</dec></all>`, `{"codec-a:all":{"dec":"-1.5"}}`},
		{"boolean and empty", `<all xmlns="urn:example:a"><flag>true</flag><none/></all>`, `{"codec-a:all":{"flag":true,"none":[null]}}`},
		{"empty string", `<all xmlns="urn:example:a"><text/></all>`, `{"codec-a:all":{"text":""}}`},
		{
			"escapes", "<all xmlns=\"urn:example:a\"><text> &lt;a&gt; &amp; \"'\\\t\n&#13;é\U0001F600 </text></all>",
			"{\"codec-a:all\":{\"text\":\" <a> & \\\"'\\\\\\t\\n\\ré\U0001F600 \"}}",
		},
		{"enumeration", `<all xmlns="urn:example:a"><colour>a &lt;b&gt; &amp; 'c' "d"</colour></all>`, `{"codec-a:all":{"colour":"a <b> & 'c' \"d\""}}`},
		{
			"bits and binary", `<all xmlns="urn:example:a"><options>up left</options><blob>AAEC</blob></all>`,
			`{"codec-a:all":{"options":"up left","blob":"AAEC"}}`,
		},
		{
			"identities", `<all xmlns="urn:example:a"><kind xmlns:c="urn:example:b">c:square</kind><kinds>round</kinds></all>`,
			`{"codec-a:all":{"kind":"codec-b:square","kinds":["codec-a:round"]}}`,
		},
		{
			"instance-identifier with one prefix for two modules",
			`<all xmlns="urn:example:a"><where xmlns:c="urn:example:a" xmlns:c-="urn:example:b">/c:item[c:name='a/b]'][c:kind='c-:square']/c-:weight</where></all>`,
			`{"codec-a:all":{"where":"/codec-a:item[name='a/b]'][kind='codec-b:square']/codec-b:weight"}}`,
		},
		{"union", `<all xmlns="urn:example:a"><either>7</either></all>`, `{"codec-a:all":{"either":7}}`},
		{"union of a boolean", `<all xmlns="urn:example:a"><either>true</either></all>`, `{"codec-a:all":{"either":true}}`},
		{"union of a name", `<all xmlns="urn:example:a"><either>auto</either></all>`, `{"codec-a:all":{"either":"auto"}}`},
		{
			"leaf-lists", `<all xmlns="urn:example:a"><tag>a</tag><tag>b</tag><number>2</number><number>1</number></all>`,
			`{"codec-a:all":{"tag":["a","b"],"number":["2","1"]}}`,
		},
		{
			"other module", `<all xmlns="urn:example:a"><text>1</text><text xmlns="urn:example:b">2</text><extra xmlns="urn:example:b"><deep>3</deep></extra></all>` +
				`<other xmlns="urn:example:b"><name>n</name></other>`,
			`{"codec-a:all":{"text":"1","codec-b:text":"2","codec-b:extra":{"deep":"3"}},"codec-b:other":{"name":"n"}}`,
		},
		{
			"containers", `<all xmlns="urn:example:a"><second><x>1</x></second><gone/><plain/></all>`,
			`{"codec-a:all":{"second":{"x":1},"gone":{},"plain":{}}}`,
		},
		{
			"lists", `<item xmlns="urn:example:a"><name>a</name><kind>round</kind><value>v</value>` +
				`<nested><id>2</id></nested><nested><id>1</id><text>t</text></nested><weight xmlns="urn:example:b">1.0</weight></item>` +
				`<item xmlns="urn:example:a"><name>b</name><kind>round</kind></item>`,
			`{"codec-a:item":[{"name":"a","kind":"codec-a:round","value":"v","nested":[{"id":2},{"id":1,"text":"t"}],"codec-b:weight":"1.0"},` +
				`{"name":"b","kind":"codec-a:round"}]}`,
		},
		{
			"state", `<state xmlns="urn:example:a"><up>false</up><event><code>1</code></event><event><code>1</code></event><seen>x</seen><seen>x</seen></state>`,
			`{"codec-a:state":{"up":false,"event":[{"code":1},{"code":1}],"seen":["x","x"]}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := fromXML(t, tt.xml)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.xml, toXML(t, x, EncodeOptions{})); d != "" {
				t.Errorf("XML of XML: %s", d)
			}
			if d := cmp.Diff(tt.json, toJSON(t, x, EncodeOptions{})); d != "" {
				t.Errorf("JSON of XML: %s", d)
			}
			j, err := fromJSON(t, tt.json)
			if err != nil {
				t.Fatal(err)
			}
			if !tree.Compare(x, j).Empty() {
				t.Errorf("the trees differ; XML of JSON: %s", toXML(t, j, EncodeOptions{}))
			}
			for _, indent := range []string{"  ", "\t"} {
				if x, err = fromXML(t, toXML(t, x, EncodeOptions{Indent: indent})); err != nil || !tree.Compare(x, j).Empty() {
					t.Errorf("indented XML: %v", err)
				}
				if j, err = fromJSON(t, toJSON(t, j, EncodeOptions{Indent: indent})); err != nil || !tree.Compare(x, j).Empty() {
					t.Errorf("indented JSON: %v", err)
				}
			}
		})
	}
}

func TestIndent(t *testing.T) {
	tr, err := fromJSON(t, `{"codec-a:all":{"tag":["a","b"],"gone":{}},"codec-a:item":[{"name":"a","kind":"round"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	wantXML := `<all xmlns="urn:example:a">
  <tag>a</tag>
  <tag>b</tag>
  <gone/>
</all>
<item xmlns="urn:example:a">
  <name>a</name>
  <kind>round</kind>
</item>
`
	wantJSON := `{
  "codec-a:all": {
    "tag": [
      "a",
      "b"
    ],
    "gone": {}
  },
  "codec-a:item": [
    {
      "name": "a",
      "kind": "codec-a:round"
    }
  ]
}
`
	if d := cmp.Diff(wantXML, toXML(t, tr, EncodeOptions{Indent: "  "})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(wantJSON, toJSON(t, tr, EncodeOptions{Indent: "  "})); d != "" {
		t.Error(d)
	}
}

// TestLenientInput reads forms that the encoders do not write.
func TestLenientInput(t *testing.T) {
	want, err := fromJSON(t, `{"codec-a:all":{"u8":7,"text":"t","kind":"codec-a:round","tag":["a"]},"codec-a:item":[{"name":"n","kind":"codec-a:round","value":"v"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`<all xmlns="urn:example:a"> <u8> 7 </u8><tag>a</tag>
		   <kind>round</kind><!-- c --><text><![CDATA[t]]></text></all>
		 <item><value>v</value><kind xmlns:x="urn:example:a">x:round</kind><name>n</name></item>`,
		`<p:all xmlns:p="urn:example:a"><p:u8>+7</p:u8><p:tag>a</p:tag><p:kind>p:round</p:kind><p:text>&#x74;</p:text></p:all>
		 <p:item xmlns:p="urn:example:a"><p:value>v</p:value><p:kind>p:round</p:kind><p:name>n</p:name></p:item>`,
	} {
		got, err := fromXML(t, text)
		if err != nil {
			t.Error(err)
		} else if !tree.Compare(want, got).Empty() {
			t.Errorf("got %s", toXML(t, got, EncodeOptions{}))
		}
	}
	for _, text := range []string{
		`{"codec-a:item":[{"value":"v","kind":"round","name":"n"}], "codec-a:all":{"tag":["a"],"codec-a:kind":"round","codec-a:text":"\u0074","u8":7}}`,
		` {"codec-a:all":{"u8":7.0,"t\u0065xt":"t","kind":"round","tag":["a"],"number":[]},"codec-a:item":[{"name":"n","kind":"round","value":"v","nested":[]}]} `,
	} {
		got, err := fromJSON(t, text)
		if err != nil {
			t.Error(err)
		} else if !tree.Compare(want, got).Empty() {
			t.Errorf("got %s", toXML(t, got, EncodeOptions{}))
		}
	}
}

// TestWrapped reads and writes trees that do not stand below the datastore.
func TestWrapped(t *testing.T) {
	s := schemaOf(t)
	rpc := s.RPC("codec-a", "reset")
	var input *yang.Node
	for _, c := range rpc.Children {
		if c.Kind == yang.Input {
			input = c
		}
	}
	x, err := buildXML(s, input, `<delay>3</delay><more><x>y</x></more>`, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := toJSON(t, x, EncodeOptions{}), `{"delay":3,"more":{"x":"y"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, text := range []string{`{"delay":3,"more":{"x":"y"}}`, `{"codec-a:delay":3,"codec-a:more":{"x":"y"}}`} {
		j, err := buildJSON(s, input, text, DecodeOptions{})
		if err != nil || !tree.Compare(x, j).Empty() {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got, want := toXML(t, x, EncodeOptions{}), `<delay xmlns="urn:example:a">3</delay><more xmlns="urn:example:a"><x>y</x></more>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEncodeNodes(t *testing.T) {
	tr, err := fromJSON(t, `{"codec-a:item":[{"name":"a","kind":"round","nested":[{"id":1},{"id":2}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tree.ParsePath(schemaOf(t), "/codec-a:item[name='a'][kind='codec-a:round']")
	if err != nil {
		t.Fatal(err)
	}
	item := tr.Find(p)
	nested := item.Schema().Child("codec-a", "nested")
	var x, j strings.Builder
	if err := errors.Join(EncodeXMLNodes(&x, item.Entries(nested), EncodeOptions{}), EncodeJSONNodes(&j, item.Entries(nested), EncodeOptions{})); err != nil {
		t.Fatal(err)
	}
	if want := `<nested xmlns="urn:example:a"><id>1</id></nested><nested xmlns="urn:example:a"><id>2</id></nested>`; x.String() != want {
		t.Errorf("got %s, want %s", x.String(), want)
	}
	if want := `{"codec-a:nested":[{"id":1},{"id":2}]}`; j.String() != want {
		t.Errorf("got %s, want %s", j.String(), want)
	}
}

// TestWriterError checks that an error of the writer ends encoding at once.
func TestWriterError(t *testing.T) {
	tr := largeTree(t, 5000)
	for name, encode := range map[string]func(w *failingWriter) error{
		"XML":  func(w *failingWriter) error { return EncodeXML(w, tr, EncodeOptions{}) },
		"JSON": func(w *failingWriter) error { return EncodeJSON(w, tr, EncodeOptions{}) },
	} {
		w := &failingWriter{left: 2}
		if err := encode(w); !errors.Is(err, errWriter) || w.calls != 3 {
			t.Errorf("%s: %v after %d calls", name, err, w.calls)
		}
		if w = (&failingWriter{left: 1 << 20}); encode(w) != nil || w.largest > flushSize+spareSize {
			t.Errorf("%s: a piece of %d bytes", name, w.largest)
		}
	}
}

var errWriter = errors.New("full")

type failingWriter struct{ left, calls, largest int }

func (w *failingWriter) Write(p []byte) (int, error) {
	w.calls++
	w.largest = max(w.largest, len(p))
	if w.left == 0 {
		return 0, errWriter
	}
	w.left--
	return len(p), nil
}

func TestXMLPath(t *testing.T) {
	s := schemaOf(t)
	tests := []struct {
		name, path, want string
		xmlns            map[string]string
	}{
		{"one module", "/codec-a:all/plain/inner", "/c:all/c:plain/c:inner", map[string]string{"c": "urn:example:a"}},
		{"two modules", "/codec-a:all/codec-b:extra/deep", "/c:all/c-:extra/c-:deep", map[string]string{"c": "urn:example:a", "c-": "urn:example:b"}},
		{
			"keys", `/codec-a:item[name="it's/[x]"][kind='codec-b:square']/value`, `/c:item[c:name="it's/[x]"][c:kind='c-:square']/c:value`,
			map[string]string{"c": "urn:example:a", "c-": "urn:example:b"},
		},
		{"text that looks like an identity", `/codec-a:item[name='codec-b:square']`, `/c:item[c:name='codec-b:square']`, map[string]string{"c": "urn:example:a"}},
		{"leaf-list and position", "/codec-a:all/tag[.='a=b']", "/c:all/c:tag[.='a=b']", map[string]string{"c": "urn:example:a"}},
		{"position", "/codec-a:state/event[2]/code", "/c:state/c:event[2]/c:code", map[string]string{"c": "urn:example:a"}},
		{"unknown module", "/nowhere:x/y", "/nowhere:x/y", map[string]string{}},
		{"root", "/", "/", map[string]string{}},
		{"none", "", "", map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, xmlns := XMLPath(tt.path, s)
			if got != tt.want || !cmp.Equal(xmlns, tt.xmlns) {
				t.Errorf("got %s %v, want %s %v", got, xmlns, tt.want, tt.xmlns)
			}
		})
	}
}
