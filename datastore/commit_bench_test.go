package datastore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// BenchmarkFsync is the floor under a durable commit: 4 KB appended to a file and
// synced, on the disk that the stores of these benchmarks are on.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriters is a one-leaf edit of running by each of several sessions at once;
// the time is that of one edit.
func BenchmarkWriters(b *testing.B) {
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			const n = 10_000
			store, _ := loaded(b, n)
			edits := make(chan *edit.Edit, writers)
			var wg sync.WaitGroup
			for range writers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					x := store.NewSession(datastore.User{Name: "bench"}, datastore.Source{})
					defer x.Close()
					for e := range edits {
						if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); err != nil {
							b.Error(err)
						}
					}
				}()
			}
			b.ResetTimer()
			for i := range b.N {
				edits <- oneLeaf(b, store.Schema(), i, n)
			}
			close(edits)
			wg.Wait()
		})
	}
}

// jsonEdit is an edit of /ietf-alto:alto/alto-server.
func jsonEdit(b *testing.B, s *yang.Schema, content string) *edit.Edit {
	b.Helper()
	x := edit.NewBuilder(s.Root, edit.Merge)
	text := `{"ietf-alto:alto":{"alto-server":{` + content + `}}}`
	if err := codec.DecodeJSON(strings.NewReader(text), s, s.Root, x, codec.DecodeOptions{}); err != nil {
		b.Fatal(err)
	}
	e, err := x.Edit()
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkAddDelete adds a resource and deletes it: two durable commits.
func BenchmarkAddDelete(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			add := jsonEdit(b, store.Schema(), `"resource":[{"resource-id":"new","resource-type":"ird","accepted-role":["role1"],`+
				`"alto-ird-params":{"delegation":"https://new.example.net/"}}]`)
			path, err := tree.ParsePath(store.Schema(), "/ietf-alto:alto/alto-server/resource[resource-id='new']")
			if err != nil {
				b.Fatal(err)
			}
			remove, err := edit.DeleteResource(path)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, e := range []*edit.Edit{add, remove} {
					if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkRefused is an edit that a must expression refuses, all errors reported.
func BenchmarkRefused(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			wrong := jsonEdit(b, store.Schema(), `"resource":[{"resource-id":"r7","accepted-role":["nobody"]}]`)
			for b.Loop() {
				if err := x.Edit(ctx, datastore.Running, wrong, datastore.EditOptions{}); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

// BenchmarkDryRun is a dry run of a one-leaf edit.
func BenchmarkDryRun(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			e := oneLeaf(b, store.Schema(), 3, n)
			for b.Loop() {
				if out := x.TryEdit(ctx, e, datastore.EditOptions{}); len(out.Errors) > 0 || out.Change.Diff.Empty() {
					b.Fatal(out.Errors)
				}
			}
		})
	}
}

// BenchmarkRollback goes one commit back and forth.
func BenchmarkRollback(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store, x := loaded(b, n)
			if err := x.Edit(ctx, datastore.Running, oneLeaf(b, store.Schema(), 3, n), datastore.EditOptions{}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := x.Rollback(ctx, store.Running().Head.Revision-1, datastore.EditOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
