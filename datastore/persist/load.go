package persist

import (
	"cmp"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Loader rebuilds a tree from records. Use: NewLoader, Add for each record, a node's
// before those of the nodes below it, Tree. Not safe for concurrent use.
type Loader struct{ d *decoder }

// NewLoader starts with an empty tree of s.
func NewLoader(s *yang.Schema) *Loader { return &Loader{newDecoder(s, tree.New(s.Root))} }

// Add takes one record. What the schema does not know, or no longer accepts, is
// left out and kept as a problem: see Tree.
func (l *Loader) Add(r Record) { l.d.put(r) }

// Tree returns what was loaded, and an error for each node that was left out.
// The Loader is dead afterwards.
func (l *Loader) Tree() (*tree.Tree, []error) { return l.d.done() }

// Apply returns t with the records put in, and an error for each node that could not
// be: Apply(b, Records(Compare(b, a))) is a. Cost is proportional to the records,
// and in lists ordered by user to the fewest entries that must move.
func Apply(s *yang.Schema, t *tree.Tree, records []Record) (*tree.Tree, []error) {
	d := newDecoder(s, t)
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.Key, b.Key) })
	for _, r := range records {
		if r.Value == nil {
			d.remove(r.Key)
		}
	}
	for _, r := range records {
		if r.Value != nil {
			d.put(r)
		}
	}
	return d.done()
}

// remove takes the node of a record out of the tree; one that is not there, or that
// the schema does not know, is gone already. Marks without their record stay.
func (d *decoder) remove(key string) {
	if strings.HasSuffix(key, marksSuffix) {
		return
	}
	if key == rootKey {
		d.put(Record{Key: key, Value: []byte{}})
		return
	}
	path, err := tree.ParsePath(d.schema, key)
	if err != nil || len(path.Schema().Keys) == 0 || len(path[len(path)-1].Keys) == 0 {
		return
	}
	last := path[len(path)-1]
	if parent := d.root.Find(path.Parent()); parent != nil {
		parent.DeleteEntry(last.Schema, tree.KeyOf(last.Keys...))
	}
}
