package datastore_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

const faultsModule = `module faults { yang-version 1.1; namespace "urn:faults"; prefix f;
  import ietf-netconf-acm { prefix nacm; } augment /nacm:nacm { leaf note { type string; } }
  container box { list item { key name; leaf name { type string; } } }
  container faults { config false; container now { list fault { key "at kind";
    leaf at { type instance-identifier { require-instance false; } } leaf kind { type string; } action ack; } }
    list place { key name; leaf name { type string; }
      container held { presence "something is held"; list hold { key id; leaf id { type string; } leaf-list of { type instance-identifier { require-instance false; } } } } } }
  notification cracked { leaf item { type leafref { path "/f:box/f:item/f:name"; require-instance false; } } }
  notification broken { leaf at { type instance-identifier { require-instance false; } } leaf why { type string; } } }`

const (
	faultOfA = "/faults:box/item[name='a']"
	faultOfB = "/faults:box/item[name='b']"
)

// faultState makes a fault of each item.
type faultState struct{}

func (faultState) Paths() []string { return []string{"/faults:faults"} }

func (faultState) State(_ context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	w := datastore.NewWriter(m)
	for _, at := range []string{faultOfA, faultOfB} {
		w.In("faults:faults").In("now").Entry("fault", at, "cold")
	}
	for place, of := range map[string][]string{"open": {faultOfA}, "shut": {faultOfA, faultOfB}, "void": nil} {
		hold := w.In("faults:faults").Entry("place", place).In("held").Entry("hold", "of "+place)
		for _, at := range of {
			hold.Set("of", at)
		}
	}
	return w.Err()
}

// TestPointers: state, actions and notifications about a node are for those who may read
// that node.
func TestPointers(t *testing.T) {
	s := dstest.Schema(t, faultsModule)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	store.AddStateProvider(faultState{})
	store.HandleAction("/faults:faults/now/fault/ack", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	const config = `{"faults:box":{"item":[{"name":"a"},{"name":"b"}]},"ietf-netconf-acm:nacm":{"groups":{"group":[{"name":"g","user-name":["u"]}]},
		"rule-list":[{"name":"l","group":["g"],"rule":[{"name":"1","path":"/faults:box/item[name='b']","action":"deny"}]}]}}`
	if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(t, s, config), nil }); err != nil {
		t.Fatal(err)
	}
	list, broken := s.Find("/faults:faults/now/fault"), s.Find("/faults:broken")
	for user, sees := range map[string]bool{"u": false, "v": true} {
		x := store.NewSession(datastore.User{Name: user}, datastore.Source{})
		t.Cleanup(x.Close)
		got, err := x.Read(ctx, datastore.Operational, datastore.Selection{})
		if err != nil {
			t.Fatal(err)
		}
		for place, shown := range map[string]bool{"open": true, "shut": sees, "void": false} {
			at, err := tree.ParsePath(s, "/faults:faults/place[name='"+place+"']")
			if err != nil {
				t.Fatal(err)
			}
			if e := got.Find(at); e == nil || e.Has(e.Schema().Child("faults", "held")) != shown {
				t.Errorf("%s: what is held in %s is not as it should be: %v", user, place, seenBy(got))
			}
		}
		if text := seenBy(got); strings.Contains(text, `name='b'`) != sees || !strings.Contains(text, "name='a'") {
			t.Errorf("%s reads %s", user, text)
		}
		for at, ok := range map[string]bool{faultOfA: true, faultOfB: sees} {
			p, err := tree.ParsePath(s, `/faults:faults/now/fault[at="`+at+`"][kind='cold']`)
			if err != nil {
				t.Fatal(err)
			}
			_, err = x.CallAction(ctx, p, list.Child("faults", "ack"), nil)
			if (err == nil) != ok {
				t.Errorf("%s acts on the fault of %s: %v", user, at, err)
			}
		}
		sub, err := x.Subscribe(notify.Request{})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		want := []string{faultOfA}
		if sees {
			want = []string{faultOfB, faultOfA}
		}
		for _, at := range []string{faultOfB, faultOfA} {
			m := tree.New(broken).Mutate()
			if err := datastore.NewWriter(m).Set("at", at).Err(); err != nil {
				t.Fatal(err)
			}
			if err := store.Publish(ctx, notify.Event{Tree: m.Done()}); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"b", "a"} {
			m := tree.New(s.Find("/faults:cracked")).Mutate()
			if err := datastore.NewWriter(m).Set("item", name).Err(); err != nil {
				t.Fatal(err)
			}
			if err := store.Publish(ctx, notify.Event{Tree: m.Done()}); err != nil {
				t.Fatal(err)
			}
			if name == "a" || sees {
				want = append(want, name)
			}
		}
		for _, at := range want {
			wait, cancel := context.WithTimeout(ctx, 10*time.Second)
			e, err := sub.Next(wait)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Tree.Root().Leaf("at").String() + e.Tree.Root().Leaf("item").String(); got != at {
				t.Errorf("%s receives what is about %s, want %s", user, got, at)
			}
		}
	}
}
