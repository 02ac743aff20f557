package tree_test

import (
	"slices"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

func TestKeyOfOrdersAndTells(t *testing.T) {
	f := newFixture(t)
	s := f.below("name")
	words := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune{'a', 'b', '\t', 0xfffd}), 0, 3, -1), 2, 2)
	rapid.Check(t, func(t *rapid.T) {
		x, y := words.Draw(t, "x"), words.Draw(t, "y")
		key := func(l []string) string {
			return tree.KeyOf(f.value(s, l[0]), f.value(s, l[1]))
		}
		kx, ky := key(x), key(y)
		if (kx < ky) != (slices.Compare(x, y) < 0) || (kx == ky) != slices.Equal(x, y) {
			t.Fatalf("%q %q: keys %q %q", x, y, kx, ky)
		}
	})
	if tree.KeyOf(f.str("a\tb")) != "a\tb" || tree.KeyOf() != "" || tree.KeyOf(yang.Value{}) != "" {
		t.Error("keys of one and of no value")
	}
}
