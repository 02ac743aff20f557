package datastore_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

const guardUse = `module guard-use { yang-version 1.1; namespace "urn:guard-use"; prefix g;
  import ietf-netconf-acm { prefix nacm; } import ietf-netconf-notifications { prefix ncn; }
  augment /nacm:nacm { leaf note { type string; } }
  augment /ncn:netconf-config-change { leaf note { type string; } }
  notification alarm; }`

// guarded has the house of the other tests with room a for the user u, who may change
// its area, paint it and nothing else; "root" may everything.
const guarded = `{
  "house:house": {"owner": "o", "secret": "s", "room": [{"name": "a", "area": 5}, {"name": "b", "area": 7}]},
  "ietf-netconf-acm:nacm": {
    "write-default": "deny",
    "groups": {"group": [{"name": "all", "user-name": ["root"]}, {"name": "some", "user-name": ["u"]}]},
    "rule-list": [
      {"name": "root", "group": ["all"], "rule": [{"name": "1", "action": "permit"}]},
      {"name": "u", "group": ["some"], "rule": [
        {"name": "1", "path": "/house:house/room[name='a']/area", "access-operations": "read update", "action": "permit"},
        {"name": "2", "path": "/house:house/room[name='a']", "access-operations": "read exec", "action": "permit"},
        {"name": "3", "path": "/house:house/room", "action": "deny"},
        {"name": "4", "path": "/house:house/secret", "action": "deny"},
        {"name": "5", "module-name": "house", "rpc-name": "knock", "action": "deny"},
        {"name": "6", "notification-name": "alarm", "action": "deny"}]}]}}`

