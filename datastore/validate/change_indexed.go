package validate

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
)

// indexed checks what an Index serves: who refers to a value that went or to a node
// that went, and which entries share the values that came.
func (w *walk) indexed(d *tree.Diff) {
	for _, k := range w.v.columns.list {
		if w.full() {
			return
		}
		if k.unique != nil {
			w.cameTwice(k)
		} else if len(k.watch) > 0 && !k.paths {
			w.wentFrom(k)
		}
	}
	w.pathsWent(d)
}

// wentFrom checks those who refer to values that no instance of k.node has any more.
func (w *walk) wentFrom(k *column) {
	last := ""
	for _, key := range w.view.removed[k.id] {
		place, rest := cutParts(key, lists(k.apex))
		value, _ := cutParts(rest, 1)
		if place+value == last || w.full() {
			continue
		}
		last = place + value
		text := strings.TrimSuffix(value, "\x00")
		for i := range k.watch {
			if l := k.watch[i].ref; l.program != nil || !w.remains(l, place, text) {
				w.referrers(k.watch[i].hosts, last, k.watch[i].refs)
			}
		}
	}
}

// remains tells whether a target of l below the instance of its apex at place has
// that value.
func (w *walk) remains(l *leafref, place, text string) bool {
	at := w.descend(w.env.Root(), wayFrom(l.apex, w.v.schema.Root), place, "")
	switch {
	case at == nil:
		return false
	case l.targets.kept:
		return w.view.any(l.targets, l.targets.key(at, text))
	}
	return w.holds(at, l.down, text)
}

// referrers checks the leafs whose keys in the column start with prefix.
func (w *walk) referrers(k *column, prefix string, refs *reference) {
	w.view.scan(k, prefix, func(rest string) bool {
		if !w.visit() {
			return false
		}
		if c := k.locate(w, prefix+rest); c != nil {
			w.reference(c, refs)
		}
		return !w.full()
	})
}

// cameTwice checks that the values that came are in one entry only.
func (w *walk) cameTwice(k *column) {
	last := ""
	for _, key := range w.view.added[k.id] {
		place, rest := cutParts(key, lists(k.apex))
		values, _ := cutParts(rest, k.values())
		if place+values == last || !w.visit() {
			continue
		}
		last = place + values
		c := w.descend(w.env.Root(), wayFrom(k.apex, w.v.schema.Root), place, "")
		if c == nil {
			continue
		}
		var same []*tree.Node
		w.view.scan(k, last, func(entry string) bool {
			if n := c.Node().Entry(k.node, strings.TrimSuffix(entry, "\x00")); n != nil {
				same = append(same, n)
			}
			return true
		})
		if len(same) < 2 {
			continue
		}
		slices.SortFunc(same, func(a, b *tree.Node) int { return w.order(c, a, b) })
		for _, n := range same[1:] {
			w.duplicate(c, k.unique, xpath.NewCursor(n, c), xpath.NewCursor(same[0], c))
		}
	}
}

// pathsWent checks the instance-identifiers of nodes that left the accessible tree.
func (w *walk) pathsWent(d *tree.Diff) {
	instances := w.v.columns.instances
	if !slices.ContainsFunc(instances, func(k *column) bool { return w.view.any(k, "") }) {
		return
	}
	w.view.goneWith(d)
	for _, k := range instances {
		refs := k.watch[0].refs
		w.referrers(k, anyChange+"\x00", refs)
		for _, path := range w.view.gone {
			w.referrers(k, path+"\x00", refs)
			w.referrers(k, path+"/", refs)
		}
	}
}
