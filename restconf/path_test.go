package restconf

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

func TestParsePath(t *testing.T) {
	s := testSchema(t)
	for _, c := range []struct{ text, want string }{
		{"", "/"},
		{"/example-top:top", "/example-top:top"},
		{"/example-top%3Atop", "/example-top:top"},
		{"/example-top:top/example-top:Y", "/example-top:top/Y"},
		{"/example-top:top/example-more:extra", "/example-top:top/example-more:extra"},
		// RFC 8040 Section 3.5.3
		{
			"/example-top:top/list1=key1,key2,key3/list2=key4,key5/X",
			"/example-top:top/list1[key1='key1'][key2='key2'][key3='key3']/list2[key4='key4'][key5='key5']/X",
		},
		{"/example-top:top/Y=42", "/example-top:top/Y[.='42']"},
		{
			`/example-top:top/list1=%2C%27"%3A"%20%2F,,foo`,
			`/example-top:top/list1[key1=concat(',',"'",'":" /')][key2=''][key3='foo']`,
		},
		{"/example-top:top/list1", "/example-top:top/list1"},
		{"/example-top:top/list1=,,", "/example-top:top/list1[key1=''][key2=''][key3='']"},
		{"/example-top:top/list1=a=b,c;d,e+f", "/example-top:top/list1[key1='a=b'][key2='c;d'][key3='e+f']"},
		{"/example-top:top/queue=", "/example-top:top/queue[id='']"},
		{"/example-top:top/queue=%252F", "/example-top:top/queue[id='%2F']"},
		{"/example-top:top/names=a%2Cb", "/example-top:top/names[.='a,b']"},
		{"/example-top:top/form=round", "/example-top:top/form[kind='example-top:round']"},
		{"/example-top:top/form=example-top%3Around", "/example-top:top/form[kind='example-top:round']"},
		{"/example-top:top/form=example-more:square", "/example-top:top/form[kind='example-more:square']"},
		{"/example-top:machine/event", "/example-top:machine/event"},
		{"/example-top:machine/wheel=a/spin", "/example-top:machine/wheel[name='a']"},
	} {
		path, action, err := parsePath(s, c.text)
		if err != nil || path.String() != c.want {
			t.Errorf("%s = %v, %v; want %s", c.text, path, err, c.want)
		}
		if (action != nil) != strings.HasSuffix(c.text, "spin") {
			t.Errorf("%s: action %v", c.text, action)
		}
	}
}

func TestParsePathErrors(t *testing.T) {
	s := testSchema(t)
	for _, c := range []struct {
		text, want string
		unknown    bool
	}{
		{"/", "expected a node name", false},
		{"/example-top:top/", "expected a node name", false},
		{"/example-top:top//Y", "expected a node name", false},
		{"/:top", "expected a node name", false},
		{"/example-top:", "expected a node name", false},
		{"/=a", "expected a node name", false},
		{"/top", "needs its module name: MODULE:top", false},
		{"/example-topp:top", "no module example-topp", true},
		{"/example-top:topp", "the datastore has no child example-top:topp", true},
		{"/example-top:top/extra", "write example-more:extra", true},
		{"/example-top:top/Y=1/z", "has no child", true},
		{"/example-top:broken", "has no child", true},
		{"/example-top:reset", "has no child", true},
		{"/example-top:top=a", "takes no key", false},
		{"/example-top:top/example-more:extra=a", "takes no key", false},
		{"/example-top:top/list1=a,b", "expected list1=KEY1,KEY2,KEY3", false},
		{"/example-top:top/list1=a,b,c,d", "3 key values, and 4 are given", false},
		{"/example-top:top/list1=a,b%2Cc", "3 key values, and 2 are given", false},
		{"/example-top:top/list1/list2=a,b", "needs its key values before what is below: list1=KEY1,KEY2,KEY3", false},
		{"/example-top:top/Y=1,2", "expected Y=VALUE", false},
		{"/example-top:top/Y=minus", "Y: ", false},
		{"/example-top:top/Y=", "Y: ", false},
		{"/example-top:top/form=oval", "kind: ", false},
		{"/example-top:top/form=example-none:oval", "kind: ", false},
		{"/example-top:top/names=%zz", "not percent-encoded", false},
		{"/example-top:top/names=%ff", "not UTF-8", false},
		{"/example-top:machine/event=1", "has no keys", false},
		{"/example-top:machine/event/text", "has no keys", false},
		{"/example-top:machine/wheel=a/spin/times", "nothing below it", true},
		{"/example-top:machine/wheel/spin", "needs its key values", false},
		{"/example-top:machine/wheel=a/spin=1", "takes no key", false},
	} {
		_, _, err := parsePath(s, c.text)
		var e *rpcerr.Error
		if !errors.As(err, &e) || e.Tag != rpcerr.InvalidValue || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: %v; want %q", c.text, err, c.want)
			continue
		}
		if (e.Reason == rpcerr.NoSuchSchema) != c.unknown {
			t.Errorf("%s: status %d", c.text, status(e))
		}
	}
}

