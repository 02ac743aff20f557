package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestPatched has the examples of RFC 7396 Appendix A and RFC 6902 Appendix A.
func TestPatched(t *testing.T) {
	const merge, patch = MediaMergePatch, MediaJSONPatch
	for _, c := range []struct{ media, text, patch, want string }{ // want "": refused
		{merge, `{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{merge, `{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{merge, `{"a":"b"}`, `{"a":null}`, `{}`},
		{merge, `{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{merge, `{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{merge, `{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{merge, `{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{merge, `{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{merge, `["a","b"]`, `["c","d"]`, `["c","d"]`},
		{merge, `{"a":"b"}`, `["c"]`, `["c"]`},
		{merge, `{"a":"foo"}`, `null`, `null`},
		{merge, `{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{merge, `[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{merge, `{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{merge, `{}`, `{"a"`, ``},
		{merge, `{"a":`, `{"a":1}`, ``},
		{patch, `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"foo":"bar","baz":"qux"}`},
		{patch, `{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`},
		{patch, `{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`},
		{patch, `{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`},
		{patch, `{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`},
		{patch, `{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}`, `[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]`, `{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}`},
		{patch, `{"a":1,"b":2}`, `[{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":3},{"op":"remove","path":"/b"}]`, `{"a":3}`},
		{patch, `{"foo":["all","grass","cows","eat"]}`, `[{"op":"move","from":"/foo/1","path":"/foo/3"}]`, `{"foo":["all","cows","eat","grass"]}`},
		{patch, `{"baz":"qux","foo":["a",2,"c"]}`, `[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]`, `{"baz":"qux","foo":["a",2,"c"]}`},
		{patch, `{"baz":"qux"}`, `[{"op":"test","path":"/baz","value":"bar"}]`, ``},
		{patch, `{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"foo":"bar","child":{"grandchild":{}}}`},
		{patch, `{"foo":"bar"}`, `[{"op":"add","path":"/baz/bat","value":"qux"}]`, ``},
		{patch, `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":10}]`, `{"/":9,"~1":10}`},
		{patch, `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":"10"}]`, ``},
		{patch, `{"foo":["bar"]}`, `[{"op":"add","path":"/foo/-","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`},
		{patch, `{"a":null}`, `[{"op":"replace","path":"/a","value":null}]`, `{"a":null}`},
		{patch, `{"a":{"b":1}}`, `[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/a/b","value":2}]`, `{"a":{"b":2},"c":{"b":1}}`},
		{patch, `{"a":{"b":1}}`, `[{"op":"move","from":"/a","path":"/a/b"}]`, ``},
		{patch, `{"a":1}`, `[{"op":"replace","path":"","value":[1]}]`, `[1]`},
		{patch, `{"a":1}`, `[{"op":"remove","path":""}]`, ``},
		{patch, `{"a":1}`, `[{"op":"remove","path":"/b"}]`, ``},
		{patch, `{"a":1}`, `[{"op":"replace","path":"/b","value":1}]`, ``},
		{patch, `{"a":1}`, `[{"op":"add","path":"/a/b","value":1}]`, ``},
		{patch, `[1]`, `[{"op":"remove","path":"/1"}]`, ``},
		{patch, `[1]`, `[{"op":"remove","path":"/-"}]`, ``},
		{patch, `[1]`, `[{"op":"remove","path":"/00"}]`, ``},
		{patch, `[1]`, `[{"op":"add","path":"a","value":1}]`, ``},
		{patch, `[1]`, `[{"op":"add","path":"/0"}]`, ``},
		{patch, `[1]`, `[{"op":"copy","path":"/0"}]`, ``},
		{patch, `[1]`, `[{"op":"increase","path":"/0"}]`, ``},
		{patch, `[1]`, `{}`, ``},
		{"text/plain", `[1]`, `[]`, ``},
	} {
		got, err := Patched(c.media, []byte(c.text), []byte(c.patch))
		if err != nil && c.want != "" || err == nil && string(got) != c.want {
			t.Errorf("%s\n%s\ngives %s, %v\nwant  %s", c.text, c.patch, got, err, c.want)
		}
	}
}

// FuzzPatched: what a patch makes of a JSON value is one.
func FuzzPatched(f *testing.F) {
	f.Add(`{"a":{"b":[1]}}`, `{"a":{"c":null,"d":2}}`, `[{"op":"add","path":"/a/b/0","value":{}},{"op":"move","from":"/a","path":"/e"}]`)
	f.Add(`[]`, `1`, `[{"op":"add","path":"/-","value":[]},{"op":"copy","from":"/0","path":""}]`)
	f.Fuzz(func(t *testing.T, text, merge, patch string) {
		if !jsontext.Value(text).IsValid() {
			return
		}
		for media, p := range map[string]string{MediaMergePatch: merge, MediaJSONPatch: patch} {
			got, err := Patched(media, []byte(text), []byte(p))
			if err == nil && !jsontext.Value(got).IsValid() {
				t.Errorf("%s of %s by %s", got, text, p)
			}
		}
	})
}

// TestPatchedBound: a patch that doubles a document again and again is refused.
func TestPatchedBound(t *testing.T) {
	double := func(times int) []byte {
		var list []string
		for i := range times {
			list = append(list, fmt.Sprintf(`{"op":"copy","from":"","path":"/%d"}`, i))
		}
		return []byte("[" + strings.Join(list, ",") + "]")
	}
	text := []byte(`{"b":"` + strings.Repeat("x", 1<<10) + `"}`)
	if got, err := Patched(MediaJSONPatch, text, double(4)); err != nil || len(got) < 1<<12 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if got, err := Patched(MediaJSONPatch, text, double(40)); err == nil || !strings.Contains(err.Error(), "more is copied") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
