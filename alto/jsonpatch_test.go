package alto

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// applyPatch does what a client does with an incremental change of a media type.
func applyPatch(media string, target any, patch string) (any, error) {
	if media == MediaJSONPatch {
		return applyJSONPatch(target, patch)
	}
	var p any
	err := json.Unmarshal([]byte(patch), &p)
	return applyMerge(target, p), err
}

// applyJSONPatch applies the operations add, remove and replace of RFC 6902 Section 4.
func applyJSONPatch(target any, patch string) (any, error) {
	var operations []struct {
		Op, Path string
		Value    json.RawMessage
	}
	if err := json.Unmarshal([]byte(patch), &operations); err != nil {
		return nil, err
	}
	for _, o := range operations {
		var value any
		if o.Op != "remove" {
			if err := json.Unmarshal(o.Value, &value); err != nil {
				return nil, fmt.Errorf("%s %s: %w", o.Op, o.Path, err)
			}
		}
		tokens := strings.Split(o.Path, "/")[1:]
		for i, token := range tokens {
			tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		}
		var err error
		if target, err = applyOperation(target, o.Op, tokens, value); err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Op, o.Path, err)
		}
	}
	return target, nil
}

func applyOperation(target any, op string, tokens []string, value any) (_ any, err error) {
	switch t := target.(type) {
	case map[string]any:
		return applyToObject(t, op, tokens, value)
	case []any:
		return applyToArray(t, op, tokens, value)
	}
	return nil, fmt.Errorf("%q is in no object or array", tokens)
}

func applyToObject(object map[string]any, op string, tokens []string, value any) (_ any, err error) {
	changed, name := make(map[string]any, len(object)), tokens[0]
	for n, v := range object {
		changed[n] = v
	}
	before, exists := changed[name]
	switch {
	case op != "add" && !exists:
		err = fmt.Errorf("no member %q", name)
	case len(tokens) > 1:
		changed[name], err = applyOperation(before, op, tokens[1:], value)
	case op == "remove":
		delete(changed, name)
	default:
		changed[name] = value
	}
	return changed, err
}

func applyToArray(array []any, op string, tokens []string, value any) (_ any, err error) {
	changed := slices.Clone(array)
	i, err := strconv.Atoi(tokens[0])
	switch {
	case err != nil:
	case i < 0 || i > len(array) || i == len(array) && (op != "add" || len(tokens) > 1):
		err = fmt.Errorf("no element %d of %d", i, len(array))
	case len(tokens) > 1:
		changed[i], err = applyOperation(changed[i], op, tokens[1:], value)
	case op == "remove":
		changed = slices.Delete(changed, i, i+1)
	case op == "add":
		changed = slices.Insert(changed, i, value)
	default:
		changed[i] = value
	}
	return changed, err
}

