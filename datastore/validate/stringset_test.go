package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func (s stringSet) all() (l []string) {
	s.scan("", func(k string) bool { l = append(l, k); return true })
	return l
}

// height fails unless all leafs are equally deep and every first is right.
func (n *setNode) height(t *rapid.T) int {
	if n.kids == nil {
		if l := n.strings(); len(l) != n.n || n.n == 0 || n.n > setFan || l[0] != n.first {
			t.Fatalf("a leaf of %d says %d from %q on: %q", len(l), n.n, n.first, l)
		}
		return 1
	}
	if n.first != n.kids[0].first || len(n.kids) > setFan {
		t.Fatalf("first %q, of kid %q; %d kids", n.first, n.kids[0].first, len(n.kids))
	}
	h := n.kids[0].height(t)
	for _, k := range n.kids[1:] {
		if k.height(t) != h {
			t.Fatal("leafs are not equally deep")
		}
	}
	return h + 1
}

// TestStringSetModel compares with a map: every version keeps what it had.
func TestStringSetModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type version struct {
			set  stringSet
			want []string
		}
		var versions []version
		model, set := map[string]bool{}, stringSet{}
		for range rapid.IntRange(1, 12).Draw(t, "versions") {
			size := rapid.SampledFrom([]int{1, 2, 30, 400}).Draw(t, "size")
			span := rapid.SampledFrom([]int{10, 300, 5000}).Draw(t, "span")
			keep := rapid.IntRange(0, 3).Draw(t, "keep")
			edits := map[string]bool{}
			for i := range size {
				n := (i*7919 + rapid.IntRange(0, span).Draw(t, "n")) % span
				edits[fmt.Sprintf("%d/%s", n%7, strings.Repeat("x", n%5)+fmt.Sprint(n))] = i%4 >= keep
			}
			var l []setEdit
			for _, k := range slices.Sorted(maps.Keys(edits)) {
				l = append(l, setEdit{k, edits[k]})
				if edits[k] {
					delete(model, k)
				} else {
					model[k] = true
				}
			}
			set = set.edited(l)
			versions = append(versions, version{set, slices.Sorted(maps.Keys(model))})
		}
		for i, v := range versions {
			if got := v.set.all(); !slices.Equal(got, v.want) {
				t.Fatalf("version %d has %d, want %d", i, len(got), len(v.want))
			}
			if v.set.root != nil {
				v.set.root.height(t)
			}
		}
		for _, prefix := range []string{"", "3/", "3/x", "9", "5/xx2"} {
			var got, want []string
			set.scan(prefix, func(rest string) bool { got = append(got, prefix+rest); return true })
			for _, k := range slices.Sorted(maps.Keys(model)) {
				if strings.HasPrefix(k, prefix) {
					want = append(want, k)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q: got %q, want %q", prefix, got, want)
			}
		}
	})
}
