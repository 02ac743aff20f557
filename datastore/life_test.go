package datastore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// den has one of each kind of node whose storing or merging is its own.
const den = `
module den {
  yang-version 1.1;
  namespace "urn:den";
  prefix d;
  typedef any { type union { type uint8; type string; } }
  container top {
    leaf name { type string; }
    leaf any { type any; }
    leaf-list tag { type any; ordered-by user; }
    leaf-list set { type any; }
    choice way {
      leaf one { type string; }
      case two { leaf two { type string; } leaf zwei { type string; } }
    }
    container flag { presence "on"; leaf note { type string; } }
    anydata extra;
    list item {
      key "id";
      leaf id { type any; }
      leaf val { type string; }
      list part { key "a b"; ordered-by user; leaf a { type string; } leaf b { type any; } leaf c { type string; } }
    }
    list step { key "n"; ordered-by user; leaf n { type any; } leaf note { type string; } }
  }
}`

// life is a Store that lives through random events, and what is remembered of it.
type life struct {
	*rapid.T
	*datastore.Store
	path   string
	schema *yang.Schema
	end    func()
	x      *datastore.Session
	refuse bool
	were   map[uint64]*tree.Tree
	marked map[string]string // what nodes held, by path and mark
	last   *datastore.Snapshot
}

// kept is how many commits a life keeps.
const kept = 5

func (l *life) begin() {
	backend, err := bolt.Open(l.path)
	l.must(err)
	l.Store, err = datastore.Open(datastore.Options{Schema: l.schema, Backend: backend})
	l.must(err)
	l.Retain(func(*tree.Tree) datastore.Retention { return datastore.Retention{Commits: kept} })
	l.AddParticipant(l)
	l.must(l.Start(ctx, nil))
	l.end = func() { backend.Close() }
	l.x = l.NewSession(datastore.User{}, datastore.Source{})
}

// A life is a Participant that refuses when told to.
func (*life) Name() string { return "life" }
func (*life) Apply()       {}
func (*life) Abort()       {}
func (l *life) Prepare(context.Context, datastore.Change) (datastore.Prepared, error) {
	if l.refuse {
		return nil, rpcerr.New(rpcerr.ResourceDenied, "", "not now")
	}
	return l, nil
}

func (l *life) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// refused demands that the participant's refusal, and nothing else, is the outcome of
// what would change running.
func (l *life) refused(err error, changes bool) {
	l.Helper()
	if l.refuse && changes != hasTag(err, rpcerr.ResourceDenied) || !l.refuse && err != nil {
		l.Fatalf("refuses %v, changes %v: %v", l.refuse, changes, err)
	}
}

func (l *life) candidate() *tree.Tree {
	t, err := l.x.Read(ctx, datastore.Candidate, datastore.Selection{})
	l.must(err)
	return t
}

func (l *life) same(what string, got, want *tree.Tree) {
	l.Helper()
	d := tree.Compare(want, got)
	_ = d.Walk(func(p tree.Path, c *tree.Change) error {
		l.Logf("%v %s %s", c.Op, p, c.Schema.Path())
		return nil
	})
	if !d.Empty() {
		l.Fatalf("%s differs", what)
	}
}

// remember notes running after an event, and demands all of the past that is kept.
func (l *life) remember() {
	now := l.Running()
	if was := l.were[now.Head.Revision]; was != nil {
		l.same("running", now.Tree, was)
	}
	l.were[now.Head.Revision] = now.Tree
	l.marks(now, now.Tree.Root(), nil)
	l.last = now
	var heads []uint64
	l.must(l.Commits(ctx, 0, func(h persist.Head) bool { heads = append(heads, h.Revision); return true }))
	if p := l.Pending(); len(heads) > kept && (p == nil || heads[len(heads)-1] <= p.Base) && now.Head.Kind != "revert" {
		l.Fatalf("commits %v are kept, pending %+v", heads, p)
	}
	for _, n := range heads {
		t, err := l.At(ctx, n)
		l.must(err)
		l.same(fmt.Sprint("commit ", n), t, l.were[n])
	}
}

