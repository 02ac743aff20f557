package datastore_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// asked is a way to read some of the resources. It returns how many nodes were selected.
type asked func(x *datastore.Session, ds datastore.Datastore) (int, error)

// waysToAsk are reads of one resource or a few among n, from the middle of the list.
func waysToAsk(b *testing.B, store *datastore.Store, n int) map[string]asked {
	b.Helper()
	s, model := store.Schema(), store.Validator().Model()
	list := s.Find("/ietf-alto:alto/alto-server/resource")
	server := tree.Path{{Schema: list.Parent.Parent}, {Schema: list.Parent}}
	all := server.Join(tree.Step{Schema: list})
	key := fmt.Sprintf("r%d", n/2+1)
	v, _ := list.Keys[0].Type.Parse(key, nil)
	one := server.Join(tree.Step{Schema: list, Keys: []yang.Value{v}})
	o := codec.EncodeOptions{Schema: s}
	write := func(nodes ...*tree.Node) (int, error) {
		return len(nodes), codec.EncodeJSONNodes(io.Discard, slices.Values(nodes), o)
	}
	page := func(where string) asked {
		p := &query.Page{Offset: n / 2, Limit: 20}
		if where != "" {
			w, err := query.CompileWhere(where, query.ModulePrefixes(s, nil), model, list)
			if err != nil {
				b.Fatal(err)
			}
			p = &query.Page{Where: w, Limit: 20}
		}
		return func(x *datastore.Session, ds datastore.Datastore) (int, error) {
			t, err := x.Read(ctx, ds, datastore.Selection{Under: []tree.Path{all}})
			if err != nil {
				return 0, err
			}
			es, err := p.Of(ctx, t, all, model)
			if err != nil {
				return 0, err
			}
			return write(es.Nodes...)
		}
	}
	xpath := func(text string) asked {
		f, err := query.CompileXPath(text, query.ModulePrefixes(s, nil), model)
		if err != nil {
			b.Fatal(err)
		}
		return func(x *datastore.Session, ds datastore.Datastore) (int, error) {
			t, err := x.Read(ctx, ds, datastore.Selection{Under: []tree.Path{server[:1]}})
			if err != nil {
				return 0, err
			}
			if t, err = f.Apply(ctx, t, query.Explicit); err != nil {
				return 0, err
			}
			return write(slices.Collect(t.Root().Children())...)
		}
	}
	subtree := func(text string) asked {
		x := codec.NewXMLReader(strings.NewReader(`<filter xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto"><a:alto><a:alto-server><a:resource>`+text+
			`</a:resource></a:alto-server></a:alto></filter>`), codec.XMLLimits{})
		if _, err := x.Next(); err != nil {
			b.Fatal(err)
		}
		f, err := query.ParseSubtree(x, s)
		if err != nil {
			b.Fatal(err)
		}
		return func(x *datastore.Session, ds datastore.Datastore) (int, error) {
			t, err := x.Read(ctx, ds, datastore.Selection{Under: []tree.Path{server[:1]}})
			if err != nil {
				return 0, err
			}
			return write(slices.Collect(query.Subtree(t, f).Root().Children())...)
		}
	}
	return map[string]asked{
		"one": func(x *datastore.Session, ds datastore.Datastore) (int, error) {
			t, err := x.Read(ctx, ds, datastore.Selection{Under: []tree.Path{one}})
			if err != nil {
				return 0, err
			}
			return write(t.Find(one))
		},
		"page":          page(""),
		"page, where":   page("contains(description, '77')"),
		"xpath, one":    xpath("/ietf-alto:alto/alto-server/resource[resource-id='" + key + "']"),
		"xpath, scan":   xpath(fmt.Sprintf("/ietf-alto:alto/alto-server/resource[description='resource number %d']", n/2+1)),
		"subtree, one":  subtree("<a:resource-id>" + key + "</a:resource-id>"),
		"subtree, scan": subtree(fmt.Sprintf("<a:description>resource number %d</a:description>", n/2+1)),
		"subtree, leaf": subtree("<a:resource-type/>"),
	}
}

// BenchmarkAccessQuery asks for some of 100 000 resources, by processor time, in turn
// without access control and under 100 rules: x-first is the ratio of the first time under
// new rules, x-edited of that after a commit of one leaf, x-again of the next.
func BenchmarkAccessQuery(b *testing.B) {
	const n = 100_000
	for _, what := range []string{"entries", "leafs", "keyed leafs"} {
		store, free, u := guardedStore(b, n, ruled(what, 0))
		turn := 0
		for name, ask := range waysToAsk(b, store, n) {
			for _, ds := range []datastore.Datastore{datastore.Running, datastore.Operational} {
				if ds == datastore.Operational && name != "one" {
					continue // state in each entry is no part of what is compared
				}
				once := func(x *datastore.Session) time.Duration {
					start := spent(b)
					if k, err := ask(x, ds); err != nil || k == 0 {
						b.Fatal(k, err)
					}
					return spent(b) - start
				}
				b.Run(fmt.Sprintf("%s/%s/%s", what, name, ds), func(b *testing.B) {
					var none, first, edited, again []time.Duration
					once(u)
					for b.Loop() {
						turn++
						forget(b, store, free, turn)
						first = append(first, once(u))
						var by [2]time.Duration
						for i := range 10 { // each in turn the first to read what was committed
							turn++
							if err := free.Edit(ctx, datastore.Running, oneLeaf(b, store.Schema(), turn, n), datastore.EditOptions{}); err != nil {
								b.Fatal(err)
							}
							by[i%2] += once([]*datastore.Session{free, u}[i%2])
							by[1-i%2] += once([]*datastore.Session{u, free}[i%2])
						}
						none, edited, again = append(none, by[0]/10), append(edited, by[1]/10), append(again, once(u))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(middle(none)/1e3, "none-us")
					b.ReportMetric(middle(first)/middle(none), "x-first")
					b.ReportMetric(middle(edited)/middle(none), "x-edited")
					b.ReportMetric(middle(again)/middle(none), "x-again")
				})
			}
		}
	}
}
