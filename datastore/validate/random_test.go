package validate_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// soakSteps is the number of edits TestRandomSchemas makes at least.
func soakSteps(t *testing.T) int {
	steps := 4000
	if text := os.Getenv("ALTOAM_SOAK_STEPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("ALTOAM_SOAK_STEPS: %v", err)
		}
		steps = n
	}
	return steps
}

// TestRandomSchemas draws modules with rules of every kind and edits of their data,
// and demands that Change, with an Index and without, finds what Tree finds, that
// Update leads where Index does, and PruneChange where Prune does.
func TestRandomSchemas(t *testing.T) {
	steps, valid, invalid := soakSteps(t), 0, 0
	found := map[string]int{}
	for valid+invalid < steps && !t.Failed() {
		rapid.Check(t, func(t *rapid.T) {
			text := drawModule(t)
			r := newRandomEdits(t, text)
			for range 10 + evenly(150).Draw(t, "steps") {
				errs, empty := r.step()
				switch {
				case empty:
				case len(errs) == 0:
					valid++
				default:
					invalid++
				}
				for _, e := range errs {
					found[string(e.Tag)+" "+e.AppTag]++
				}
			}
		})
	}
	t.Logf("%d valid and %d invalid changes, %v", valid, invalid, found)
	if valid < steps/10 || invalid < steps/10 {
		t.Error("not enough of both")
	}
}

// randomEdits goes from valid tree to valid tree.
type randomEdits struct {
	t      *rapid.T
	module string
	schema *yang.Schema
	*validate.Validator
	values map[*yang.Node][]yang.Value
	exist  map[*yang.Node][]string // in old
	paths  []string                // of old

	log []string
	old *tree.Tree
	ix  *validate.Index
}

func newRandomEdits(t *rapid.T, module string) *randomEdits {
	files := fstest.MapFS{"m.yang": &fstest.MapFile{Data: []byte(module)}}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), files), yang.Options{Implement: []yang.ModuleSpec{{Name: "m"}}})
	if err != nil {
		t.Fatalf("%s\n%v", module, err)
	}
	v, err := validate.New(s)
	if err != nil {
		t.Fatalf("%s\n%v", module, err)
	}
	r := &randomEdits{t: t, module: module, schema: s, Validator: v, values: map[*yang.Node][]yang.Value{}}
	r.old = tree.New(s.Root)
	r.ix = v.Index(r.old)
	var paths []string
	for _, n := range s.Nodes {
		if n.IsData() && n.Module.Name == "m" {
			paths = append(paths, instancePaths(n)...)
		}
	}
	for _, n := range s.Nodes {
		if n.IsLeafy() && n.Module.Name == "m" {
			r.values[n] = valuesOf(n, paths)
		}
	}
	return r
}

// instancePaths are instance-identifiers of n with some values.
func instancePaths(n *yang.Node) []string {
	if n.Kind == yang.Root {
		return []string{""}
	}
	var out []string
	for _, up := range instancePaths(n.DataParent) {
		step := up + "/m:" + n.Name
		switch n.Kind {
		case yang.List:
			for _, v := range valuesOf(n.Keys[0], nil)[:1] {
				pred := ""
				for _, k := range n.Keys {
					l := valuesOf(k, nil)
					pred += "[m:" + k.Name + "='" + l[len(l)-1].String() + "']"
				}
				out = append(out, step+pred, step+"[m:"+n.Keys[0].Name+"='"+v.String()+"']"+pred[strings.Index(pred, "]")+1:])
			}
		case yang.LeafList:
			for _, v := range valuesOf(n, nil) {
				out = append(out, step+"[.='"+v.String()+"']")
			}
		default:
			out = append(out, step)
		}
	}
	if len(out) > 4 {
		out = out[:4]
	}
	return out
}

// valuesOf are the values that instances of s have.
func valuesOf(s *yang.Node, paths []string) (l []yang.Value) {
	for _, text := range append([]string{"a", "b", "c", "1", "2", "3", "true", "false"}, paths...) {
		v, err := s.Type.Parse(text, nil)
		if err != nil || len(text) > 1 && v.Base() == yang.String || v.Base() == yang.String && text > "c" || slices.Contains(l, v) {
			continue
		}
		l = append(l, v)
	}
	return l
}

