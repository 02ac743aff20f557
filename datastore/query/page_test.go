package query_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// shop has lists of every kind, to be read in pages.
const shop = `module shop {
  yang-version 1.1; namespace "urn:shop"; prefix s;
  container shop {
    list item {
      key id;
      leaf id { type string; }
      leaf price { type uint32; }
      leaf rate { type int8; default 5; }
      container stock { leaf level { type decimal64 { fraction-digits 1; } } }
      leaf sold { type uint64; config false; }
      leaf-list tag { type string; }
    }
    list queue { key id; ordered-by user; leaf id { type string; } leaf price { type uint32; } }
    list event { config false; leaf text { type string; } }
    leaf-list size { type int16; ordered-by user; }
    leaf-list seen { type string; config false; }
    leaf open { type boolean; config false; }
  }
}`

type counter struct {
	t      testing.TB
	schema *yang.Schema
	model  *xpath.Model
}

func newCounter(t testing.TB) counter {
	schema := dstest.Schema(t, shop)
	model, err := xpath.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	return counter{t, schema, model}
}

func (c counter) at(list string) tree.Path {
	return tree.Path{{Schema: c.schema.Find("/shop:shop")}, {Schema: c.schema.Find("/shop:shop/" + list)}}
}

// page makes a Page of the parameters "where=…&sort-by=…".
func (c counter) page(list, where, sortBy string) (*query.Page, error) {
	p := &query.Page{}
	s := c.at(list).Schema()
	var err error
	if where != "" {
		if p.Where, err = query.CompileWhere(where, query.ModulePrefixes(c.schema, nil), c.model, s); err != nil {
			return nil, err
		}
	}
	if sortBy != "" {
		p.SortBy, err = query.ParseSortBy(sortBy, s)
	}
	return p, err
}

