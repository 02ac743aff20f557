package codec

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/google/go-cmp/cmp"
)

// recorder is a Sink that writes down what it gets.
type recorder struct{ lines []string }

func (r *recorder) add(what string, attrs []tree.Attr) {
	for _, a := range attrs {
		what += " " + a.Module + ":" + a.Name + "=" + a.Value
		if _, name, ok := strings.Cut(a.Value, ":"); ok && a.Name == "key" {
			prefix := strings.TrimLeft(strings.TrimSuffix(a.Value, ":"+name), "[")
			if m, ok := a.Resolver.ModuleOf(prefix); ok {
				what += " (" + m + ")"
			}
		}
	}
	r.lines = append(r.lines, what)
}

func (r *recorder) Begin(s *yang.Node, attrs []tree.Attr) error {
	r.add("begin "+s.Name, attrs)
	return nil
}

func (r *recorder) Leaf(s *yang.Node, v yang.Value, attrs []tree.Attr) error {
	text := v.String()
	if v.IsZero() {
		text = "(none)"
	}
	r.add("leaf "+s.Name+" "+text, attrs)
	return nil
}

func (r *recorder) Any(s *yang.Node, a *tree.Any, attrs []tree.Attr) error {
	r.add("any "+s.Name+" "+a.XML+a.JSON, attrs)
	return nil
}
func (r *recorder) End() error { r.add("end", nil); return nil }

