package agent_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

var sizes = []int{1_000, 10_000, 100_000}

const listenAnywhere = `"listen":{"http":{"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":0}]}}},`

// tenants is the configuration of n resources: a network map of one source, and
// directories elsewhere, each for two of twenty roles.
func tenants(n int) string {
	var t strings.Builder
	t.WriteString(`{"ietf-alto:alto":{"alto-server":{` + listenAnywhere +
		`"data-source":[{"source-id":"campus","source-type":"altoam-source-static:static","source-params":{"altoam-source-static:static":{"pid":[{"name":"lan","prefix":["0.0.0.0/0"]}]}}}],"role":[`)
	for i := range 20 {
		if i > 0 {
			t.WriteByte(',')
		}
		fmt.Fprintf(&t, `{"role-name":"role%d"}`, i)
	}
	t.WriteString(`],"resource":[{"resource-id":"net","resource-type":"network-map","alto-networkmap-params":{"altoam-algorithm-from-source:from-source":{"source":"campus"}}}`)
	for i := range n - 1 {
		fmt.Fprintf(&t, `,{"resource-id":"r%d","resource-type":"ird","description":"resource number %d","accepted-role":["role%d","role%d"],`+
			`"alto-ird-params":{"delegation":"https://alto%d.example.net/directory"}}`, i, i, i%20, (i+7)%20, i)
	}
	t.WriteString(`]}}}`)
	return t.String()
}

// mapTenants is the configuration of n resources, half of them network maps of one source
// with their filtered variants, half cost maps.
func mapTenants(n int) string {
	var t strings.Builder
	t.WriteString(`{"ietf-alto:alto":{"alto-server":{"cost-type":[{"cost-type-name":"num","cost-mode":"numerical","cost-metric":"routingcost","cost-context":{"cost-source":"sla"}}],` +
		`"data-source":[{"source-id":"campus","source-type":"altoam-source-static:static","source-params":{"altoam-source-static:static":{` +
		`"pid":[{"name":"lan","prefix":["192.0.2.0/24","2001:db8::/32"]},{"name":"world","prefix":["0.0.0.0/0","::/0"]}],` +
		`"cost-table":[{"metric":"routingcost","mode":"numerical","cost":[{"source":"lan","destination":"world","value":"7.5"}]}]}}}],"resource":[`)
	for i := range n / 2 {
		if i > 0 {
			t.WriteByte(',')
		}
		fmt.Fprintf(&t, `{"resource-id":"n%d","resource-type":"network-map","alto-networkmap-params":{"filtered":true,"altoam-algorithm-from-source:from-source":{"source":"campus"}}},`+
			`{"resource-id":"c%d","resource-type":"cost-map","dependency":["n%d"],"alto-costmap-params":{"cost-type-name":["num"],"altoam-algorithm-from-source:from-source":{"source":"campus"}}}`, i, i, i)
	}
	t.WriteString(`]}}}`)
	return t.String()
}

// loaded is a Store with an agent that serves text.
func loaded(b *testing.B, text string) (*datastore.Store, *agent.Agent) {
	b.Helper()
	s, err := schema()
	if err != nil {
		b.Fatal(err)
	}
	backend, err := bolt.Open(filepath.Join(b.TempDir(), "s.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
	if err != nil {
		b.Fatal(err)
	}
	a := agent.New(agent.Options{Store: store})
	store.AddParticipant(a)
	store.AddStateProvider(a)
	if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(b, s, text), nil }); err != nil {
		b.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(run) }()
	b.Cleanup(func() { stop(); <-ended })
	return store, a
}