// marks demands that a node with the same mark holds the same as ever, which is what
// makes it fit for an entity tag, and that what has not changed keeps its mark.
func (l *life) marks(now *datastore.Snapshot, n *tree.Node, p tree.Path) {
	if now.Head.Revision == 0 {
		return
	}
	m, text := now.Mark(p), held(n)
	at := fmt.Sprintf("%s %d %d", p, m.Revision, m.Time.UnixNano())
	if was, ok := l.marked[at]; ok && was != text {
		l.Fatalf("%s held %q with the mark of %d, now %q", p, was, m.Revision, text)
	}
	l.marked[at] = text
	if l.last != nil && l.last.Head.Revision > 0 {
		if was := l.last.Tree.Find(p); was != nil && held(was) == text && l.last.Mark(p) != m {
			l.Fatalf("%s is as it was, with another mark: %+v, before %+v", p, m, l.last.Mark(p))
		}
	}
	for c := range n.Children() {
		l.marks(now, c, p.Join(tree.StepTo(c)))
	}
}

// held is all of n as text.
func held(n *tree.Node) string {
	text := fmt.Sprintf("%s=%s%v", n.Schema().Name, n.Value(), n.Any())
	if v := n.Value(); !v.IsZero() {
		text += fmt.Sprint(v.JSONKind())
	}
	for c := range n.Children() {
		text += "{" + held(c) + "}"
	}
	return text
}

// event is one random event.
func (l *life) event() {
	before, candidate := l.Running(), l.candidate()
	l.refuse = rapid.IntRange(0, 9).Draw(l.T, "refuse") == 0
	switch rapid.IntRange(0, 12).Draw(l.T, "event") {
	case 0, 1, 2, 3:
		t := l.changed(before.Tree)
		err := l.x.Replace(ctx, datastore.Running, t, datastore.EditOptions{})
		l.refused(err, !tree.Compare(before.Tree, t).Empty())
		if err == nil {
			l.same("running", l.Running().Tree, t)
		}
	case 4, 5, 6:
		t := l.changed(candidate)
		l.must(l.x.Replace(ctx, datastore.Candidate, t, datastore.EditOptions{}))
		l.same("candidate", l.candidate(), t)
	case 7, 8:
		l.commit(before, candidate)
	case 9:
		l.must(l.x.Discard(ctx))
		l.same("candidate", l.candidate(), before.Tree)
	case 10:
		n := rapid.Uint64Range(before.Head.Revision-min(before.Head.Revision, 3), before.Head.Revision).Draw(l.T, "to")
		to, err := l.At(ctx, n)
		if err == nil {
			l.refused(l.x.Rollback(ctx, n, datastore.EditOptions{}), !tree.Compare(before.Tree, to).Empty())
		}
		if err == nil && !l.refuse {
			l.same("rolled back", l.Running().Tree, to)
		}
	case 11:
		if p := l.Pending(); p != nil {
			l.refused(l.x.CancelCommit(ctx, ""), !tree.Compare(before.Tree, l.were[p.Base]).Empty())
			if !l.refuse {
				l.same("cancelled", l.Running().Tree, l.were[p.Base])
			}
		}
	case 12:
		l.reopen()
	}
}

// commit commits the candidate, confirmed or not.
func (l *life) commit(before *datastore.Snapshot, candidate *tree.Tree) {
	var o datastore.CommitOptions
	if rapid.Bool().Draw(l.T, "confirmed") && before.Head.Revision > 0 {
		o.Confirm = &datastore.Confirm{}
	}
	err := l.x.Commit(ctx, o)
	l.refused(err, !tree.Compare(before.Tree, candidate).Empty())
	if err == nil {
		l.same("running", l.Running().Tree, candidate)
		if (o.Confirm != nil) != (l.Pending() != nil) {
			l.Fatalf("confirmed %+v, pending %+v", o.Confirm, l.Pending())
		}
	}
	l.same("candidate after a commit", l.candidate(), candidate)
}

