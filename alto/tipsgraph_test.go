package alto

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func patchItem(text string) *updateItem {
	return &updateItem{media: MediaMergePatch, parts: [2][]byte{[]byte(text)}}
}

func fullItem(text string) *updateItem {
	return &updateItem{media: MediaCostMap, parts: [2][]byte{[]byte(text), {}}}
}

// figure2 is the graph of RFC 9569 Figure 2: snapshots of 101, 103 and 105, and a shortcut
// from 103 to 105, but none over the step to 106.
func figure2() updatesGraph {
	tags := func(tag string) []string { return []string{tag} }
	full := func(n int) *updateItem {
		return fullItem(fmt.Sprintf(`{"meta":{"dependent-vtags":[{"resource-id":"my-network-map","tag":"%s"}],`+
			`"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{"a":{"b":%d}}}`, oldTag, n))
	}
	step := func(n int) *updateItem { return patchItem(fmt.Sprintf(`{"cost-map":{"a":{"b":%d}}}`, n)) }
	return updatesGraph{
		start:     101,
		tags:      [][]string{tags("3421097"), tags("6431234"), tags("0881080"), tags("6452654"), tags("7838392"), tags("6470983")},
		steps:     []*updateItem{step(102), step(103), step(104), step(105), {media: "application/json-patch+json", parts: [2][]byte{[]byte(`[]`)}}},
		snapshots: []snapshotAt{{101, full(101)}, {103, full(103)}, {105, full(105)}},
	}
}

func TestUpdatesGraphEdges(t *testing.T) {
	g := figure2()
	for _, tt := range []struct {
		edge
		want string // ending of the item; "": none
	}{
		{edge{0, 101}, "}}}"},
		{edge{0, 102}, ""},
		{edge{0, 105}, "}}}"},
		{edge{0, 106}, ""},
		{edge{101, 102}, `102}}}`},
		{edge{105, 106}, `[]`},
		{edge{106, 107}, ""},
		{edge{100, 101}, ""},
		{edge{103, 105}, `105}}}`},
		{edge{101, 105}, `105}}}`},
		{edge{103, 106}, ""},
		{edge{105, 103}, ""},
		{edge{103, 103}, ""},
	} {
		item, got := g.at(tt.edge), ""
		if item != nil {
			got = string(item.parts[0])
		}
		if !strings.HasSuffix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%d to %d: %q, want …%s", tt.from, tt.to, got, tt.want)
		}
	}
	for _, tt := range []struct {
		tag  string
		want edge
	}{
		{"", edge{0, 105}}, {"unknown", edge{0, 105}}, {"0881080", edge{103, 105}}, {"7838392", edge{105, 106}}, {"6470983", edge{106, 107}},
	} {
		if got := g.next(g.version(tt.tag)); got != tt.want {
			t.Errorf("with tag %q: %v, want %v", tt.tag, got, tt.want)
		}
	}
}

// TestUpdatesGraphInvariants adds versions and checks RFC 9569 Section 3.2 and that each
// path to a version leads to its content.
func TestUpdatesGraphInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		retention := rapid.IntRange(1, 9).Draw(t, "retention")
		content := map[int]map[string]any{1: drawContent(t, 2)}
		encode := func(v any) string { b, _ := json.Marshal(v); return string(b) }
		g := newUpdatesGraph(1, []string{"t1"}, fullItem(encode(content[1])))
		for range rapid.IntRange(1, 30).Draw(t, "versions") {
			start, end := g.start, g.end()
			next := drawContent(t, 2)
			full := fullItem(encode(next))
			step := full
			w := newPatchWriter(MergePatch, len(encode(next)))
			if diffObjects(w, []byte(encode(content[end])), []byte(encode(next))); w.merge != nil {
				_, patch := w.smallest()
				step = patchItem(string(patch))
			}
			content[end+1] = next
			if g.add([]string{fmt.Sprintf("t%d", end+1)}, step, retention) {
				g.keep(full, retention)
			}
			if g.end() != end+1 || g.start < start || g.at(edge{0, g.start}) == nil || len(g.tags) != len(g.steps)+1 {
				t.Fatalf("from %d..%d to %d..%d, %d tags", start, end, g.start, g.end(), len(g.tags))
			}
			if kept := len(g.steps); kept > 2*retention+1 {
				t.Fatalf("%d steps are kept, retention is %d", kept, retention)
			}
		}
		for from := range g.end() + 1 {
			for to := range g.end() + 1 {
				if item := g.at(edge{from, to}); item != nil {
					if diff := cmp.Diff(any(content[to]), arrive(t, content[from], item)); diff != "" {
						t.Fatalf("from %d to %d (-want +got):\n%s", from, to, diff)
					}
				}
			}
			follow(t, &g, from, content)
		}
	})
}

// arrive is what a client has after an item.
func arrive(t *rapid.T, at any, item *updateItem) any {
	var data any
	if err := json.Unmarshal([]byte(string(item.parts[0])+string(item.parts[1])), &data); err != nil {
		t.Fatal(err)
	}
	if item.media == MediaMergePatch {
		data = applyMerge(at, data)
	}
	return data
}

