package trail

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// BenchmarkEdits is a one-leaf edit of running by each of several sessions at once, with its
// record and without; the time is that of one edit.
func BenchmarkEdits(b *testing.B) {
	schema := newSchema(b)
	for _, writers := range []int{1, 32} {
		for _, on := range []bool{false, true} {
			b.Run(fmt.Sprintf("writers=%d/audit=%t", writers, on), func(b *testing.B) {
				dir := b.TempDir()
				backend, err := bolt.Open(filepath.Join(dir, "running.db"))
				check(b, err)
				defer backend.Close()
				o := datastore.Options{Schema: schema, Backend: backend}
				if on {
					trail, err := Open(Options{DataDir: dir, Schema: schema})
					check(b, err)
					stop := make(chan struct{})
					go func() { trail.log.Run(ctx); close(stop) }()
					o.Observer = trail
				}
				s, err := datastore.Open(o)
				check(b, err)
				if on {
					o.Observer.(*Trail).Use(s)
				}
				check(b, s.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(b, schema, seed), nil }))
				edits := make(chan *edit.Edit, writers)
				var wg sync.WaitGroup
				for range writers {
					wg.Go(func() {
						x := s.NewSession(datastore.User{Name: "root"}, datastore.Source{Protocol: "restconf", Address: "127.0.0.1"})
						defer x.Close()
						for e := range edits {
							if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); err != nil {
								b.Error(err)
							}
						}
					})
				}
				b.ResetTimer()
				for i := range b.N {
					edits <- edit.FromTree(instance.JSON(b, schema, fmt.Sprintf(`{"vault:vault": {"owner": "o%d"}}`, i)), edit.Merge)
				}
				close(edits)
				wg.Wait()
			})
		}
	}
}
