package alto

import (
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// applyMerge is MergePatch of RFC 7396 Section 2.
func applyMerge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := make(map[string]any)
	if t, ok := target.(map[string]any); ok {
		for name, v := range t {
			merged[name] = v
		}
	}
	for name, v := range p {
		if v == nil {
			delete(merged, name)
		} else {
			merged[name] = applyMerge(merged[name], v)
		}
	}
	return merged
}

// TestApplyMerge has examples of RFC 7396 Appendix A.
func TestApplyMerge(t *testing.T) {
	for _, tt := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		if diff := cmp.Diff(decode(t, tt.want), applyMerge(decode(t, tt.target), decode(t, tt.patch))); diff != "" {
			t.Errorf("%s + %s (-want +got):\n%s", tt.target, tt.patch, diff)
		}
	}
}

// patchBetween returns the patch of one format, "" where there is none.
func patchBetween(format PatchFormats, prev, next string) (patch string, changed bool) {
	w := newPatchWriter(format, math.MaxInt)
	diffObjects(w, []byte(prev), []byte(next))
	_, b := w.smallest()
	return string(b), w.changed
}

func TestMergePatch(t *testing.T) {
	for _, tt := range []struct{ name, prev, next, want string }{ // want "": none possible
		{"same", `{"a":{"b":1}}`, `{"a":{"b":1}}`, `{}`},
		{"other order", `{"a":{"b":1,"c":2}}`, `{"a":{"c":2,"b":1}}`, `{}`},
		{"space", `{"a":{"b":[1]}}`, "{ \"a\" : {\n\"b\" : [1] } }", `{}`},
		{"escaped name", `{"a":1}`, `{"\u0061":2}`, `{"\u0061":2}`},
		{"insert", `{"a":1,"c":3}`, `{"a":1,"b":2,"c":3}`, `{"b":2}`},
		{"remove", `{"a":1,"b":2,"c":{"d":1,"e":2}}`, `{"a":1,"c":{"e":2}}`, `{"c":{"d":null},"b":null}`},
		{"replace array", `{"a":[1,null]}`, `{"a":[null]}`, `{"a":[null]}`},
		{"object to scalar", `{"a":{"b":1}}`, `{"a":0}`, `{"a":0}`},
		{"scalar to object", `{"a":0}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
		{"object to empty", `{"a":{"b":1}}`, `{"a":{}}`, `{"a":{"b":null}}`},
		{"scalar to empty", `{"a":0}`, `{"a":{}}`, `{"a":{}}`},
		{"null to value", `{"a":null}`, `{"a":1}`, `{"a":1}`},
		{"null removed", `{"a":null}`, `{}`, `{"a":null}`},
		{"null unchanged", `{"a":null,"b":1}`, `{"a":null,"b":2}`, `{"b":2}`},
		{"null in an array", `{}`, `{"a":[{"b":null}]}`, `{"a":[{"b":null}]}`},
		{"text null", `{}`, `{"a":{"null":"null"}}`, `{"a":{"null":"null"}}`},
		{"to null", `{"a":1}`, `{"a":null}`, ``},
		{"new null", `{}`, `{"a":null}`, ``},
		{"null inside", `{"a":1}`, `{"a":{"b":{"c":null}}}`, ``},
		{"deep", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), strings.Repeat(`{"a":`, 40) + "2" + strings.Repeat("}", 40), ``},
		{"deep but new", `{}`, `{"b":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 41), `{"b":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 41)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			patch, changed := patchBetween(MergePatch, tt.prev, tt.next)
			if patch != tt.want || changed != (tt.want != "{}") {
				t.Errorf("patch %s, changed %t, want %s", patch, changed, tt.want)
			}
		})
	}
}

func TestMergePatchVectors(t *testing.T) {
	for _, name := range []string{"3.1.2.1", "3.1.2.2"} {
		archive, err := txtar.ParseFile(filepath.Join("testdata/rfc8895", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		patch, changed := patchBetween(MergePatch, string(archive.Files[0].Data), string(archive.Files[1].Data))
		if !changed {
			t.Fatalf("%s: nothing changed", name)
		}
		if diff := cmp.Diff(decode(t, string(archive.Files[2].Data)), decode(t, patch)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func drawJSON(t *rapid.T, depth int) any {
	kinds := 5
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return "null"
	case 2, 3:
		return rapid.IntRange(0, 3).Draw(t, "number")
	case 4, 5:
		return drawArray(t, depth)
	}
	return drawObject(t, depth-1)
}

func drawArray(t *rapid.T, depth int) []any {
	list := make([]any, rapid.IntRange(0, 4).Draw(t, "length"))
	for i := range list {
		if depth > 0 && rapid.IntRange(0, 3).Draw(t, "deep") == 0 {
			list[i] = drawJSON(t, depth-1)
		} else {
			list[i] = rapid.IntRange(0, 2).Draw(t, "element")
		}
	}
	return list
}

func drawObject(t *rapid.T, depth int) map[string]any {
	object := make(map[string]any)
	for _, name := range []string{"a", "b\"", "~0/", "é"} {
		if rapid.Bool().Draw(t, name) {
			object[name] = drawJSON(t, depth)
		}
	}
	return object
}

// TestPatchProperty applies the patches between random objects.
func TestPatchProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prev, _ := json.Marshal(drawObject(t, 3))
		next, _ := json.Marshal(drawObject(t, 3))
		var from, to any
		if err := errors.Join(json.Unmarshal(prev, &from), json.Unmarshal(next, &to)); err != nil {
			t.Fatalf("%v: from %s to %s", err, prev, next)
		}
		for _, format := range []PatchFormats{MergePatch, JSONPatch} {
			patch, changed := patchBetween(format, string(prev), string(next))
			if same := cmp.Equal(from, to); same == changed {
				t.Fatalf("%s from %s to %s: changed %t", format, prev, next, changed)
			}
			if patch == "" && format == MergePatch {
				continue // no such patch can be
			}
			got, err := applyPatch(format.String(), from, patch)
			if err != nil {
				t.Fatalf("%s by %s: %v", prev, patch, err)
			}
			if diff := cmp.Diff(to, got); diff != "" {
				t.Fatalf("%s by %s (-want +got):\n%s", prev, patch, diff)
			}
		}
	})
}

// diffObjects tells w in what an object differs, both being valid JSON.
func diffObjects(w *patchWriter, prev, next []byte) {
	diffMembers(w, membersOf(prev), membersOf(next), maxPatchDepth)
}
