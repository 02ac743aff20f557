package query_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
)

// TestPageAgainstModel compares pages with what a sort and a cut of all entries give,
// and walks from page to page by cursor in both directions.
func TestPageAgainstModel(t *testing.T) {
	c := newCounter(t)
	data := c.items(150)
	all := slices.Collect(data.Root().Child(c.schema.Find("/shop:shop")).Entries(c.at("item").Schema()))
	rapid.Check(t, func(rt *rapid.T) {
		where := rapid.SampledFrom([]string{"", "price < 20", "not(price)"}).Draw(rt, "where")
		sortBy := rapid.SampledFrom([]string{"", "price"}).Draw(rt, "sort")
		p, err := c.page("item", where, sortBy)
		if err != nil {
			rt.Fatal(err)
		}
		p.Backwards = rapid.Bool().Draw(rt, "backwards")
		p.Limit = rapid.IntRange(1, 200).Draw(rt, "limit")
		want := modelOf(all, where, sortBy, p.Backwards)
		p.Offset = rapid.IntRange(0, len(want)).Draw(rt, "offset")
		out, err := p.Of(t.Context(), data, c.at("item"), c.model)
		if err != nil {
			rt.Fatal(err)
		}
		rest := want[p.Offset:]
		if n := min(len(rest), p.Limit); !slices.Equal(out.Nodes, rest[:n]) || out.Remaining != len(rest)-n {
			rt.Fatalf("got %s, %d remaining, want %s", ids(out.Nodes), out.Remaining, ids(rest[:n]))
		}
		c.walk(rt, p, data, want)
	})
}

// TestPageKeepsFew sorts more entries than it keeps at a time.
func TestPageKeepsFew(t *testing.T) {
	c := newCounter(t)
	data := c.items(5000)
	all := slices.Collect(data.Root().Child(c.schema.Find("/shop:shop")).Entries(c.at("item").Schema()))
	wants := map[bool][]*tree.Node{false: modelOf(all, "", "price", false), true: modelOf(all, "", "price", true)}
	rapid.Check(t, func(rt *rapid.T) {
		p, err := c.page("item", "", "price")
		if err != nil {
			rt.Fatal(err)
		}
		p.Backwards = rapid.Bool().Draw(rt, "backwards")
		p.Limit, p.Offset = rapid.IntRange(1, 700).Draw(rt, "limit"), rapid.IntRange(0, 600).Draw(rt, "offset")
		want := wants[p.Backwards]
		from := p.Offset
		if rapid.Bool().Draw(rt, "cursor") {
			from = rapid.IntRange(0, len(want)-1).Draw(rt, "from")
			key := want[from].Key()
			p.Cursor, p.Offset = &key, 0
		}
		out, err := p.Of(t.Context(), data, c.at("item"), c.model)
		if err != nil {
			rt.Fatal(err)
		}
		to := min(len(want), from+p.Limit)
		if !slices.Equal(out.Nodes, want[from:to]) || out.Remaining != len(want)-to {
			rt.Fatalf("got %d entries, %d remaining; want %d, %d", len(out.Nodes), out.Remaining, to-from, len(want)-to)
		}
		if from > 0 && out.Previous != want[from-1] || from == 0 && out.Previous != nil {
			rt.Fatalf("previous is %v", out.Previous)
		}
		if to < len(want) && out.Next != want[to] || to == len(want) && out.Next != nil {
			rt.Fatalf("next is %v", out.Next)
		}
	})
}

// walk reads all by cursor and then goes back from the last page.
func (c counter) walk(rt *rapid.T, p *query.Page, data *tree.Tree, want []*tree.Node) {
	p.Offset, p.Cursor = 0, nil
	var got []*tree.Node
	var last *query.Entries
	for range len(want) + 1 {
		out, err := p.Of(context.Background(), data, c.at("item"), c.model)
		if err != nil {
			rt.Fatal(err)
		}
		got, last = append(got, out.Nodes...), out
		if out.Next == nil {
			break
		}
		key := out.Next.Key()
		p.Cursor = &key
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("walked %s, want %s", ids(got), ids(want))
	}
	if last.Previous != nil {
		key, backwards := last.Previous.Key(), p.Backwards
		p.Cursor, p.Backwards, p.Limit = &key, !backwards, 0
		out, err := p.Of(context.Background(), data, c.at("item"), c.model)
		slices.Reverse(want)
		if err != nil || !slices.Equal(out.Nodes, want[len(last.Nodes):]) {
			rt.Fatalf("went back %s: %v", ids(out.Nodes), err)
		}
	}
}

func modelOf(all []*tree.Node, where, sortBy string, backwards bool) []*tree.Node {
	price := func(n *tree.Node) (uint64, bool) {
		v, ok := n.Leaf("price").Uint()
		return v, ok
	}
	var out []*tree.Node
	for _, n := range all {
		v, ok := price(n)
		if where == "" || where == "price < 20" && ok && v < 20 || where == "not(price)" && !ok {
			out = append(out, n)
		}
	}
	if sortBy != "" {
		slices.SortStableFunc(out, func(a, b *tree.Node) int {
			v, ok := price(a)
			w, ok2 := price(b)
			if ok != ok2 {
				if ok {
					return -1
				}
				return 1
			}
			return cmp.Compare(v, w)
		})
	}
	if backwards {
		slices.Reverse(out)
	}
	return out
}