func ids(nodes []*tree.Node) string {
	var out []string
	for _, n := range nodes {
		text := n.Value().String()
		if n.Schema().Kind == yang.List {
			text = n.Leaf("id").String() + n.Leaf("text").String()
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

const wares = `{"shop:shop":{
  "item":[{"id":"a","price":10,"rate":5},{"id":"b","price":9,"stock":{"level":"2.5"},"tag":["x","y"]},{"id":"c","rate":-1,"stock":{"level":"10.0"}},
    {"id":"d","price":10,"rate":7},{"id":"e","price":100,"stock":{"level":"-3.0"},"sold":"4"}],
  "queue":[{"id":"z","price":2},{"id":"m","price":1},{"id":"q"}],
  "event":[{"text":"up"},{"text":"down"},{"text":"up"}],
  "size":[7,-3,12,100],
  "seen":["x","y","x"]}}`

func TestPage(t *testing.T) {
	c := newCounter(t)
	data := parse(t, c.schema, wares)
	at := func(key string) *string { return &key }
	tests := []struct {
		name, list, where, sortBy string
		page                      query.Page
		want                      string // "nodes | remaining previous next"
	}{
		{"all", "item", "", "", query.Page{}, "a b c d e | 0 - -"},
		{"limit", "item", "", "", query.Page{Limit: 2}, "a b | 3 - c"},
		{"limit of all", "item", "", "", query.Page{Limit: 5}, "a b c d e | 0 - -"},
		{"offset", "item", "", "", query.Page{Offset: 1, Limit: 2}, "b c | 2 a d"},
		{"offset at the end", "item", "", "", query.Page{Offset: 5, Limit: 2}, " | 0 e -"},
		{"offset out of range", "item", "", "", query.Page{Offset: 6}, "the offset is 6, and there are 5 entries"},
		{"backwards", "item", "", "", query.Page{Backwards: true, Limit: 2}, "e d | 3 - c"},
		{"offset backwards", "item", "", "", query.Page{Backwards: true, Offset: 4, Limit: 2}, "a | 0 b -"},
		{"offset at the end backwards", "item", "", "", query.Page{Backwards: true, Offset: 5}, " | 0 a -"},
		{"offset out of range backwards", "item", "", "", query.Page{Backwards: true, Offset: 6}, "the offset is 6, and there are 5 entries"},
		{"cursor", "item", "", "", query.Page{Cursor: at("d"), Limit: 1}, "d | 1 c e"},
		{"cursor backwards", "item", "", "", query.Page{Cursor: at("d"), Limit: 2, Backwards: true}, "d c | 2 e b"},
		{"cursor that is gone", "item", "", "", query.Page{Cursor: at("cc")}, "the cursor names no entry"},
		{"the user's order", "queue", "", "", query.Page{Limit: 2}, "z m | 1 - q"},
		{"the user's order by cursor, backwards", "queue", "", "", query.Page{Cursor: at("m"), Backwards: true}, "m z | 0 q -"},
		{"without keys", "event", "", "", query.Page{Offset: 1, Limit: 1}, "down | 1 up up"},
		{"leaf-list", "size", "", "", query.Page{Offset: 1, Limit: 2}, "-3 12 | 1 7 100"},
		{"leaf-list that repeats", "seen", "", "", query.Page{Backwards: true, Limit: 2}, "x y | 1 - x"},

		{"where", "item", "price = 10", "", query.Page{}, "a d | 0 - -"},
		{"where with a default", "item", "rate=5", "", query.Page{}, "a b e | 0 - -"},
		{"where, limited", "item", "price > 5", "", query.Page{Limit: 2}, "a b | 2 - d"},
		{"where, offset", "item", "price > 5", "", query.Page{Offset: 1, Limit: 2}, "b d | 1 a e"},
		{"where, backwards", "item", "price > 5", "", query.Page{Backwards: true, Limit: 2}, "e d | 2 - b"},
		{"where, from a cursor", "item", "price > 5", "", query.Page{Cursor: at("d"), Limit: 1}, "d | 1 b e"},
		{"where, from a cursor that it is not true of", "item", "price > 5", "", query.Page{Cursor: at("c"), Limit: 1}, "d | 1 b e"},
		{"where, out of range", "item", "price = 10", "", query.Page{Offset: 3}, "the offset is 3, and there are 2 entries"},
		{"where, at the end", "item", "price = 10", "", query.Page{Offset: 2}, " | 0 d -"},
		{"where with descendants", "item", "stock/level > 2 and tag='y'", "", query.Page{}, "b | 0 - -"},
		{"where of nothing", "item", "false()", "", query.Page{Limit: 1}, " | 0 - -"},
		{"where with another list", "item", "../queue[id='m']/price = 1 and id='a'", "", query.Page{}, "a | 0 - -"},
		{"where with prefixes", "item", "shop:price=100", "", query.Page{}, "e | 0 - -"},
		{"where of values", "size", ". > 7", "", query.Page{Limit: 1}, "12 | 1 - 100"},
		{"where with a node-set of the entry", "item", "self::node()[contains(id,'a')]", "", query.Page{}, "a | 0 - -"},

		{"sorted by a number, absent last", "item", "", "price", query.Page{}, "b a d e c | 0 - -"},
		{"sorted, backwards exactly", "item", "", "price", query.Page{Backwards: true}, "c e d a b | 0 - -"},
		{"sorted by a decimal", "item", "", "stock/level", query.Page{}, "e b c a d | 0 - -"},
		{"sorted with defaults", "item", "", "rate", query.Page{}, "c a b e d | 0 - -"},
		{"sorted, limited", "item", "", "price", query.Page{Limit: 2, Offset: 1}, "a d | 2 b e"},
		{"sorted, from a cursor", "item", "", "price", query.Page{Limit: 2, Cursor: at("d")}, "d e | 1 a c"},
		{"sorted and filtered", "item", "price", "price", query.Page{Limit: 3}, "b a d | 1 - e"},
		{"sorted, cursor filtered out", "item", "price", "price", query.Page{Cursor: at("c")}, "the cursor names no entry"},
		{"sorted, out of range", "item", "", "price", query.Page{Offset: 6}, "the offset is 6, and there are 5 entries"},
		{"sorted values", "size", "", ".", query.Page{}, "-3 7 12 100 | 0 - -"},
		{"sorted state values", "seen", "", ".", query.Page{}, "x x y | 0 - -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.page(tt.list, tt.where, tt.sortBy)
			if err != nil {
				t.Fatal(err)
			}
			p.Backwards, p.Cursor, p.Offset, p.Limit = tt.page.Backwards, tt.page.Cursor, tt.page.Offset, tt.page.Limit
			got := c.show(p, data, tt.list)
			if got != tt.want && (strings.Contains(tt.want, "|") || !strings.Contains(got, tt.want)) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func (c counter) show(p *query.Page, data *tree.Tree, list string) string {
	out, err := p.Of(context.Background(), data, c.at(list), c.model)
	if err != nil {
		return err.Error()
	}
	name := func(n *tree.Node) string {
		if n == nil {
			return "-"
		}
		return ids([]*tree.Node{n})
	}
	return fmt.Sprintf("%s | %d %s %s", ids(out.Nodes), out.Remaining, name(out.Previous), name(out.Next))
}

func TestPageRefuses(t *testing.T) {
	c := newCounter(t)
	tests := []struct{ name, list, where, sortBy, want string }{
		{"syntax", "item", "price >", "", "the condition"},
		{"a node that there is not", "item", "cost = 1", "", "cost matches nothing at /shop:shop/item"},
		{"a variable", "item", "$x", "", "no variable"},
		{"sort by a node that there is not", "item", "", "cost", "has no node cost"},
		{"sort by a container", "item", "", "stock", "which is no leaf"},
		{"sort by a leaf-list", "item", "", "tag", "is no leaf and no container"},
		{"sort by the entry itself", "item", "", ".", "has no node ."},
		{"sort by an unknown module", "item", "", "x:price", "has no node x:price; write shop:price"},
		{"sort values by a leaf", "size", "", "price", `are sorted by "."`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.page(tt.list, tt.where, tt.sortBy)
			var e *rpcerr.Error
			if !errors.As(err, &e) || e.Tag != rpcerr.InvalidValue || e.Type != rpcerr.Application || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an invalid-value with %q", err, tt.want)
			}
		})
	}
}

func TestPageNeedsState(t *testing.T) {
	c := newCounter(t)
	tests := []struct {
		where, sortBy        string
		needs, within, local bool
	}{
		{"", "", false, true, true},
		{"price=1", "price", false, true, true},
		{"sold=1", "", true, true, false},
		{"", "sold", true, true, false},
		{"contains(., 'x')", "", true, true, false},
		{"../open = 'true'", "", true, false, false},
		{"../queue/price = 1", "stock/level", false, true, false},
	}
	for _, tt := range tests {
		p, err := c.page("item", tt.where, tt.sortBy)
		if err != nil {
			t.Fatal(err)
		}
		if needs, within := p.NeedsState(c.at("item").Schema()); needs != tt.needs || within != tt.within {
			t.Errorf("where %q sort-by %q: %v %v, want %v %v", tt.where, tt.sortBy, needs, within, tt.needs, tt.within)
		}
		if got := p.Local(c.at("item").Schema()); got != tt.local {
			t.Errorf("where %q sort-by %q is local: %v", tt.where, tt.sortBy, got)
		}
	}
}

// items is a list of n entries, some without price.
func (c counter) items(n int) *tree.Tree {
	m := tree.New(c.schema.Root).Mutate()
	item := c.schema.Find("/shop:shop/item")
	in := m.Ensure(c.schema.Find("/shop:shop"))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		id, err := item.Keys[0].Type.Parse(fmt.Sprintf("i%06d", i), nil)
		if err != nil {
			c.t.Fatal(err)
		}
		e, _ := in.AddEntry(item, []yang.Value{id}, tree.Position{})
		if i%7 > 0 {
			price := item.Child("shop", "price")
			v, err := price.Type.Parse(fmt.Sprint(r.IntN(50)), nil)
			if err != nil {
				c.t.Fatal(err)
			}
			e.SetLeaf(price, v)
		}
	}
	return m.Done()
}

// TestPageLimits has conditions that cost more than they may.
func TestPageLimits(t *testing.T) {
	c := newCounter(t)
	data := c.items(2000)
	p, err := c.page("item", "count(../item[price > 3]) > 10 and price < 49", "")
	if err != nil {
		t.Fatal(err)
	}
	p.Limits.Visits = 50_000
	p.Limit = 100
	if _, err := p.Of(t.Context(), data, c.at("item"), c.model); !errors.As(err, new(*rpcerr.Error)) || !strings.Contains(err.Error(), "50000 visits") {
		t.Errorf("an expensive condition: %v", err)
	}
	p.Limit = 1
	out, err := p.Of(t.Context(), data, c.at("item"), c.model)
	if err != nil || len(out.Nodes) != 1 || out.Remaining != query.Unknown || out.Next == nil {
		t.Errorf("a page that is complete within the limits: %+v, %v", out, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Of(ctx, data, c.at("item"), c.model); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	p, err = c.page("item", "", "price")
	if err != nil {
		t.Fatal(err)
	}
	p.Limits.Memory = 10_000
	var e *rpcerr.Error
	if _, err := p.Of(t.Context(), data, c.at("item"), c.model); !errors.As(err, &e) || e.Tag != rpcerr.TooBig {
		t.Errorf("sorting too much: %v", err)
	}
}

func FuzzParseSortBy(f *testing.F) {
	for _, s := range []string{"price", "stock/level", "shop:stock/shop:level", ".", "", "/", "stock/", "a:b:c"} {
		f.Add(s)
	}
	c := newCounter(f)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := query.ParseSortBy(text, c.at("item").Schema())
		if (err == nil) != (b != nil) || err == nil && b.Leaf(c.at("item").Schema()).Kind != yang.Leaf {
			t.Errorf("%q: %v, %v", text, b, err)
		}
	})
}
