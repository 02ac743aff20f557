package persist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// follow returns the entries of parent.New, by key, that stand behind another entry
// than in parent.Old; run are the changes of their list. Nil unless the list is
// ordered by user. Cost: a few searches for each change.
func follow(parent *tree.Change, run []*tree.Change) map[string]*tree.Node {
	s := run[0].Schema
	if !s.OrderedByUser {
		return nil
	}
	out := map[string]*tree.Node{}
	check := func(n *tree.Node) {
		if n == nil || parent.New.Entry(s, n.Key()) == nil {
			return
		}
		k := n.Key()
		before, after := parent.Old.Before(s, k), parent.New.Before(s, k)
		same := (before == nil) == (after == nil) && (before == nil || before.Key() == after.Key())
		if !same || parent.Old.Entry(s, k) == nil {
			out[k] = parent.New.Entry(s, k)
		}
	}
	for _, c := range run {
		if c.Op == tree.Delete || c.Moved {
			check(parent.Old.After(s, c.Old.Key()))
		}
		if c.Op == tree.Create || c.Moved {
			check(c.New)
			check(parent.New.After(s, c.New.Key()))
		}
	}
	return out
}

// appendPrevious appends the place of n, an entry of a list ordered by user, below
// parent; nothing for other nodes.
func appendPrevious(b []byte, parent, n *tree.Node) []byte {
	if s := n.Schema(); s.OrderedByUser {
		text := ""
		if before := parent.Before(s, n.Key()); before != nil {
			text = predicates(tree.StepTo(before))
		}
		b = appendText(append(b, itemPrevious), text)
	}
	return b
}

// predicates are what follows the name in st.
func predicates(st tree.Step) string {
	text := tree.Path{st}.String()
	return text[strings.IndexByte(text, '['):]
}

// cutPrevious splits off the place of an entry; ok is false when there is none.
func cutPrevious(b []byte) (previous string, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != itemPrevious {
		return "", b, false
	}
	previous, rest, err := cutText(b[1:])
	if err != nil {
		return "", b, false
	}
	return previous, rest, true
}

// places collects where the entries of one list ordered by user stand.
type places struct {
	m       *tree.Mut // parent
	schema  *yang.Node
	prefix  string // of their records' keys, up to the predicates
	entries []place
	byText  map[string]int // predicates to index in entries
}

// place is one entry: its predicates, its tree.Node.Key, and the predicates of the
// entry it stands behind.
type place struct{ text, key, previous string }

func (l *places) add(p place) {
	l.byText[p.text] = len(l.entries)
	l.entries = append(l.entries, p)
}

// arrange brings the list into the order that was collected. left holds, by record
// key, the predecessors of entries that were not put into the tree. The error names
// the first entry whose predecessor is nowhere; such entries come last.
func (l *places) arrange(schema *yang.Schema, left map[string]string) error {
	if len(l.entries) == l.m.Node().Len(l.schema) {
		return l.arrangeAll(left)
	}
	return l.arrangeSome(schema)
}

// arrangeAll follows the predecessors from the first entry to the last.
func (l *places) arrangeAll(left map[string]string) error {
	next := make(map[string]string, len(l.entries)) // predicates to those behind
	var lost []string
	for _, e := range l.entries {
		previous := l.known(e.previous, left)
		_, taken := next[previous]
		if _, ok := l.byText[previous]; taken || !ok && previous != "" {
			lost = append(lost, e.text)
			continue
		}
		next[previous] = e.text
	}
	var order []string
	seen := make(map[string]bool, len(l.entries))
	from := func(text string) {
		for ; text != "" && !seen[text]; text = next[text] {
			seen[text] = true
			order = append(order, text)
		}
	}
	from(next[""])
	reached := len(order)
	for _, text := range lost {
		from(text)
	}
	for _, e := range l.entries {
		from(e.text)
	}
	if err := l.sort(order); err != nil {
		return err
	}
	if reached < len(order) {
		return fmt.Errorf("the entry before %s%s is not stored", l.prefix, order[reached])
	}
	return nil
}

// known is the nearest predecessor that is in the tree, "" for none.
func (l *places) known(previous string, left map[string]string) string {
	for range len(left) {
		further, ok := left[l.prefix+previous]
		if _, here := l.byText[previous]; here || !ok {
			break
		}
		previous = further
	}
	return previous
}

// sort moves the entries that do not stand in order, which is all of them.
func (l *places) sort(order []string) error {
	i := 0
	for e := range l.m.Node().Entries(l.schema) {
		if l.entries[l.byText[order[i]]].key != e.Key() {
			break
		}
		i++
	}
	for ; i < len(order); i++ {
		if err := l.m.Move(l.schema, l.entries[l.byText[order[i]]].key, tree.Position{Where: tree.Last}); err != nil {
			return err
		}
	}
	return nil
}

// arrangeSome moves entries behind their predecessors where the list has others
// besides. An entry is moved with those that follow it in their order already, the
// shortest such runs first: the cost is in proportion to the entries and to the
// fewest that must move.
func (l *places) arrangeSome(schema *yang.Schema) error {
	want := make(map[string]tree.Position, len(l.entries))
	var lost error
	for _, e := range l.entries {
		pos, ok := l.position(schema, e.previous)
		if !ok {
			lost = fmt.Errorf("the entry before %s%s is not there", l.prefix, e.text)
			continue
		}
		want[e.key] = pos
	}
	for limit := 1; ; limit *= 2 {
		waiting := false
		for _, e := range l.entries {
			pos, ok := want[e.key]
			if !ok || l.stands(e.key, pos) {
				continue
			}
			run, whole := l.run(e.key, want, limit)
			if !whole {
				waiting = true
				continue
			}
			if slices.Contains(run, pos.Anchor) && pos.Where == tree.After {
				delete(want, e.key)
				lost = fmt.Errorf("the entries around %s%s stand behind each other in a circle", l.prefix, e.text)
				continue
			}
			for _, key := range run {
				if err := l.m.Move(l.schema, key, pos); err != nil {
					return err
				}
				pos = tree.Position{Where: tree.After, Anchor: key}
			}
		}
		if !waiting {
			return lost
		}
	}
}

// position is the place behind the entry with these predicates.
func (l *places) position(schema *yang.Schema, previous string) (tree.Position, bool) {
	if previous == "" {
		return tree.Position{Where: tree.First}, true
	}
	pos := tree.Position{Where: tree.After}
	if i, ok := l.byText[previous]; ok {
		pos.Anchor = l.entries[i].key
		return pos, true
	}
	p, err := tree.ParsePath(schema, l.prefix+previous)
	if err != nil || len(p[len(p)-1].Keys) == 0 {
		return pos, false
	}
	pos.Anchor = tree.KeyOf(p[len(p)-1].Keys...)
	return pos, l.m.Node().Entry(l.schema, pos.Anchor) != nil
}

func (l *places) stands(key string, pos tree.Position) bool {
	before := l.m.Node().Before(l.schema, key)
	if pos.Where == tree.First {
		return before == nil
	}
	return before != nil && before.Key() == pos.Anchor
}

// run is the entry with the key and those that follow it as they should, whole when
// they are not more than limit.
func (l *places) run(key string, want map[string]tree.Position, limit int) (keys []string, whole bool) {
	for range limit {
		keys = append(keys, key)
		n := l.m.Node().After(l.schema, key)
		if n == nil {
			return keys, true
		}
		key = n.Key()
		if pos, ok := want[key]; ok && !l.stands(key, pos) {
			return keys, true
		}
	}
	return keys, false
}
