package alto

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkDiff applies what diff tells between two pieces of data in each format.
func checkDiff(t *rapid.T, prev, next differing) {
	textOf := func(d data) string { return "{" + string(d.encoded()) }
	from, to := decode(t, textOf(prev)), decode(t, textOf(next))
	if least, size := next.leastSize(), len(next.encoded()); least > size {
		t.Fatalf("%d bytes are called %d at least: %s", size, least, textOf(next))
	}
	for _, format := range []PatchFormats{MergePatch, JSONPatch} {
		w := newPatchWriter(format, 1<<20)
		next.diff(w, prev)
		media, patch := w.smallest()
		if same := cmp.Equal(from, to); same == w.changed {
			t.Fatalf("%s from %s to %s: changed %t", media, textOf(prev), textOf(next), w.changed)
		}
		if patch == nil && format == MergePatch {
			continue // no such patch can be
		}
		got, err := applyPatch(media, from, string(patch))
		if err != nil {
			t.Fatalf("%s by %s: %v", textOf(prev), patch, err)
		}
		if diff := cmp.Diff(to, got); diff != "" {
			t.Fatalf("%s by %s (-want +got):\n%s", textOf(prev), patch, diff)
		}
	}
}

func drawNetworkMap(t *rapid.T) *NetworkMap {
	pids := []PID{{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}}
	at := make(map[string]int)
	for _, name := range []string{"a:1", "b@", "c-_", "z"} {
		if rapid.Bool().Draw(t, name) {
			at[name] = len(pids)
			pids = append(pids, PID{Name: name})
		}
	}
	for i := range 12 {
		prefix := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i)}), 16)
		if i%3 == 0 {
			prefix = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, byte(i)}), 32)
		}
		if j, ok := at[rapid.SampledFrom([]string{"a:1", "b@", "c-_", "z", "none"}).Draw(t, "pid")]; ok {
			pids[j].Prefixes = append(pids[j].Prefixes, prefix)
		}
	}
	m, err := NewNetworkMap(pids)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func drawCosts(t *rapid.T) *CostMatrix {
	var pids []string
	for _, name := range rapid.Permutation([]string{"a:1", "b@", "c-_", "z"}).Draw(t, "order") {
		if rapid.IntRange(0, 3).Draw(t, name) > 0 {
			pids = append(pids, name)
		}
	}
	cells := NewCosts(len(pids))
	for i := range cells {
		if c := rapid.IntRange(-2, 3).Draw(t, "cost"); c >= 0 {
			cells[i] = float64(c) / 2
		}
	}
	m, err := NewCostMatrix(pids, cells)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func drawPropertyMap(t *rapid.T) *PropertyMap {
	var entities []Entity
	for _, name := range []string{"ipv4 10.0.0.0/8", "ipv4 192.0.2.1", "ipv6 2001:db8::/32", "countrycode fr", `priv:x ~"/`} {
		domain, id, _ := strings.Cut(name, " ")
		e := Entity{Domain: domain, Name: id}
		if !rapid.Bool().Draw(t, name) {
			continue
		}
		for _, property := range []string{"p", "nm.pid", ".q"} {
			if v := rapid.SampledFrom([]string{"", "null", "1", `"a"`, `["a",1]`, `["a",{"b":1}]`, `{"b":null}`, `{"b":{"c":1}}`, `{"b":{"c":2}}`}).Draw(t, property); v != "" {
				e.Properties = append(e.Properties, Property{property, jsontext.Value(v)})
			}
		}
		entities = append(entities, e)
	}
	m, err := NewPropertyMap(entities)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDiffProperty(t *testing.T) {
	t.Run("network maps", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { checkDiff(t, drawNetworkMap(t), drawNetworkMap(t)) })
	})
	t.Run("costs", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { checkDiff(t, drawCosts(t), drawCosts(t)) })
	})
	t.Run("properties", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { checkDiff(t, drawPropertyMap(t), drawPropertyMap(t)) })
	})
}