func startGuarded(t *testing.T, with ...datastore.Participant) *fixture {
	t.Helper()
	schema := dstest.Schema(t, house, guardUse)
	path := filepath.Join(t.TempDir(), "db")
	backend, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	s, err := datastore.Open(datastore.Options{
		Schema: schema, Backend: backend, Recovery: func(u datastore.User) bool { return u.Name == "rescue" },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range with {
		s.AddParticipant(p)
	}
	s.HandleRPC("house", "knock", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	s.HandleAction("/house:house/room/paint", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	if err := s.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(t, schema, guarded), nil }); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, path, schema, s}
}

func (f *fixture) as(user string) *datastore.Session {
	x := f.NewSession(datastore.User{Name: user}, datastore.Source{Protocol: "test", Address: "127.0.0.1"})
	f.t.Cleanup(x.Close)
	return x
}

// merge edits ds as the session.
func mergeAs(t *testing.T, f *fixture, x *datastore.Session, ds datastore.Datastore, text string) error {
	t.Helper()
	return x.Edit(ctx, ds, edit.FromTree(instance.JSON(t, f.schema, text), edit.Merge), datastore.EditOptions{})
}

// deniedAt wants one of the errors to be access-denied at the path.
func deniedAt(t *testing.T, err error, path string) {
	t.Helper()
	if !slices.ContainsFunc(rpcerr.All(err), func(e *rpcerr.Error) bool { return e.Tag == rpcerr.AccessDenied && e.Path == path }) {
		t.Errorf("%v; want access-denied at %q", err, path)
	}
}

// seenBy are the paths of t.
func seenBy(t *tree.Tree) string {
	var out []string
	_ = tree.Compare(tree.New(t.Schema()), t).Walk(func(p tree.Path, c *tree.Change) error {
		var walk func(tree.Path, *tree.Node)
		walk = func(p tree.Path, n *tree.Node) {
			out = append(out, p.String())
			for c := range n.Children() {
				walk(p.Join(tree.StepTo(c)), c)
			}
		}
		walk(p, c.New)
		return nil
	})
	return strings.Join(out, " ")
}

func TestAccessReads(t *testing.T) {
	f := startGuarded(t)
	u := f.as("u")
	for _, ds := range []datastore.Datastore{datastore.Running, datastore.Candidate, datastore.Operational} {
		got, err := u.Read(ctx, ds, datastore.Selection{})
		if err != nil {
			t.Fatal(err)
		}
		text := seenBy(got)
		if strings.Contains(text, "'b'") || strings.Contains(text, "secret") || strings.Contains(text, "nacm") || !strings.Contains(text, "'a']/area") {
			t.Errorf("%s shows %s", ds, text)
		}
	}
	for _, user := range []string{"root", "rescue"} {
		got, err := f.as(user).Read(ctx, datastore.Running, datastore.Selection{})
		if err != nil || got != f.Running().Tree {
			t.Errorf("%s does not read all of running: %v", user, err)
		}
	}
}

func TestAccessWrites(t *testing.T) {
	f := startGuarded(t)
	u, root := f.as("u"), f.as("root")
	area := func(room, v string) string {
		return `{"house:house":{"room":[{"name":"` + room + `","area":` + v + `}]}}`
	}
	for _, ds := range []datastore.Datastore{datastore.Running, datastore.Candidate} {
		if err := mergeAs(t, f, u, ds, area("a", "6")); err != nil {
			t.Errorf("%s: %v", ds, err)
		}
		deniedAt(t, mergeAs(t, f, u, ds, area("b", "8")), "/house:house")
		deniedAt(t, mergeAs(t, f, u, ds, area("new", "8")), "/house:house")
		deniedAt(t, mergeAs(t, f, u, ds, `{"house:house":{"owner":"x"}}`), "/house:house/owner")
	}
	if err := u.Commit(ctx, datastore.CommitOptions{}); err != nil {
		t.Errorf("commit of what is permitted: %v", err)
	}
	if err := mergeAs(t, f, root, datastore.Candidate, `{"house:house":{"owner":"y"}}`); err != nil {
		t.Fatal(err)
	}
	deniedAt(t, u.Commit(ctx, datastore.CommitOptions{}), "/house:house/owner")
	deniedAt(t, u.Copy(ctx, datastore.Candidate, datastore.Running, datastore.EditOptions{}), "/house:house")
	if err := root.Commit(ctx, datastore.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	deniedAt(t, u.Rollback(ctx, 1, datastore.EditOptions{}), "/house:house/owner")
	if err := u.Replace(ctx, datastore.Running, tree.New(f.schema.Root), datastore.EditOptions{}); !hasTag(err, rpcerr.AccessDenied) {
		t.Errorf("an empty configuration: %v", err)
	}
	// Whether a room is there is not to be learned.
	for _, room := range []string{"b", "nowhere"} {
		e, err := edit.DeleteResource(f.path2("/house:house/room[name='" + room + "']"))
		if err != nil {
			t.Fatal(err)
		}
		deniedAt(t, u.Edit(ctx, datastore.Running, e, datastore.EditOptions{}), "/house:house")
	}
	got, _ := root.Read(ctx, datastore.Operational, datastore.Selection{})
	n := got.Root().Child(f.schema.Find("/ietf-netconf-acm:nacm"))
	if writes, _ := n.Leaf("denied-data-writes").Uint(); writes < 8 {
		t.Errorf("denied-data-writes is %d", writes)
	}
}

func (f *fixture) path2(text string) tree.Path {
	f.t.Helper()
	p, err := tree.ParsePath(f.schema, text)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

func TestAccessDryRun(t *testing.T) {
	f := startGuarded(t)
	u := f.as("u")
	o := u.TryEdit(ctx, edit.FromTree(instance.JSON(t, f.schema, `{"house:house":{"room":[{"name":"b","area":9},{"name":"a","area":9}]}}`), edit.Merge), datastore.EditOptions{})
	deniedAt(t, rpcerr.Join(o.Errors), "/house:house")
	var paths []string
	_ = o.Change.Diff.Walk(func(p tree.Path, _ *tree.Change) error {
		paths = append(paths, p.String())
		return nil
	})
	if slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "'b'") }) || len(paths) == 0 {
		t.Errorf("the dry run tells of %v", paths)
	}
}

