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
