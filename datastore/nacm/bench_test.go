package nacm_test

import (
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// herd is a farm with n stalls.
func herd(b testing.TB, s *yang.Schema, n int) *tree.Tree {
	b.Helper()
	m := tree.New(s.Root).Mutate()
	farm := m.Ensure(s.Find("/farm:farm"))
	stall := farm.Schema().Child("farm", "stall")
	set := func(e *tree.Mut, module, name, text string) {
		leaf := stall.Child(module, name)
		v, err := leaf.Type.Parse(text, nil)
		if err != nil {
			b.Fatal(err)
		}
		e.SetLeaf(leaf, v)
	}
	for i := range n {
		v, _ := stall.Keys[0].Type.Parse(fmt.Sprintf("s%06d", i), nil)
		e, _ := farm.AddEntry(stall, []yang.Value{v}, tree.Position{})
		set(e, "farm", "size", fmt.Sprint(i%200))
		set(e, "barn", "roof", "a roof of straw")
	}
	return m.Done()
}

// hundred are 100 rules, the last of which is for a leaf of each entry if deep is set;
// the others name entries.
func hundred(deep bool) setup {
	var l []setup
	for i := range 99 {
		l = append(l, setup{"name": fmt.Sprint(i), "action": "deny", "path": fmt.Sprintf("/farm:farm/stall[name='s%06d']", i*1000)})
	}
	last := setup{"name": "last", "action": "deny", "path": "/farm:farm/name"}
	if deep {
		last["path"] = "/farm:farm/stall/size"
	}
	return rules(nil, append(l, last)...)
}

// BenchmarkRead reads 100 000 entries of three leafs and writes them as JSON, by processor
// time, in turn without access control and under 100 rules: 100 that name entries, or 99 and
// one that takes a leaf from each entry. Nothing is remembered from one read to the next.
func BenchmarkRead(b *testing.B) {
	s := schemaOf(b)
	t := herd(b, s, 100_000)
	read := func(b *testing.B, a *nacm.Access) time.Duration {
		before := processorTime(b)
		if err := codec.EncodeJSON(io.Discard, a.Prune(tree.FromNode(t.Root()), nil), codec.EncodeOptions{Schema: s}); err != nil {
			b.Fatal(err)
		}
		return processorTime(b) - before
	}
	for name, c := range map[string]setup{"entries": hundred(false), "leafs": hundred(true)} {
		b.Run(name, func(b *testing.B) {
			a := accessOf(b, s, c)
			var none, under []time.Duration
			for b.Loop() {
				none, under = append(none, read(b, nil)), append(under, read(b, a))
			}
			slices.Sort(none)
			slices.Sort(under)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(none[len(none)/2])/1e6, "none-ms")
			b.ReportMetric(float64(under[len(under)/2])/float64(none[len(none)/2]), "x-ruled")
		})
	}
}

// processorTime is what the process has taken so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// crowdOf is a configuration with lists rule-lists of n rules, each for one of users users.
func crowdOf(lists, n, users int) setup {
	var groups, all []setup
	for i := range lists {
		var rules []setup
		for j := range n {
			rules = append(rules, setup{"name": fmt.Sprint(j), "action": "deny", "path": fmt.Sprintf("/farm:farm/stall[name='s%06d']/size", i*n+j)})
		}
		name := fmt.Sprint("g", i)
		groups = append(groups, setup{"name": name, "user-name": []string{fmt.Sprint("u", i%users)}})
		all = append(all, setup{"name": fmt.Sprint("l", i), "group": []string{name}, "rule": rules})
	}
	return setup{"groups": setup{"group": groups}, "rule-list": all}
}

// BenchmarkCompile compiles configurations, and what counts for all of their users as far
// as a first read of a resource and a first operation need it.
func BenchmarkCompile(b *testing.B) {
	s := schemaOf(b)
	at, err := tree.ParsePath(s, "/farm:farm/stall[name='s000001']/size")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name            string
		lists, n, users int
	}{{"1 user, 100 rules", 1, 100, 1}, {"1000 users of 100 rules", 1000, 100, 1000}, {"1 user, 1000 rule-lists", 1000, 1, 1}} {
		t := crowdOf(c.lists, c.n, c.users).tree(b, s)
		b.Run(c.name+"/policy", func(b *testing.B) {
			for b.Loop() {
				_, _ = nacm.Compile(s, t)
			}
		})
		b.Run(c.name+"/users", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				p, _ := nacm.Compile(s, t)
				b.StartTimer()
				for i := range c.users {
					p.For(fmt.Sprint("u", i), nil).Sees(at)
				}
			}
		})
	}
}

// BenchmarkMayCall asks for an RPC under 100 rules none of which is about it.
func BenchmarkMayCall(b *testing.B) {
	s := schemaOf(b)
	a := accessOf(b, s, hundred(false))
	feed := s.RPC("farm", "feed")
	for b.Loop() {
		a.MayCall(feed)
	}
}
