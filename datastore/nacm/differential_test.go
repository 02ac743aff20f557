package nacm_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

var someNames = []string{"a", "b", "u", "'"}

func quoted(name string) string {
	if name == "'" {
		return "c"
	}
	return name
}

var somePaths = []string{
	"/", "/farm:farm", "/farm:farm/name", "/farm:farm/secret", "/farm:farm/hash", "/farm:farm/tag", "/farm:farm/tag[.='K']", "/farm:farm/stall",
	"/farm:farm/stall[name='K']", "/farm:farm/stall[name=$USER]", "/farm:farm/stall/name", "/farm:farm/stall/size", "/farm:farm/stall[name='K']/size",
	"/farm:farm/stall/cow", "/farm:farm/stall/cow[a='K']", "/farm:farm/stall/cow[b='K']/milk", "/farm:farm/stall/cow[b='K'][a='K']",
	"/farm:farm/stall[name='K']/cow[b='K'][a='K']", "/farm:farm/stall[name='K']/cow[b='K']", "/farm:farm/stall/barn:roof", "/farm:farm/stall/barn:loft/hay",
	"/farm:farm/stall[name='K']/barn:loft", "/farm:farm/step", "/farm:farm/step[id='K']", "/farm:farm/step[id='K']/do", "/farm:farm/hay", "/farm:farm/silo",
	"/farm:farm/yard", "/farm:farm/yard/gate", "/barn:barn", "/farm:farm/stall/clean", "/farm:farm/stall[name='K']/clean", "/farm:farm/stall/dirty",
}

