package restconf

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// slowDisk is a backend whose disk takes longer over a commit than that of this machine.
type slowDisk struct {
	persist.Backend
	by time.Duration
}

// Commit implements persist.Backend.
func (d slowDisk) Commit(ctx context.Context, t persist.Txn) error {
	time.Sleep(d.by)
	return d.Backend.Commit(ctx, t)
}

// serveOn serves HTTPS on a store that is kept on such a disk, with n playlists.
func serveOn(b *testing.B, by time.Duration, n int) *httptest.Server {
	b.Helper()
	backend, err := bolt.Open(filepath.Join(b.TempDir(), "s.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: testSchema(b), Backend: slowDisk{backend, by}})
	if err != nil {
		b.Fatal(err)
	}
	s := New(Options{Store: store, Authenticate: func(*http.Request) (datastore.User, error) { return datastore.User{Name: "bench"}, nil }})
	if err := store.Start(context.Background(), nil); err != nil {
		b.Fatal(err)
	}
	served := httptest.NewTLSServer(s)
	b.Cleanup(served.Close)
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, `,{"name":"p%d"}`, i)
	}
	put(b, served, http.MethodPut, "", `{"example-jukebox:jukebox":{"playlist":[`+all.String()[1:]+`]}}`)
	return served
}

func put(b *testing.B, served *httptest.Server, method, below, body string) {
	r, err := http.NewRequest(method, served.URL+"/restconf/data/example-jukebox:jukebox"+below, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Content-Type", "application/yang-data+json")
	a, err := served.Client().Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	defer a.Body.Close()
	if text, _ := io.ReadAll(a.Body); a.StatusCode/100 != 2 {
		b.Errorf("%s: %s %s", method, a.Status, text)
	}
}

// BenchmarkPatch is a PATCH of one leaf over HTTPS, durable with its answer, by some
// clients at once; the time is that of one edit. Where the disk is slow many share what
// it takes, else the processors are the limit.
func BenchmarkPatch(b *testing.B) {
	const n = 1000
	for _, by := range []time.Duration{0, 2 * time.Millisecond, 8 * time.Millisecond} {
		for _, clients := range []int{1, 32} {
			b.Run(fmt.Sprintf("disk+%v/%d", by, clients), func(b *testing.B) {
				served := serveOn(b, by, n)
				served.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = clients
				var next atomic.Int64
				var all sync.WaitGroup
				b.ResetTimer()
				for range clients {
					all.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							id := i * 7919 % n
							put(b, served, http.MethodPatch, fmt.Sprintf("/playlist=p%d", id),
								fmt.Sprintf(`{"example-jukebox:playlist":[{"name":"p%d","description":"edit %d"}]}`, id, i))
						}
					})
				}
				all.Wait()
			})
		}
	}
}