func TestXMLAttributes(t *testing.T) {
	s := schemaOf(t)
	in := `<data xmlns="urn:example:a" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:yang="urn:ietf:params:xml:ns:yang:1" xmlns:c="urn:example:a">
	  <all nc:operation="merge" xml:lang="en">
	    <text nc:operation="delete"/><i8 nc:operation="remove"> </i8><u8 nc:operation="create">1</u8>
	    <number yang:insert="before" yang:value="3">4</number>
	    <plain plainly="1"/>
	  </all>
	  <item nc:operation="delete"><name>n</name><kind>round</kind><nested yang:insert="after" yang:key="[c:id='1']"><id>2</id></nested></item>
	  <stuff nc:operation="replace"/></data>`
	x := NewXMLReader(strings.NewReader(in), XMLLimits{})
	x.Next()
	var r recorder
	if err := DecodeXML(x, s, s.Root, &r, DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	const yang1 = "urn:ietf:params:xml:ns:yang:1"
	want := []string{
		"begin all ietf-netconf:operation=merge",
		"leaf text (none) ietf-netconf:operation=delete",
		"leaf i8 (none) ietf-netconf:operation=remove",
		"leaf u8 1 ietf-netconf:operation=create",
		"leaf number 4 " + yang1 + ":insert=before " + yang1 + ":value=3",
		"begin plain :plainly=1", "end", "end",
		"begin item ietf-netconf:operation=delete", "leaf name n", "leaf kind codec-a:round",
		"begin nested " + yang1 + ":insert=after " + yang1 + ":key=[c:id='1'] (codec-a)", "leaf id 2", "end", "end",
		"any stuff  ietf-netconf:operation=replace",
	}
	if d := cmp.Diff(want, r.lines); d != "" {
		t.Error(d)
	}
}

func TestXMLValueOfDelete(t *testing.T) {
	const nc = ` xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation=`
	if _, err := fromXML(t, `<all><i8`+nc+`"create"/></all>`); err == nil {
		t.Error("a leaf without a value is created")
	}
	_, err := fromXML(t, `<all><i8`+nc+`"delete">x</i8></all>`)
	checkError(t, err, rpcerr.InvalidValue, "i8")
}

// TestJSONAnnotations follows the places that RFC 7952 Section 5.2 gives them, and
// what may stand around them.
func TestJSONAnnotations(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"container", `{"codec-a:all":{"@":{"x:m":"1","x:n":2},"text":"t"}}`, []string{"begin all x:m=1 x:n=2", "leaf text t", "end"}},
		{"container, behind a leaf", `{"codec-a:all":{"text":"t","@":{"x:m":true}}}`, []string{"begin all x:m=true", "leaf text t", "end"}},
		{"empty container", `{"codec-a:all":{"@":{"x:m":[null]}}}`, []string{"begin all x:m=", "end"}},
		{
			"entries", `{"codec-a:item":[{"@":{"x:m":"1"},"name":"a"},{"name":"b"}]}`,
			[]string{"begin item x:m=1", "leaf name a", "end", "begin item", "leaf name b", "end"},
		},
		{"leaf", `{"codec-a:all":{"flag":true,"@flag":{"x:m":"1"},"text":"t"}}`, []string{"begin all", "leaf flag true x:m=1", "leaf text t", "end"}},
		{"leaf, before it", `{"codec-a:all":{"@flag":{"x:m":"1"},"text":"t","flag":true}}`, []string{"begin all", "leaf text t", "leaf flag true x:m=1", "end"}},
		{"leaf, later", `{"codec-a:all":{"flag":true,"text":"t","@flag":{"x:m":"1"}}}`, []string{"begin all", "leaf flag true x:m=1", "leaf text t", "end"}},
		{"leaf of another module", `{"codec-a:all":{"codec-b:text":"t","@codec-b:text":{"x:m":"1"}}}`, []string{"begin all", "leaf text t x:m=1", "end"}},
		{
			"leaf-list", `{"codec-a:all":{"tag":["6","3","7","8"],"@tag":[null,{"x:m":"1"},{"x:m":"2"}]}}`,
			[]string{"begin all", "leaf tag 6", "leaf tag 3 x:m=1", "leaf tag 7 x:m=2", "leaf tag 8", "end"},
		},
		{
			"leaf-list, before it", `{"codec-a:all":{"@tag":[null,{"x:m":"1"}],"tag":["6","3","7"]}}`,
			[]string{"begin all", "leaf tag 6", "leaf tag 3 x:m=1", "leaf tag 7", "end"},
		},
		{"anyxml", `{"codec-a:free":[1,null,"three"],"@codec-a:free":{"x:m":"1"}}`, []string{`any free [1,null,"three"] x:m=1`}},
		{"anydata", `{"codec-a:stuff":{"@":{"x:m":"1"}, "a":{"b":1}}}`, []string{`any stuff {"a":{"b":1}} x:m=1`}},
		{
			"before a container", `{"codec-a:all":{"@":{"x:m":"1"},"@text":{"x:n":"2"},"text":"t","plain":{}}}`,
			[]string{"begin all x:m=1", "leaf text t x:n=2", "begin plain", "end", "end"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			s := schemaOf(t)
			if err := DecodeJSON(strings.NewReader(tt.in), s, s.Root, &r, DecodeOptions{}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, r.lines); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestJSONAnnotationsRefused(t *testing.T) {
	tests := []badInput{
		{"top level", `{"@":{"x:m":1}}`, rpcerr.BadAttribute, "", "must stand before", nil},
		{"no module", `{"codec-a:all":{"@":{"m":1}}}`, rpcerr.BadAttribute, "/codec-a:all", "needs its module", nil},
		{"no object", `{"codec-a:all":{"@":[]}}`, rpcerr.BadAttribute, "/codec-a:all", "JSON object", nil},
		{"object as value", `{"codec-a:all":{"@":{"x:m":{}}}}`, rpcerr.BadAttribute, "/codec-a:all", "expected a string", nil},
		{"of nothing", `{"codec-a:all":{"@text":{"x:m":1}}}`, rpcerr.BadAttribute, "/codec-a:all", "not there", nil},
		{"of an unknown leaf", `{"codec-a:all":{"@nothing":{"x:m":1}}}`, rpcerr.UnknownElement, "/codec-a:all", "no child", nil},
		{"of a container", `{"codec-a:all":{"@plain":{"x:m":1}}}`, rpcerr.BadAttribute, "/codec-a:all", "inside it", nil},
		{"too many", `{"codec-a:all":{"tag":["a"],"@tag":[null,{"x:m":1}]}}`, rpcerr.BadAttribute, "/codec-a:all", "fewer entries", nil},
		{"too many before", `{"codec-a:all":{"@tag":[null,{"x:m":1}],"tag":["a"]}}`, rpcerr.BadAttribute, "/codec-a:all", "not there", nil},
		{"too late", `{"codec-a:all":{"text":"t","plain":{},"@text":{"x:m":1}}}`, rpcerr.BadAttribute, "/codec-a:all", "must come before", nil},
		{"too late for a container", `{"codec-a:all":{"plain":{},"@":{"x:m":1}}}`, rpcerr.BadAttribute, "/codec-a:all", "must stand before", nil},
		{"array for a leaf", `{"codec-a:all":{"text":"t","@text":[{"x:m":1}]}}`, rpcerr.BadAttribute, "/codec-a:all", "JSON object", nil},
		{"ends early", `{"codec-a:all":{"@":`, rpcerr.MalformedMessage, "", "JSON, byte", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fromJSON(t, tt.in)
			tt.check(t, err)
		})
	}
}

// TestMetadata writes origins and default tags, and reads them back.
func TestMetadata(t *testing.T) {
	plain, err := fromJSON(t, `{"codec-a:all":{"text":"t","flag":true,"tag":["a","b","c"],"kind":"round","plain":{"inner":"i"}},"codec-a:stuff":{"a":1},"codec-a:free":1,"codec-a:item":[{"name":"n","kind":"round"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	m := plain.Mutate()
	root := plain.Schema()
	at := func(n *yang.Node, name string) *yang.Node { return n.Child("codec-a", name) }
	all := at(root, "all")
	w := m.Child(all)
	w.SetOrigin(tree.OriginIntended)
	w.Put(w.Node().Child(at(all, "text")).WithOrigin(tree.OriginLearned), tree.Position{})
	w.Put(w.Node().Child(at(all, "flag")).WithOrigin(tree.OriginDefault).WithDefault(true), tree.Position{})
	w.Put(w.Node().Child(at(all, "kind")).WithOrigin(tree.OriginIntended), tree.Position{})
	w.Put(w.Node().Entry(at(all, "tag"), "b").WithOrigin(tree.OriginSystem), tree.Position{})
	w.Child(at(all, "plain")).SetOrigin(tree.OriginDynamic)
	m.Put(m.Node().Child(at(root, "stuff")).WithOrigin(tree.OriginUnknown), tree.Position{})
	m.Put(m.Node().Child(at(root, "free")).WithOrigin(tree.OriginUnknown), tree.Position{})
	tr := m.Done()

	wantXML := `<all xmlns="urn:example:a" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin" xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" or:origin="or:intended">` +
		`<flag or:origin="or:default" wd:default="true">true</flag><text or:origin="or:learned">t</text><kind>round</kind>` +
		`<tag>a</tag><tag or:origin="or:system">b</tag><tag>c</tag><plain or:origin="or:dynamic"><inner>i</inner></plain></all>` +
		`<item xmlns="urn:example:a" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin" xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0"><name>n</name><kind>round</kind></item>` +
		`<stuff xmlns="urn:example:a" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin" xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" or:origin="or:unknown"><a>1</a></stuff>` +
		`<free xmlns="urn:example:a" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin" xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" or:origin="or:unknown">1</free>`
	wantJSON := `{"codec-a:all":{"@":{"ietf-origin:origin":"ietf-origin:intended"},` +
		`"flag":true,"@flag":{"ietf-origin:origin":"ietf-origin:default","ietf-netconf-with-defaults:default":true},` +
		`"text":"t","@text":{"ietf-origin:origin":"ietf-origin:learned"},"kind":"codec-a:round",` +
		`"tag":["a","b","c"],"@tag":[null,{"ietf-origin:origin":"ietf-origin:system"}],` +
		`"plain":{"@":{"ietf-origin:origin":"ietf-origin:dynamic"},"inner":"i"}},` +
		`"codec-a:item":[{"name":"n","kind":"codec-a:round"}],` +
		`"codec-a:stuff":{"@":{"ietf-origin:origin":"ietf-origin:unknown"},"a":1},` +
		`"codec-a:free":1,"@codec-a:free":{"ietf-origin:origin":"ietf-origin:unknown"}}`
	o := EncodeOptions{Origin: true, TagDefaults: true}
	if d := cmp.Diff(wantXML, toXML(t, tr, o)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(wantJSON, toJSON(t, tr, o)); d != "" {
		t.Error(d)
	}
	if strings.Contains(toXML(t, tr, EncodeOptions{}), "origin") || strings.Contains(toJSON(t, tr, EncodeOptions{}), "@") {
		t.Error("metadata is written without being asked for")
	}
	j, err := fromJSON(t, wantJSON)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantJSON, toJSON(t, j, o)); d != "" {
		t.Errorf("read back from JSON: %s", d)
	}
	x, err := fromXML(t, wantXML)
	if err != nil {
		t.Fatal(err)
	}
	wantXML = strings.Replace(wantXML, "<a>", `<a xmlns="urn:example:a">`, 1) // anydata stands alone
	if d := cmp.Diff(wantXML, toXML(t, x, o)); d != "" {
		t.Errorf("read back from XML: %s", d)
	}
}