// follow takes the recommended edges, which must lead to the end.
func follow(t *rapid.T, g *updatesGraph, from int, content map[int]map[string]any) {
	var has any
	at := g.version(fmt.Sprintf("t%d", from))
	if at != 0 {
		has = content[at]
	}
	for range 50 {
		e := g.next(at)
		if e.from == g.end() && e.to == e.from+1 {
			if diff := cmp.Diff(any(content[at]), has); diff != "" {
				t.Fatalf("at the end (-want +got):\n%s", diff)
			}
			return
		}
		item := g.at(e)
		if item == nil || e.from != at && e.from != 0 {
			t.Fatalf("at %d %v is recommended, which is no edge from there", at, e)
		}
		has, at = arrive(t, has, item), e.to
	}
	t.Fatal("the recommended edges do not lead to the end")
}

// drawContent draws an object without nulls.
func drawContent(t *rapid.T, depth int) map[string]any {
	o := make(map[string]any)
	for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", `q"`}), 0, 4).Draw(t, "members") {
		if depth > 0 && rapid.Bool().Draw(t, "object") {
			o[name] = drawContent(t, depth-1)
		} else {
			o[name] = float64(rapid.IntRange(0, 2).Draw(t, "value"))
		}
	}
	return o
}

func TestComposeMergePatches(t *testing.T) {
	for _, tt := range []struct{ first, second, want string }{ // "": none can
		{`{}`, `{}`, `{}`},
		{`{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`},
		{`{"a":1}`, `{"a":2}`, `{"a":2}`},
		{`{"a":1}`, `{"a":null}`, `{"a":null}`},
		{`{"a":null}`, `{"a":1}`, `{"a":1}`},
		{`{"a":{"b":1}}`, `{"a":{"c":2}}`, `{"a":{"b":1,"c":2}}`},
		{`{"a":{"b":1}}`, `{"\u0061":{"b":null}}`, `{"a":{"b":null}}`},
		{`{"a":{"b":1}}`, `{"a":3}`, `{"a":3}`},
		{`{"a":null}`, `{"a":{"b":1}}`, ``},
		{`{"a":[1]}`, `{"a":{"b":1}}`, ``},
		{`{"a":{"b":null}}`, `{"a":{"b":{}}}`, ``},
	} {
		got, ok := composeMergePatches(nil, []byte(tt.first), []byte(tt.second), maxPatchDepth)
		if !ok && tt.want == "" {
			continue
		}
		if string(got) != tt.want {
			t.Errorf("%s then %s: %s, want %s", tt.first, tt.second, got, tt.want)
		}
	}
}

// TestComposedPatchesDoTheSame applies two patches and the one composed of them.
func TestComposedPatchesDoTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, first, second := drawContent(t, 2), drawMergePatch(t, 2), drawMergePatch(t, 2)
		text := func(v any) []byte { b, _ := json.Marshal(v); return b }
		both, ok := composeMergePatches(nil, text(first), text(second), maxPatchDepth)
		if !ok {
			return
		}
		var patch any
		if err := json.Unmarshal(both, &patch); err != nil {
			t.Fatal(err)
		}
		want := applyMerge(applyMerge(maps.Clone(target), any(first)), any(second))
		if diff := cmp.Diff(want, applyMerge(target, patch)); diff != "" {
			t.Fatalf("%v by %v then %v (-want +got):\n%s", target, first, second, diff)
		}
	})
}

// drawMergePatch draws a merge patch.
func drawMergePatch(t *rapid.T, depth int) map[string]any {
	o := make(map[string]any)
	for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3).Draw(t, "members") {
		switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
		case kind == 0:
			o[name] = nil
		case kind == 1 && depth > 0:
			o[name] = drawMergePatch(t, depth-1)
		default:
			o[name] = float64(rapid.IntRange(0, 2).Draw(t, "value"))
		}
	}
	return o
}

// TestUpdatesGraphAdvisesOnce: what many clients ask in turn is worked out once, and anew
// when there is another version.
func TestUpdatesGraphAdvisesOnce(t *testing.T) {
	g := newUpdatesGraph(1, nil, fullItem(`{"a":0,"long":"`+strings.Repeat("x", 1000)+`"}`))
	for range 3 {
		g.add(nil, patchItem(`{"a":1}`), 32)
	}
	if e := g.next(1); e != (edge{1, 4}) {
		t.Fatalf("the next edge is %v", e)
	}
	if n := testing.AllocsPerRun(10, func() { g.next(1) }); n != 0 {
		t.Errorf("asked again, it allocates %v times", n)
	}
	g.add(nil, patchItem(`{"a":2}`), 32)
	if e := g.next(1); e != (edge{1, 5}) {
		t.Errorf("after another step the next edge is %v", e)
	}
	g.keep(fullItem(`{}`), 32)
	if e := g.next(1); e != (edge{0, 5}) {
		t.Errorf("with a short snapshot the next edge is %v", e)
	}
}
