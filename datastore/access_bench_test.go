package datastore_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// accessRules are the hundred rules of the benchmarks by what they are about; the last
// of them stands before the permission to read all.
var accessRules = map[string]func(i int) string{
	"entries": func(i int) string {
		return fmt.Sprintf(`"path":"/ietf-alto:alto/alto-server/resource[resource-id='r%d']"`, i*997)
	},
	"leafs": func(int) string {
		return `"path":"/ietf-alto:alto/alto-server/resource/resource-limits"`
	},
	"keyed leafs": func(i int) string {
		return fmt.Sprintf(`"path":"/ietf-alto:alto/alto-server/resource[resource-id='r%d']/description"`, i*997)
	},
	"state": func(int) string {
		return `"path":"/ietf-alto:alto/alto-server/resource/ietf-alto-stats:resource-level-stats/num-res-upd"`
	},
}

// ruled is the configuration of access control with 99 rules about what, and one that
// permits everything; u is in the group.
func ruled(what string, users int) string {
	var t strings.Builder
	t.WriteString(`"ietf-netconf-acm:nacm":{"write-default":"permit","groups":{"group":[{"name":"g","user-name":["u"`)
	for i := range users {
		fmt.Fprintf(&t, `,"u%d"`, i)
	}
	t.WriteString(`]}]},"rule-list":[{"name":"l","group":["g"],"rule":[`)
	for i := range 99 {
		fmt.Fprintf(&t, `{"name":"%d","action":"deny","access-operations":"read delete",%s},`, i, accessRules[what](i))
	}
	t.WriteString(`{"name":"rest","action":"permit","module-name":"ietf-alto"}]}]}`)
	return t.String()
}

// counted makes state in every resource.
type counted struct{ schema *yang.Schema }

func (counted) Paths() []string {
	return []string{"/ietf-alto:alto/alto-server/resource/ietf-alto-stats:resource-level-stats"}
}

func (c counted) State(_ context.Context, req datastore.StateRequest, m *tree.Mut) error {
	server := datastore.NewWriter(m).In("ietf-alto:alto").In("alto-server")
	list := c.schema.Find("/ietf-alto:alto/alto-server/resource")
	for e := range req.Running.Find(tree.Path{{Schema: list.Parent.Parent}, {Schema: list.Parent}}).Entries(list) {
		server.Existing("resource", e.KeyValues()[0]).In("ietf-alto-stats:resource-level-stats").Set("num-res-upd", 7)
	}
	return server.Err()
}

// guardedStore is a Store with n resources and access control, and sessions of one who
// may everything and of u.
func guardedStore(b *testing.B, n int, nacm string) (store *datastore.Store, free, u *datastore.Session) {
	b.Helper()
	s, err := yang.Compile(yang.Builtin(), yang.Options{
		Implement: []yang.ModuleSpec{{Name: "ietf-alto"}, {Name: "ietf-alto-stats"}, {Name: "ietf-netconf-acm"}},
		Features:  map[string][]string{"ietf-alto": {"alto-server", "http-listen"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	backend, err := bolt.Open(filepath.Join(b.TempDir(), "s.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { backend.Close() })
	store, err = datastore.Open(datastore.Options{Schema: s, Backend: backend, Recovery: func(u datastore.User) bool { return u.Name == "free" }})
	if err != nil {
		b.Fatal(err)
	}
	store.AddStateProvider(counted{s})
	text := strings.TrimSuffix(resources(n), "}") + "," + nacm + "}"
	if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(b, s, text), nil }); err != nil {
		b.Fatal(err)
	}
	free = store.NewSession(datastore.User{Name: "free"}, datastore.Source{})
	u = store.NewSession(datastore.User{Name: "u"}, datastore.Source{})
	b.Cleanup(free.Close)
	b.Cleanup(u.Close)
	return store, free, u
}

// forget makes the rules new, so that nothing is remembered of what was read.
func forget(b *testing.B, store *datastore.Store, x *datastore.Session, i int) {
	b.Helper()
	t := fmt.Sprintf(`{"ietf-netconf-acm:nacm":{"groups":{"group":[{"name":"turn%d"}]}}}`, i)
	if err := x.Edit(ctx, datastore.Running, edit.FromTree(instance.JSON(b, store.Schema(), t), edit.Merge), datastore.EditOptions{}); err != nil {
		b.Fatal(err)
	}
}

// spent is the processor time that the process has taken: other than the time of day it
// does not count what other processes do.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func middle(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2])
}

// BenchmarkAccessRead reads 100 000 resources and encodes them, by processor time, in turn without access
// control and under 100 rules: x-first is the ratio of the first read under new rules to
// that, x-again of the next one.
func BenchmarkAccessRead(b *testing.B) {
	encoders := map[string]func(io.Writer, *tree.Tree, codec.EncodeOptions) error{"json": codec.EncodeJSON, "xml": codec.EncodeXML}
	for _, what := range []string{"entries", "leafs", "keyed leafs", "state"} {
		store, free, u := guardedStore(b, 100_000, ruled(what, 0))
		turn := 0
		for _, ds := range []datastore.Datastore{datastore.Running, datastore.Operational} {
			for name, encode := range encoders {
				read := func(x *datastore.Session) time.Duration {
					start := spent(b)
					t, err := x.Read(ctx, ds, datastore.Selection{})
					if err != nil {
						b.Fatal(err)
					}
					if err := encode(io.Discard, t, codec.EncodeOptions{Schema: store.Schema()}); err != nil {
						b.Fatal(err)
					}
					return spent(b) - start
				}
				b.Run(fmt.Sprintf("%s/%s/%s", what, ds, name), func(b *testing.B) {
					var none, first, again []time.Duration
					for b.Loop() {
						turn++
						forget(b, store, free, turn)
						none = append(none, read(free))
						first = append(first, read(u))
						again = append(again, read(u))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(middle(none)/1e6, "none-ms")
					b.ReportMetric(middle(first)/middle(none), "x-first")
					b.ReportMetric(middle(again)/middle(none), "x-again")
				})
			}
		}
	}
}

// BenchmarkAccessCommit commits edits of one leaf among so many resources, in turn without
// access control and under 100 rules.
func BenchmarkAccessCommit(b *testing.B) {
	for _, what := range []string{"entries", "leafs"} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				store, free, u := guardedStore(b, n, ruled(what, 0))
				var none, under []time.Duration
				turn := 0
				for b.Loop() {
					for x, to := range map[*datastore.Session]*[]time.Duration{free: &none, u: &under} {
						start := spent(b)
						for range 20 { // the clock has steps
							turn++
							if err := x.Edit(ctx, datastore.Running, oneLeaf(b, store.Schema(), turn, n), datastore.EditOptions{}); err != nil {
								b.Fatal(err)
							}
						}
						*to = append(*to, (spent(b)-start)/20)
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(middle(none)/1e3, "none-us")
				b.ReportMetric(middle(under)/middle(none), "x-ruled")
			})
		}
	}
}
