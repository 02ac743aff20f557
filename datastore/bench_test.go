package datastore_test

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

var sizes = []int{1_000, 10_000, 100_000}

// altoSchema is ietf-alto alone, with the features its resources need.
func altoSchema(b *testing.B) *yang.Schema {
	b.Helper()
	s, err := yang.Compile(yang.Builtin(), yang.Options{
		Implement: []yang.ModuleSpec{{Name: "ietf-alto"}},
		Features:  map[string][]string{"ietf-alto": {"alto-server", "http-listen"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// resources is the configuration of n delegated directories and 20 roles.
func resources(n int) string {
	var t strings.Builder
	t.WriteString(`{"ietf-alto:alto":{"alto-server":{"listen":{"http":{"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1"}]}}},"role":[`)
	for i := range 20 {
		if i > 0 {
			t.WriteByte(',')
		}
		fmt.Fprintf(&t, `{"role-name":"role%d"}`, i)
	}
	t.WriteString(`],"resource":[`)
	for i := range n {
		if i > 0 {
			t.WriteByte(',')
		}
		fmt.Fprintf(&t, `{"resource-id":"r%d","resource-type":"ird","description":"resource number %d","accepted-role":["role%d","role%d"],`+
			`"alto-ird-params":{"delegation":"https://alto%d.example.net/directory"},"resource-limits":{"notify-res-mem-limit":"100000"}}`,
			i, i, i%20, (i+7)%20, i)
	}
	t.WriteString(`]}}}`)
	return t.String()
}

// loaded is a Store that holds n resources.
func loaded(b *testing.B, n int) (*datastore.Store, *datastore.Session) {
	b.Helper()
	s := altoSchema(b)
	backend, err := bolt.Open(filepath.Join(b.TempDir(), "s.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(b, s, resources(n)), nil }); err != nil {
		b.Fatal(err)
	}
	x := store.NewSession(datastore.User{Name: "bench"}, datastore.Source{})
	b.Cleanup(x.Close)
	return store, x
}

func oneLeaf(b *testing.B, s *yang.Schema, i, n int) *edit.Edit {
	b.Helper()
	return jsonEdit(b, s, fmt.Sprintf(`"resource":[{"resource-id":"r%d","description":"edit %d"}]`, i*7919%n, i))
}

// BenchmarkCommitOneLeaf is a one-leaf edit of running, durable when it returns.
func BenchmarkCommitOneLeaf(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			i := 0
			for b.Loop() {
				i++
				if err := x.Edit(ctx, datastore.Running, oneLeaf(b, store.Schema(), i, n), datastore.EditOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkValidateOneLeaf is the validation of that edit alone.
func BenchmarkValidateOneLeaf(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, _ := loaded(b, n)
			old := store.Running().Tree
			next, err := edit.Apply(old, oneLeaf(b, store.Schema(), 3, n), edit.Options{})
			if err != nil {
				b.Fatal(err)
			}
			d := tree.Compare(old, next)
			for b.Loop() {
				if errs := store.Validator().Change(ctx, old, next, d, validate.Options{}); len(errs) > 0 {
					b.Fatal(errs)
				}
			}
		})
	}
}

// BenchmarkValidateAll is the complete validation of running.
func BenchmarkValidateAll(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, _ := loaded(b, n)
			for b.Loop() {
				if errs := store.Validator().Tree(ctx, store.Running().Tree, validate.Options{}); len(errs) > 0 {
					b.Fatal(errs)
				}
			}
		})
	}
}

// BenchmarkDeleteReferenced deletes a role that resources accept: it is refused.
func BenchmarkDeleteReferenced(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			path, err := tree.ParsePath(store.Schema(), "/ietf-alto:alto/alto-server/role[role-name='role3']")
			if err != nil {
				b.Fatal(err)
			}
			e, err := edit.DeleteResource(path)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); !hasTag(err, rpcerr.DataMissing) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGetOne selects one resource by key with a subtree filter and encodes it.
func BenchmarkGetOne(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, _ := loaded(b, n)
			s := store.Schema()
			text := fmt.Sprintf(`<filter><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><resource>`+
				`<resource-id>r%d</resource-id></resource></alto-server></alto></filter>`, n/2)
			for b.Loop() {
				x := codec.NewXMLReader(strings.NewReader(text), codec.XMLLimits{})
				if _, err := x.Next(); err != nil {
					b.Fatal(err)
				}
				f, err := query.ParseSubtree(x, s)
				if err != nil {
					b.Fatal(err)
				}
				if err := codec.EncodeXML(io.Discard, query.Subtree(store.Running().Tree, f), codec.EncodeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad decodes n resources, validates them and makes them durable in one commit.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := resources(n)
			s := altoSchema(b)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				backend, err := bolt.Open(filepath.Join(b.TempDir(), "s.db"))
				if err != nil {
					b.Fatal(err)
				}
				store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
				if err != nil {
					b.Fatal(err)
				}
				if err := store.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(b, s, text), nil }); err != nil {
					b.Fatal(err)
				}
				backend.Close()
			}
		})
	}
}

// BenchmarkRestart opens a stored configuration of n resources.
func BenchmarkRestart(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := altoSchema(b)
			path := filepath.Join(b.TempDir(), "s.db")
			open := func(seed func() (*tree.Tree, error)) {
				backend, err := bolt.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				defer backend.Close()
				store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend})
				if err != nil {
					b.Fatal(err)
				}
				if err := store.Start(ctx, seed); err != nil {
					b.Fatal(err)
				}
			}
			open(func() (*tree.Tree, error) { return instance.JSON(b, s, resources(n)), nil })
			for b.Loop() {
				open(nil)
			}
		})
	}
}