func (r *randomEdits) n(label string, limit int) int {
	return evenly(limit).Draw(r.t, label)
}

// note keeps what was done, for the message of a failure.
func (r *randomEdits) note(m *tree.Mut, format string, args ...any) {
	var at []string
	for p := m; p.Parent() != nil; p = p.Parent() {
		at = append(at, fmt.Sprintf("%s[%q]", p.Schema().Name, p.Node().Key()))
	}
	slices.Reverse(at)
	r.log = append(r.log, strings.Join(at, "/")+": "+fmt.Sprintf(format, args...))
}

// step makes a change and compares what is found. A valid one is kept.
func (r *randomEdits) step() (errs []*rpcerr.Error, empty bool) {
	ctx := context.Background()
	r.log = nil
	r.look(r.old.Root(), nil)
	m := r.old.Mutate()
	for range []int{1, 1, 2, 3, 4, 5, 10, 20}[r.n("edits", 8)] {
		r.edit(m)
	}
	next := m.Done()
	pruned := r.Prune(next)
	if got := r.PruneChange(r.old, next); text(got) != text(pruned) {
		r.fail(next, "PruneChange %s\nPrune       %s", text(got), text(pruned))
	}
	if r.n("prune", 4) > 0 {
		next = pruned
	}
	d := tree.Compare(r.old, next)
	if d.Empty() {
		return nil, true
	}
	const all = 1 << 20
	errs = r.Tree(ctx, next, validate.Options{Max: all})
	for _, ix := range []*validate.Index{nil, r.ix} {
		if got := r.Change(ctx, r.old, next, d, validate.Options{Max: all, Index: ix}); !reflect.DeepEqual(got, errs) {
			r.fail(next, "with index: %v\nChange %v\nTree   %v", ix != nil, rpcerr.List(got), rpcerr.List(errs))
		}
		if one := r.Change(ctx, r.old, next, d, validate.Options{Max: 1, Index: ix}); len(one) != min(1, len(errs)) {
			r.fail(next, "Change finds %v, at most one of %v", one, errs)
		}
	}
	updated, fresh := r.ix.Update(r.old, next, d), r.Index(next)
	if !validate.SameIndex(updated, fresh) {
		r.fail(next, "columns %q\nUpdate %q\nIndex  %q", r.Columns(), updated.Contents(), fresh.Contents())
	}
	if len(errs) == 0 {
		r.old, r.ix = next, updated
	}
	return errs, false
}

func (r *randomEdits) fail(next *tree.Tree, format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s\nfrom %s\nto   %s\n%s\n%s", r.module, text(r.old), text(next), strings.Join(r.log, "\n"), fmt.Sprintf(format, args...))
}

// edit changes something somewhere below m.
func (r *randomEdits) edit(m *tree.Mut) {
	var l []*yang.Node
	for _, s := range m.Schema().Data {
		if !s.IsKey && s.Module.Name == "m" {
			l = append(l, s)
		}
	}
	if len(l) == 0 {
		return
	}
	s := l[r.n("node", len(l))]
	remove := r.n("remove", 4) == 3
	if !remove && r.n("other cases", 4) < 3 {
		r.clearOthers(m, s)
	}
	switch s.Kind {
	case yang.Leaf:
		r.leaf(m, s, remove)
	case yang.LeafList:
		r.value(m, s, remove)
	case yang.AnyData:
		if r.note(m, "anydata %s, removed: %v", s.Name, remove); remove {
			m.Delete(s)
		} else {
			m.SetAny(s, &tree.Any{})
		}
	case yang.Container:
		if remove && r.n("whole", 2) == 0 {
			r.note(m, "delete %s", s.Name)
			m.Delete(s)
		} else {
			r.edit(m.Ensure(s))
		}
	case yang.List:
		r.entry(m, s, remove)
	}
}

// clearOthers deletes the cases that s cannot be together with.
func (r *randomEdits) clearOthers(m *tree.Mut, s *yang.Node) {
	for _, o := range m.Schema().Data {
		for c := s.Case; c != nil; c = outer(c) {
			for d := o.Case; d != nil; d = outer(d) {
				if c != d && c.Parent == d.Parent && m.Delete(o) {
					r.note(m, "delete %s of another case", o.Name)
				}
			}
		}
	}
}

