package datastore_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/altoam/altoam/datastore"
)

// demote takes every right to write from u.
const demote = `{"ietf-netconf-acm:nacm":{"rule-list":[{"name":"u","rule":[{"name":"1","access-operations":"read"}]}]}}`

// lateGate is a gate once it is shut.
type lateGate struct {
	*gate
	shut atomic.Bool
}

func (g *lateGate) Prepare(ctx context.Context, c datastore.Change) (datastore.Prepared, error) {
	if !g.shut.Load() {
		return g, nil
	}
	return g.gate.Prepare(ctx, c)
}

// TestJudgedByTheRulesBefore: of changes that are made together, those behind one of the
// rules are judged by the new rules.
func TestJudgedByTheRulesBefore(t *testing.T) {
	for _, takes := range []bool{false, true} {
		g := &lateGate{gate: newGate()}
		f := startGuarded(t, g)
		g.shut.Store(true)
		first := `{"house:house":{"owner":"p"}}`
		if takes {
			first = demote
		}
		root, u := f.as("root"), f.as("u")
		done := make(chan error, 1)
		go func() { done <- mergeAs(t, f, f.as("root"), datastore.Running, `{"house:house":{"owner":"q"}}`) }()
		<-g.entered
		errs := group(t, f, g.gate,
			func(*datastore.Session) error { return mergeAs(t, f, root, datastore.Running, first) },
			func(*datastore.Session) error {
				return mergeAs(t, f, u, datastore.Running, `{"house:house":{"room":[{"name":"a","area":6}]}}`)
			})
		must(t, <-done)
		must(t, errs[0])
		if takes {
			deniedAt(t, errs[1], "/house:house/room[name='a']/area")
		} else {
			must(t, errs[1])
		}
	}
}

// TestTakenBackByRestricted: a confirmed commit of one who may change little, taken back,
// takes nothing of others with it, least of all new rules; that of one who may change all
// of it does.
func TestTakenBackByRestricted(t *testing.T) {
	for _, c := range []struct {
		user  string
		takes bool
	}{{"u", false}, {"root", true}} {
		for _, cancel := range []bool{false, true} {
			f := startGuarded(t)
			x, root := f.as(c.user), f.as("root")
			area := func(v string) string { return `{"house:house":{"room":[{"name":"a","area":` + v + `}]}}` }
			must(t, mergeAs(t, f, x, datastore.Candidate, area("6")))
			must(t, x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{}}))
			must(t, mergeAs(t, f, root, datastore.Running, demote))
			must(t, mergeAs(t, f, root, datastore.Running, `{"house:house":{"owner":"p"}}`))
			if c.user == "root" {
				must(t, mergeAs(t, f, x, datastore.Candidate, area("7")))
				must(t, x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{}}))
			}
			if cancel {
				must(t, x.CancelCommit(ctx, ""))
			} else {
				x.Close()
				f.settled()
			}
			now := f.Running().Tree
			if got := now.Find(f.path2("/house:house/room[name='a']/area")).Value().String(); got != "5" {
				t.Errorf("%s: the area is %s", c.user, got)
			}
			if back := f.leaf(now, "owner") == "o"; back != c.takes {
				t.Errorf("%s: the owner is %s", c.user, f.leaf(now, "owner"))
			}
			err := mergeAs(t, f, f.as("u"), datastore.Running, area("9"))
			if (err == nil) != c.takes {
				t.Errorf("%s: an edit by the rules of before: %v", c.user, err)
			}
		}
	}
}

// TestTakenBackOfNothing: a confirmed commit that changes nothing, by one who may change
// little, takes nothing of others with it; that of one who may change all is a way back.
func TestTakenBackOfNothing(t *testing.T) {
	for user, owner := range map[string]string{"u": "p", "nobody": "p", "root": "o"} {
		for _, cancel := range []bool{false, true} {
			f := startGuarded(t)
			x := f.as(user)
			must(t, x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{}}))
			must(t, mergeAs(t, f, f.as("root"), datastore.Running, `{"house:house":{"owner":"p"}}`))
			if cancel {
				must(t, x.CancelCommit(ctx, ""))
			} else {
				x.Close()
				f.settled()
			}
			if got := f.leaf(f.Running().Tree, "owner"); got != owner || f.Pending() != nil {
				t.Errorf("%s: the owner is %s, what waits is %v", user, got, f.Pending())
			}
		}
	}
}

// TestTakenBackBuiltOn: where others built on a confirmed commit, taking it back takes nothing
// of theirs with it unless its user may change that.
func TestTakenBackBuiltOn(t *testing.T) {
	f := startGuarded(t)
	u, root := f.as("u"), f.as("root")
	must(t, mergeAs(t, f, root, datastore.Running, `{"ietf-netconf-acm:nacm":{"rule-list":[{"name":"u","rule":[
		{"name":"1","path":"/house:house/room[name='c']","access-operations":"*"}]}]}}`))
	must(t, mergeAs(t, f, u, datastore.Candidate, `{"house:house":{"room":[{"name":"c"}]}}`))
	must(t, u.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{}}))
	must(t, mergeAs(t, f, root, datastore.Running, `{"house:house":{"main":"c","owner":"p"}}`))
	must(t, u.CancelCommit(ctx, ""))
	now := f.Running().Tree
	if f.leaf(now, "main") != "c" || f.leaf(now, "owner") != "p" || f.Pending() != nil {
		t.Errorf("main is %s, the owner %s, what waits %v", f.leaf(now, "main"), f.leaf(now, "owner"), f.Pending())
	}
}