func (l *life) reopen() {
	want, p := l.Running().Tree, l.Pending()
	if p != nil {
		want = l.were[p.Base]
	}
	l.refuse = false
	l.end()
	l.begin()
	l.same("reopened", l.Running().Tree, want)
	if l.Pending() != nil {
		l.Fatalf("pending %+v", l.Pending())
	}
}

func TestLife(t *testing.T) {
	schema := dstest.Schema(t, den)
	rapid.Check(t, func(r *rapid.T) {
		l := &life{T: r, schema: schema, path: filepath.Join(t.TempDir(), "s.db"), were: map[uint64]*tree.Tree{}, marked: map[string]string{}}
		l.begin()
		defer func() { l.end() }()
		for range rapid.IntRange(1, 30).Draw(r, "events") {
			l.event()
			l.remember()
		}
	})
}

// changed is t after a few random edits.
func (l *life) changed(t *tree.Tree) *tree.Tree {
	m := t.Mutate()
	top := m.Ensure(l.schema.Find("/den:top"))
	for range rapid.IntRange(1, 4).Draw(l.T, "edits") {
		l.edit(top)
	}
	return m.Done()
}

func (l *life) edit(top *tree.Mut) {
	at := func(path string) *yang.Node { return l.schema.Find("/den:top/" + path) }
	name := func(s *yang.Node) yang.Value { // of an own draw; 1 is a number or a text
		text := rapid.SampledFrom([]string{"1", "a", "b'c", "]"}).Draw(l.T, "value")
		kind := yang.JSONString
		if text == "1" && s.Type.Base == yang.Union && rapid.Bool().Draw(l.T, "number") {
			kind = yang.JSONNumber
		}
		v, err := s.Type.ParseJSON(kind, text, nil)
		l.must(err)
		return v
	}
	set := func(m *tree.Mut, path string) { m.SetLeaf(at(path), name(at(path))) }
	pos := tree.Position{Where: rapid.SampledFrom([]tree.Where{tree.First, tree.Last}).Draw(l.T, "where")}
	entry := func(m *tree.Mut, path, leaf string) {
		s := at(path)
		var keys []yang.Value
		for _, k := range s.Keys {
			keys = append(keys, name(k))
		}
		key := tree.KeyOf(keys...)
		switch rapid.IntRange(0, 3).Draw(l.T, "op") {
		case 0:
			m.DeleteEntry(s, key)
		case 1:
			if s.OrderedByUser && m.Entry(s, key) != nil {
				l.must(m.Move(s, key, pos))
			}
		default:
			e, _ := m.AddEntry(s, keys, pos)
			set(e, path+"/"+leaf)
		}
	}
	switch rapid.IntRange(0, 12).Draw(l.T, "edit") {
	case 0, 1:
		set(top, rapid.SampledFrom([]string{"name", "any"}).Draw(l.T, "leaf"))
	case 2:
		top.Delete(at(rapid.SampledFrom([]string{"name", "any", "one", "two", "zwei", "flag", "extra", "tag", "item"}).Draw(l.T, "gone")))
	case 3:
		top.AddValue(at("tag"), name(at("tag")), pos)
	case 4:
		top.DeleteEntry(at("tag"), tree.KeyOf(name(at("tag"))))
	case 5:
		top.AddValue(at("set"), name(at("set")), tree.Position{})
	case 6:
		top.Delete(at("two"))
		top.Delete(at("zwei"))
		set(top, "one")
	case 7:
		top.Delete(at("one"))
		set(top, rapid.SampledFrom([]string{"two", "zwei"}).Draw(l.T, "two"))
	case 8:
		set(top.Ensure(at("flag")), "flag/note")
	case 9:
		top.SetAny(at("extra"), &tree.Any{JSON: rapid.SampledFrom([]string{`{"x":1}`, `{}`}).Draw(l.T, "any")})
	case 10:
		entry(top, "item", "val")
	case 11:
		if e := top.Node().First(at("item")); e != nil {
			entry(top.Entry(at("item"), e.Key()), "item/part", "c")
		}
	case 12:
		entry(top, "step", "note")
	}
}