func TestBadKeyNamesTheList(t *testing.T) {
	_, _, err := parsePath(testSchema(t), "/example-top:top/form=oval")
	if e := rpcerr.All(err)[0]; e.Path != "/example-top:top/form" {
		t.Errorf("path %q", e.Path)
	}
}

// Every path comes back from what Location says.
func TestPathRoundTrip(t *testing.T) {
	s := testSchema(t)
	list1, list2 := s.Find("/example-top:top/list1"), s.Find("/example-top:top/list1/list2")
	rapid.Check(t, func(t *rapid.T) {
		keys := func(list *yang.Node) tree.Step {
			st := tree.Step{Schema: list}
			for _, k := range list.Keys {
				var v yang.Value
				rapid.StringMatching(`([a-c,/%:='" ]|\pL|\pS){0,6}`).Filter(func(text string) (ok bool) {
					var err error
					v, err = k.Type.Parse(text, nil)
					return err == nil
				}).Draw(t, k.Name)
				st.Keys = append(st.Keys, v)
			}
			return st
		}
		path := tree.Path{{Schema: list1.DataParent}, keys(list1), keys(list2), {Schema: list2.Child("example-top", "X")}}
		text := string(path.AppendURI(nil))
		got, _, err := parsePath(s, text)
		if err != nil || got.String() != path.String() {
			t.Fatalf("%s\n= %s, %v\nwant %s", text, got, err, path)
		}
	})
}

func FuzzPath(f *testing.F) {
	s := testSchema(f)
	for _, text := range []string{
		"", "/", "/example-top:top/list1=a,,b/list2=%2F,c/X", "/example-top:machine/wheel=a/spin",
		"/example-top:top/form=example-more%3Asquare", "/example-top:top/Y=7", "/example-jukebox:jukebox/playlist=x/song=1/id",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, action, err := parsePath(s, text)
		if err != nil {
			var e *rpcerr.Error
			if !errors.As(err, &e) || status(e) != 400 && status(e) != 404 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if action != nil {
			return
		}
		again, _, err := parsePath(s, string(path.AppendURI(nil)))
		if err != nil || again.String() != path.String() {
			t.Fatalf("%q = %s, again %s, %v", text, path, again, err)
		}
	})
}

// A URI does not say whether a key is the number or the string; Location leads to
// the entry, and so does every other method.
func TestUnionKeys(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "PUT /restconf/data/example-top:top"+jsonBody+`{"example-top:top": {}}`)
	for _, key := range []string{`"5"`, `5`, `" 5"`, `"a"`} {
		text := strings.ReplaceAll(strings.Trim(key, `"`), " ", "%20")
		const list = "/restconf/data/example-top:top/example-more:mixed="
		w := f.must(201, "POST /restconf/data/example-top:top"+jsonBody+`{"example-more:mixed": [{"id": `+key+`}]}`)
		if got, want := w.Header().Get("Location"), "http://example.com"+list+text; got != want {
			t.Errorf("%s is at %s, want %s", key, got, want)
		}
		f.must(204, "PUT "+list+text+jsonBody+`{"example-more:mixed": [{"id": `+key+`, "note": "x"}]}`)
		f.must(204, "PATCH "+list+text+jsonBody+`{"example-more:mixed": [{"note": "y"}]}`)
		f.must(400, "PUT "+list+text+jsonBody+`{"example-more:mixed": [{"id": "b"}]}`)
		if got, want := f.must(200, "GET "+list+text).Body.String(), `{"example-more:mixed":[{"id":`+key+`,"note":"y"}]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		f.must(204, "DELETE "+list+text)
	}
}