func outer(c *yang.Node) *yang.Node {
	if p := c.Parent.Parent; p != nil && p.Kind == yang.Case {
		return p
	}
	return nil
}

// draw draws a value of s, more often than not of what exists that it can refer to.
func (r *randomEdits) draw(s *yang.Node) yang.Value {
	l := r.values[s]
	if there := r.there(s.Type, s); len(there) > 0 && r.n("existing", 4) > 0 {
		l = there
	}
	return l[r.n("value", len(l))]
}

// there are the values of s that refer to what is in the tree by t.
func (r *randomEdits) there(t *yang.Type, s *yang.Node) (l []yang.Value) {
	var texts []string
	switch {
	case t.Base == yang.LeafRef:
		texts = r.exist[t.Target]
	case t.Base == yang.InstanceIdentifier:
		texts = r.paths
	}
	for _, text := range texts {
		if v, err := s.Type.Parse(text, nil); err == nil {
			l = append(l, v)
		}
	}
	for _, m := range t.Members {
		l = append(l, r.there(m, s)...)
	}
	return l
}

// look collects what there is at and below n.
func (r *randomEdits) look(n *tree.Node, path tree.Path) {
	if n == r.old.Root() {
		r.exist, r.paths = map[*yang.Node][]string{}, nil
	} else {
		path = path.Join(tree.StepTo(n))
		r.paths = append(r.paths, path.String())
	}
	if s := n.Schema(); s.IsLeafy() {
		r.exist[s] = append(r.exist[s], n.Value().String())
	}
	for k := range n.Children() {
		r.look(k, path)
	}
}

func (r *randomEdits) leaf(m *tree.Mut, s *yang.Node, remove bool) {
	switch {
	case remove:
		r.note(m, "delete %s", s.Name)
		m.Delete(s)
	case len(r.values[s]) > 0:
		v := r.draw(s)
		r.note(m, "%s = %s", s.Name, v)
		m.SetLeaf(s, v)
	}
}

func (r *randomEdits) value(m *tree.Mut, s *yang.Node, remove bool) {
	if len(r.values[s]) == 0 {
		return
	}
	v, pos := r.draw(s), r.position()
	key := tree.KeyOf(v)
	switch {
	case remove:
		r.note(m, "delete %s %s", s.Name, v)
		m.DeleteEntry(s, key)
	case m.Node().Entry(s, key) != nil:
		r.move(m, s, key, pos)
	default:
		r.note(m, "add %s %s", s.Name, v)
		m.AddValue(s, v, pos)
	}
}

func (r *randomEdits) position() tree.Position {
	return tree.Position{Where: []tree.Where{tree.Last, tree.First}[r.n("where", 2)]}
}

func (r *randomEdits) move(m *tree.Mut, s *yang.Node, key string, pos tree.Position) {
	r.note(m, "move %s %q %v", s.Name, key, pos)
	if err := m.Move(s, key, pos); err != nil {
		r.t.Fatal(err)
	}
}

func (r *randomEdits) entry(m *tree.Mut, s *yang.Node, remove bool) {
	var keys []yang.Value
	for _, k := range s.Keys {
		keys = append(keys, r.draw(k))
	}
	key := tree.KeyOf(keys...)
	existed := m.Node().Entry(s, key) != nil
	switch {
	case remove:
		if r.n("all", 4) == 3 {
			r.note(m, "delete all %s", s.Name)
			m.Delete(s)
			return
		}
		r.note(m, "delete %s %q", s.Name, key)
		m.DeleteEntry(s, key)
		return
	case existed && s.OrderedByUser && r.n("move", 3) == 0:
		r.move(m, s, key, r.position())
		return
	}
	e, _ := m.AddEntry(s, keys, r.position())
	if !existed {
		r.note(m, "add %s %q", s.Name, key)
		for _, k := range s.Data {
			if k.Kind == yang.Leaf && k.Mandatory && r.n("mandatory", 5) > 0 {
				r.leaf(e, k, false)
			}
		}
	}
	for range r.n("within", 3) {
		r.edit(e)
	}
}