func TestAccessCalls(t *testing.T) {
	f := startGuarded(t)
	u, root := f.as("u"), f.as("root")
	knock := f.schema.RPC("house", "knock")
	_, err := u.Call(ctx, knock, tree.New(knock.Input()))
	deniedAt(t, err, "/house:knock")
	if _, err := root.Call(ctx, knock, tree.New(knock.Input())); err != nil {
		t.Error(err)
	}
	paint := f.schema.Find("/house:house/room").Child("house", "paint")
	colour := paint.Input().Data[0]
	m := tree.New(paint.Input()).Mutate()
	v, _ := colour.Type.Parse("red", nil)
	m.SetLeaf(colour, v)
	if _, err := u.CallAction(ctx, f.path2("/house:house/room[name='a']"), paint, m.Done()); err != nil {
		t.Error(err)
	}
	for _, room := range []string{"b", "nowhere"} {
		_, err := u.CallAction(ctx, f.path2("/house:house/room[name='"+room+"']"), paint, m.Done())
		deniedAt(t, err, "/house:house")
	}
}

func TestAccessEvents(t *testing.T) {
	f := startGuarded(t)
	u, root := f.as("u"), f.as("root")
	sub, err := u.Subscribe(notify.Request{})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := f.Publish(ctx, notify.Event{Tree: tree.New(f.schema.Find("/guard-use:alarm"))}); err != nil {
		t.Fatal(err)
	}
	for _, edits := range []string{
		`{"house:house":{"secret":"t"}}`, `{"house:house":{"room":[{"name":"b","area":100}]}}`,
		`{"house:house":{"room":[{"name":"b","area":101},{"name":"a","area":101}]}}`,
	} {
		if err := mergeAs(t, f, root, datastore.Running, edits); err != nil {
			t.Fatal(err)
		}
	}
	wait, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	e, err := sub.Next(wait)
	if err != nil {
		t.Fatal(err)
	}
	list := e.Node().Child("ietf-netconf-notifications", "edit")
	if e.Node().Name != "netconf-config-change" || e.Tree.Root().Len(list) != 1 || !strings.Contains(e.Tree.Root().First(list).Leaf("target").String(), "a") {
		t.Errorf("the first event to be seen is %s with %d edits", e.Node().Name, e.Tree.Root().Len(list))
	}
}

// TestAccessFollows changes the rules: they count for sessions that are open.
func TestAccessFollows(t *testing.T) {
	f := startGuarded(t)
	u, root := f.as("u"), f.as("root")
	wrong := `{"ietf-netconf-acm:nacm":{"rule-list":[{"name":"x","rule":[{"name":"1","path":"/house:house/cellar","action":"deny"}]}]}}`
	var e *rpcerr.Error
	if err := mergeAs(t, f, root, datastore.Running, wrong); !errors.As(err, &e) || e.Tag != rpcerr.InvalidValue || !strings.Contains(e.Path, "rule[name='1']/path") {
		t.Errorf("a rule for no node: %v", err)
	}
	if err := mergeAs(t, f, root, datastore.Running, `{"ietf-netconf-acm:nacm":{"groups":{"group":[{"name":"all","user-name":["u"]}]}}}`); err != nil {
		t.Fatal(err)
	}
	if got, err := u.Read(ctx, datastore.Running, datastore.Selection{}); err != nil || got != f.Running().Tree {
		t.Errorf("u is in the group of root and does not read all: %v", err)
	}
	if err := mergeAs(t, f, u, datastore.Running, `{"ietf-netconf-acm:nacm":{"enable-nacm":false}}`); err != nil {
		t.Fatal(err)
	}
	if err := mergeAs(t, f, f.as("stranger"), datastore.Running, `{"house:house":{"owner":"z"}}`); err != nil {
		t.Errorf("access control is off: %v", err)
	}
}