// TestApplyJSONPatch has examples of RFC 6902 Appendix A.
func TestApplyJSONPatch(t *testing.T) {
	for _, tt := range []struct{ target, patch, want string }{
		{`{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"baz":"qux","foo":"bar"}`},
		{`{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`},
		{`{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`},
		{`{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`},
		{`{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`},
		{`{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"foo":"bar","child":{"grandchild":{}}}`},
		{`{"foo":"bar"}`, `[{"op":"add","path":"/baz/bat","value":"qux"}]`, ``},
		{`{"foo":["bar"]}`, `[{"op":"add","path":"/foo/1","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`},
		{`{"foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, ``},
		{`{"/":9,"~1":10}`, `[{"op":"replace","path":"/~01","value":11},{"op":"remove","path":"/~1"}]`, `{"~1":11}`},
	} {
		got, err := applyJSONPatch(decode(t, tt.target), tt.patch)
		if (err != nil) != (tt.want == "") {
			t.Errorf("%s by %s: error %v", tt.target, tt.patch, err)
		}
		if tt.want == "" || err != nil {
			continue
		}
		if diff := cmp.Diff(decode(t, tt.want), got); diff != "" {
			t.Errorf("%s by %s (-want +got):\n%s", tt.target, tt.patch, diff)
		}
	}
}

func TestJSONPatch(t *testing.T) {
	long := strings.Repeat("x", 60)
	for _, tt := range []struct{ name, prev, next, want string }{
		{"same", `{"a":1}`, `{"a":1}`, `[]`},
		{"insert", `{"a":1}`, `{"a":1,"b":2}`, `[{"op":"add","path":"/b","value":2}]`},
		{"replace", `{"a":1}`, `{"a":2}`, `[{"op":"replace","path":"/a","value":2}]`},
		{"remove", `{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3}}`, `[{"op":"remove","path":"/b/c"},{"op":"remove","path":"/a"}]`},
		{"to null", `{"a":1}`, `{"a":null}`, `[{"op":"replace","path":"/a","value":null}]`},
		{"null inside", `{}`, `{"a":{"b":null}}`, `[{"op":"add","path":"/a","value":{"b":null}}]`},
		{"names", `{"a/b~":1,"c\\":{"\"":2}}`, `{"a/b~":2,"c\\":{"\"":3}}`, `[{"op":"replace","path":"/a~1b~0","value":2},{"op":"replace","path":"/c\\/\"","value":3}]`},
		{"escaped slash", `{"\/":1}`, `{"\/":2}`, `[{"op":"replace","path":"/~1","value":2}]`},
		{"object to array", `{"a":{"b":1}}`, `{"a":[1]}`, `[{"op":"replace","path":"/a","value":[1]}]`},
		{"short array", `{"a":[1,2]}`, `{"a":[1]}`, `[{"op":"remove","path":"/a/1"}]`},
		{"short array, several steps", `{"a":[1,2,3,4]}`, `{"a":[5,2,6]}`, `[{"op":"replace","path":"/a","value":[5,2,6]}]`},
		{"element inserted", `{"a":["` + long + `","y"]}`, `{"a":["` + long + `","x","y"]}`, `[{"op":"add","path":"/a/1","value":"x"}]`},
		{"object in an array", `{"a":["` + long + long + `",{"b":1}]}`, `{"a":["` + long + long + `",{"b":2}]}`, `[{"op":"replace","path":"/a/1/b","value":2}]`},
	} {
		if patch, changed := patchBetween(JSONPatch, tt.prev, tt.next); patch != tt.want || changed != (tt.want != "[]") {
			t.Errorf("%s: patch %s, changed %t, want %s", tt.name, patch, changed, tt.want)
		}
	}
}

// TestSmallestPatch has changes that one format tells in less than the other.
func TestSmallestPatch(t *testing.T) {
	elements := `"` + strings.Repeat(`192.0.2.0/24","`, 9) + `"`
	for _, tt := range []struct{ name, prev, next, media string }{
		{"member", `{"a":{"b":1,"c":2}}`, `{"a":{"b":2,"c":2}}`, MediaMergePatch},
		{"null", `{"a":1}`, `{"a":null}`, MediaJSONPatch},
		{"long array", `{"a":[` + elements + `]}`, `{"a":[` + elements + `,"x"]}`, MediaJSONPatch},
	} {
		w := newPatchWriter(AllPatches, 1<<10)
		diffObjects(w, []byte(tt.prev), []byte(tt.next))
		if media, patch := w.smallest(); media != tt.media {
			t.Errorf("%s: %s, %s", tt.name, media, patch)
		}
	}
}

// TestPatchLimit gives up patches that are too long.
func TestPatchLimit(t *testing.T) {
	for limit, want := range map[int]string{20: "", 50: MediaMergePatch, 300: MediaMergePatch} {
		w := newPatchWriter(AllPatches, limit)
		diffObjects(w, []byte(`{"a":{"b":1,"c":2}}`), []byte(`{"a":{"b":2222222,"c":222222}}`))
		if media, patch := w.smallest(); media != want || !w.changed {
			t.Errorf("limit %d: %s %s", limit, media, patch)
		}
	}
}

// TestPatchLimitInArray: the steps within an array are too long, to replace it is not.
func TestPatchLimitInArray(t *testing.T) {
	w := newPatchWriter(JSONPatch, 65)
	diffObjects(w, []byte(`{"l":[{"a":{"x":1,"y":1}}]}`), []byte(`{"l":[{"a":{"x":2,"y":2}}]}`))
	const want = `[{"op":"replace","path":"/l","value":[{"a":{"x":2,"y":2}}]}]`
	if _, patch := w.smallest(); string(patch) != want {
		t.Errorf("patch %s, want %s", patch, want)
	}
}

// TestPatchLimitProperty: at any limit there is a patch that is right, or none.
func TestPatchLimitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prev, next := encodeJSON(drawObject(t, 4)), encodeJSON(drawObject(t, 4))
		for _, format := range []PatchFormats{MergePatch, JSONPatch} {
			w := newPatchWriter(format, rapid.IntRange(1, 2*len(next)+50).Draw(t, "limit"))
			diffObjects(w, prev, next)
			media, patch := w.smallest()
			if media == "" {
				continue
			}
			var from, to any
			if err := errors.Join(json.Unmarshal(prev, &from), json.Unmarshal(next, &to)); err != nil {
				t.Fatal(err)
			}
			got, err := applyPatch(media, from, string(patch))
			if diff := cmp.Diff(to, got); err != nil || diff != "" {
				t.Fatalf("%s by %s: %v (-want +got):\n%s", prev, patch, err, diff)
			}
		}
	})
}

func encodeJSON(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}