func mergeEdit(b *testing.B, s *yang.Schema, server string) *edit.Edit {
	b.Helper()
	x := edit.NewBuilder(s.Root, edit.Merge)
	if err := codec.DecodeJSON(strings.NewReader(`{"ietf-alto:alto":{"alto-server":`+server+`}}`), s, s.Root, x, codec.DecodeOptions{}); err != nil {
		b.Fatal(err)
	}
	e, err := x.Edit()
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkReconcile is the agent's part of a commit among n resources: Prepare and
// Apply of a change of one resource, of one more and one less, of a role, of a cost
// type, and a read of the statistics of one resource.
func BenchmarkReconcile(b *testing.B) {
	for _, n := range sizes {
		store, a := loaded(b, tenants(n))
		s := store.Schema()
		commit := func(b *testing.B, old *tree.Tree, e *edit.Edit) *tree.Tree {
			next, err := edit.Apply(old, e, edit.Options{})
			if err != nil {
				b.Fatal(err)
			}
			p, err := a.Prepare(ctx, datastore.Change{Old: old, New: next, Diff: tree.Compare(old, next)})
			if err != nil {
				b.Fatal(err)
			}
			p.Apply()
			return next
		}
		now, i := store.Running().Tree, 0
		run := func(name string, edits func(i int) []*edit.Edit) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					i++
					for _, e := range edits(i) {
						now = commit(b, now, e)
					}
				}
			})
		}
		run("One", func(i int) []*edit.Edit {
			return []*edit.Edit{mergeEdit(b, s, fmt.Sprintf(`{"resource":[{"resource-id":"r%d","alto-ird-params":{"delegation":"https://edit%d.example.net/"}}]}`, i*7919%(n-1), i))}
		})
		gone, err := tree.ParsePath(s, "/ietf-alto:alto/alto-server/resource[resource-id='new']")
		if err != nil {
			b.Fatal(err)
		}
		remove, err := edit.DeleteResource(gone)
		if err != nil {
			b.Fatal(err)
		}
		run("AddDelete", func(int) []*edit.Edit {
			return []*edit.Edit{mergeEdit(b, s, `{"resource":[{"resource-id":"new","resource-type":"ird","alto-ird-params":{"delegation":"https://edit.example.net/"}}]}`), remove}
		})
		run("Role", func(i int) []*edit.Edit {
			return []*edit.Edit{mergeEdit(b, s, fmt.Sprintf(`{"role":[{"role-name":"role3","client":["c%d"]}],"auth-client":[{"client-id":"c%d","http-auth-client":{"user-id":"c%d"}}]}`, i%2, i%2, i%2))}
		})
		run("CostType", func(i int) []*edit.Edit {
			return []*edit.Edit{mergeEdit(b, s, fmt.Sprintf(`{"cost-type":[{"cost-type-name":"km","cost-mode":"numerical","cost-metric":"routingcost","description":"%d","cost-context":{"cost-source":"sla"}}]}`, i))}
		})
		at, err := tree.ParsePath(s, "/ietf-alto:alto/alto-server/resource[resource-id='r7']/ietf-alto-stats:resource-level-stats")
		if err != nil {
			b.Fatal(err)
		}
		x := store.NewSession(datastore.User{Name: "bench"}, datastore.Source{})
		b.Run(fmt.Sprintf("Statistics/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{at}}); err != nil {
					b.Fatal(err)
				}
			}
		})
		x.Close()
	}
}

// BenchmarkCommitOneResource is a durable commit of one resource among n that the
// agent serves.
func BenchmarkCommitOneResource(b *testing.B) {
	for _, n := range sizes {
		store, _ := loaded(b, tenants(n))
		x := store.NewSession(datastore.User{Name: "bench"}, datastore.Source{})
		i := 0
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				i++
				e := mergeEdit(b, store.Schema(), fmt.Sprintf(`{"resource":[{"resource-id":"r%d","alto-ird-params":{"delegation":"https://edit%d.example.net/"}}]}`, i*7919%(n-1), i))
				if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		x.Close()
	}
}

// BenchmarkLoad is the agent's part of taking n resources into service, and the memory
// it then holds.
func BenchmarkLoad(b *testing.B) {
	s, err := schema()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range sizes {
		benchmarkLoad(b, fmt.Sprintf("Directories/%d", n), n, instance.JSON(b, s, strings.Replace(tenants(n), listenAnywhere, "", 1)))
	}
	benchmarkLoad(b, "Maps/10000", 10_000, instance.JSON(b, s, mapTenants(10_000)))
}

func benchmarkLoad(b *testing.B, name string, n int, full *tree.Tree) {
	b.Run(name, func(b *testing.B) {
		s, err := schema()
		if err != nil {
			b.Fatal(err)
		}
		store, err := datastore.Open(datastore.Options{Schema: s})
		if err != nil {
			b.Fatal(err)
		}
		empty := tree.New(s.Root)
		diff := tree.Compare(empty, full)
		before := heap()
		var a *agent.Agent
		for b.Loop() {
			a = agent.New(agent.Options{Store: store})
			p, err := a.Prepare(ctx, datastore.Change{Old: empty, New: full, Diff: diff})
			if err != nil {
				b.Fatal(err)
			}
			p.Apply()
		}
		b.ReportMetric(float64(heap()-before)/float64(n), "heap-B/resource")
		runtime.KeepAlive(a)
		runtime.KeepAlive(full)
	})
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