func drawRule(t *rapid.T, i int) setup {
	r := setup{"name": string(rune('A' + i)), "action": rapid.SampledFrom([]string{"permit", "deny"}).Draw(t, "action")}
	if m := rapid.SampledFrom([]string{"", "", "*", "farm", "barn"}).Draw(t, "module"); m != "" {
		r["module-name"] = m
	}
	ops := rapid.SampledFrom([]string{"", "*", "read", "read exec", "create update", "delete", "create read update delete exec", "update read"}).Draw(t, "ops")
	if ops != "" {
		if ops != "*" {
			l := strings.Fields(ops)
			order := []string{"create", "read", "update", "delete", "exec"}
			slices.SortFunc(l, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
			ops = strings.Join(l, " ")
		}
		r["access-operations"] = ops
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
	case 1:
		r["rpc-name"] = rapid.SampledFrom([]string{"*", "feed"}).Draw(t, "rpc")
	default:
		path := rapid.SampledFrom(somePaths).Draw(t, "path")
		for strings.Contains(path, "'K'") {
			path = strings.Replace(path, "'K'", "'"+quoted(rapid.SampledFrom(someNames).Draw(t, "key"))+"'", 1)
		}
		r["path"] = path
	}
	return r
}

func drawConfig(t *rapid.T) setup {
	lists := []setup{}
	for i := range rapid.IntRange(0, 3).Draw(t, "lists") {
		l := []setup{}
		for j := range rapid.IntRange(0, 5).Draw(t, "rules") {
			l = append(l, drawRule(t, j))
		}
		lists = append(lists, setup{
			"name": string(rune('A' + i)), "rule": l,
			"group": rapid.SampledFrom([][]string{{"g"}, {"*"}, {"h"}, {"h", "g"}}).Draw(t, "groups"),
		})
	}
	c := rules(nil)
	c["rule-list"] = lists
	for _, name := range []string{"read-default", "write-default", "exec-default"} {
		if v := rapid.SampledFrom([]string{"", "permit", "deny"}).Draw(t, name); v != "" {
			c[name] = v
		}
	}
	return c
}

func drawData(t *rapid.T, s *yang.Schema) *tree.Tree {
	maybe := func(to map[string]any, name string, v any) {
		if rapid.Bool().Draw(t, name) {
			to[name] = v
		}
	}
	pick := func(label string) []string {
		l := rapid.SliceOfNDistinct(rapid.SampledFrom(someNames), 0, 4, rapid.ID[string]).Draw(t, label)
		for i := range l {
			l[i] = quoted(l[i])
		}
		return l
	}
	farm := map[string]any{}
	for _, name := range []string{"name", "secret", "fixed"} {
		maybe(farm, name, rapid.SampledFrom(someNames).Draw(t, "text"))
	}
	maybe(farm, "hash", "$0$x")
	maybe(farm, "tag", pick("tags"))
	maybe(farm, "yard", map[string]any{"gate": "x"})
	switch rapid.IntRange(0, 2).Draw(t, "food") {
	case 1:
		farm["hay"] = "x"
	case 2:
		farm["silo"] = map[string]any{"level": 1}
	}
	stalls, steps := []any{}, []any{}
	for _, name := range pick("stalls") {
		stall := map[string]any{"name": name}
		maybe(stall, "size", rapid.IntRange(0, 2).Draw(t, "size"))
		maybe(stall, "barn:roof", "x")
		maybe(stall, "barn:loft", map[string]any{"hay": 1})
		cows := []any{}
		for _, a := range pick("a") {
			cows = append(cows, map[string]any{"a": a, "b": quoted(rapid.SampledFrom(someNames).Draw(t, "b")), "milk": rapid.IntRange(0, 2).Draw(t, "milk")})
		}
		maybe(stall, "cow", cows)
		stalls = append(stalls, stall)
	}
	for _, id := range pick("steps") {
		step := map[string]any{"id": id}
		maybe(step, "do", rapid.SampledFrom(someNames).Draw(t, "do"))
		steps = append(steps, step)
	}
	maybe(farm, "stall", stalls)
	maybe(farm, "step", steps)
	top := map[string]any{"farm:farm": farm}
	maybe(top, "barn:barn", "x")
	text, err := json.Marshal(top)
	if err != nil {
		t.Fatal(err)
	}
	return instance.JSON(t, s, string(text))
}

// paths are the nodes of t.
func paths(t *tree.Tree) map[string]bool {
	out := map[string]bool{}
	_ = tree.Compare(tree.New(t.Schema()), t).Walk(func(p tree.Path, c *tree.Change) error {
		allBelow(out, p, c.New)
		return nil
	})
	return out
}

func allBelow(out map[string]bool, p tree.Path, n *tree.Node) {
	out[p.String()] = true
	for c := range n.Children() {
		allBelow(out, p.Join(tree.StepTo(c)), c)
	}
}

// TestLiteral compares pruning, judging and single decisions with the algorithm as the
// RFC has it, on random rules and data.
func TestLiteral(t *testing.T) {
	s := schemaOf(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		l := literal{s, c, "u", []string{"g"}}
		a := accessOf(t, s, c)
		old, next := drawData(t, s), drawData(t, s)

		may, want := l.visible(old)
		got := paths(a.Prune(old, nil))
		if !maps.Equal(want, got) {
			t.Fatalf("pruned:\n got %v\nwant %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		var under tree.Path
		for text := range paths(old) {
			p, err := tree.ParsePath(s, text)
			if err != nil {
				t.Fatal(err)
			}
			if seen, whole := a.Sees(p); seen != may[text] {
				t.Fatalf("%s is seen: %t, want %t", text, seen, may[text])
			} else if below := len(a.Seen(p)); whole && below != len(p) {
				t.Fatalf("%s is seen whole, but only %d steps", text, below)
			}
			if len(under) == 0 || text < under.String() {
				under = p
			}
		}
		if len(under) > 0 {
			part := paths(a.Prune(old, []tree.Path{under}))
			for text := range want {
				p, _ := tree.ParsePath(s, text)
				if (p.LeadsTo(under) || under.LeadsTo(p)) && !part[text] {
					t.Fatalf("a read of %s lacks %s", under, text)
				}
			}
			for text := range part {
				if !want[text] {
					t.Fatalf("a read of %s has %s", under, text)
				}
			}
		}
		d := tree.Compare(old, next)
		if fed := excluded(d); !fed && (a.Judge(d) == nil) != l.permits(d) {
			t.Fatalf("judged %v, want %t", a.Judge(d), l.permits(d))
		}
		stall := s.Find("/farm:farm/stall")
		for _, name := range []string{"a", "u"} {
			v, _ := stall.Keys[0].Type.Parse(name, nil)
			at := tree.Path{{Schema: stall.DataParent}, {Schema: stall, Keys: []yang.Value{v}}}
			for i, n := range []*yang.Node{stall.Child("farm", "clean"), stall.Child("farm", "dirty")} {
				op := []string{"exec", "read"}[i]
				want := l.data(at[:1], "read") && l.data(at, "read") && l.data(at.Join(tree.Step{Schema: stall.Keys[0]}), "read") && l.data(at.Join(tree.Step{Schema: n}), op)
				got := i == 0 && a.MayAct(at, n) || i == 1 && a.MayReceive(at, n)
				if got != want {
					t.Fatalf("%s of stall %s: %t, want %t", n.Name, name, got, want)
				}
			}
		}
	})
}

// excluded tells whether d replaces a case of the choice by another, which needs no
// right for what goes.
func excluded(d *tree.Diff) bool {
	found := 0
	_ = d.Walk(func(_ tree.Path, c *tree.Change) error {
		if c.Schema.Case != nil && c.Op != tree.Inside && c.Op != tree.Modify {
			found++
		}
		return nil
	})
	return found > 1
}

var _ = (*nacm.Access)(nil)
