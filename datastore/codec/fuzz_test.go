package codec

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// checkDecoded checks what holds for all input: it is refused with an Error, or
// what it says survives both encodings.
func checkDecoded(t *testing.T, tr *tree.Tree, err error) {
	t.Helper()
	if err != nil {
		if e := rpcerr.All(err)[0]; e.Reason == rpcerr.Internal {
			t.Fatalf("no Error: %v", err)
		}
		return
	}
	x, err := fromXML(t, toXML(t, tr, EncodeOptions{}))
	if err != nil {
		t.Fatalf("%v: %s", err, toXML(t, tr, EncodeOptions{}))
	}
	j, err := fromJSON(t, toJSON(t, tr, EncodeOptions{}))
	if err != nil {
		t.Fatalf("%v: %s", err, toJSON(t, tr, EncodeOptions{}))
	}
	if strings.Contains(toXML(t, tr, EncodeOptions{}), "<stuff") || strings.Contains(toXML(t, tr, EncodeOptions{}), "<free") {
		return // content without schema keeps its meaning, not its form
	}
	if !tree.Compare(tr, x).Empty() || !tree.Compare(tr, j).Empty() {
		t.Fatalf("not the same: %s\n%s\n%s", toXML(t, tr, EncodeOptions{}), toXML(t, x, EncodeOptions{}), toXML(t, j, EncodeOptions{}))
	}
}

func FuzzDecodeXML(f *testing.F) {
	for _, s := range []string{
		`<all><i8>-8</i8><dec>1.50</dec><none/><kind xmlns:b="urn:example:b">b:square</kind><either>auto</either><tag>&lt;</tag></all>`,
		`<item><kind>round</kind><name>n</name><nested><id>2</id></nested><weight xmlns="urn:example:b">1</weight></item>`,
		`<all><where xmlns:a="urn:example:a">/a:item[a:name='x'][a:kind='a:round']</where></all>`,
		`<stuff><a xmlns="urn:x" b="1"><c/></a></stuff><free>t<b/></free>`,
		`<state><event><code>1</code></event><seen>x</seen><seen>x</seen></state>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		tr, err := fromXML(t, in)
		checkDecoded(t, tr, err)
	})
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"codec-a:all":{"i8":-8,"u64":"1","none":[null],"kind":"codec-b:square","either":true,"tag":["a","b"],"@tag":[null,{"x:m":1}]}}`,
		`{"codec-a:item":[{"@":{"ietf-origin:origin":"ietf-origin:system"},"name":"n","kind":"round","codec-b:weight":"1.0"}]}`,
		`{"codec-a:all":{"where":"/codec-a:item[name='x'][kind='codec-a:round']"}}`,
		`{"codec-a:stuff":{"a":[1,"\u00e9"],"codec-b:c":{"d":[null]}},"codec-a:free":[null,{"x y":1}]}`,
		`{"codec-a:state":{"event":[{"code":1},{}],"seen":["x","x"]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		tr, err := fromJSON(t, in)
		checkDecoded(t, tr, err)
	})
}
