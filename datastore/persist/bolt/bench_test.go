package bolt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
)

// BenchmarkCommit replaces one record of 250 bytes among n; fsync appends 4 KB to a
// file of its own and syncs it, to compare with.
func BenchmarkCommit(b *testing.B) {
	value := strings.Repeat("v", 250)
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "s.db"))
			defer s.Close()
			var all []persist.Record
			for i := range n {
				all = append(all, put(fmt.Sprintf("/ietf-alto:alto/alto-server/resource[resource-id='r%d']", i), value))
			}
			must(b, commit(s, 0, all...))
			i := 0
			for b.Loop() {
				i++
				must(b, commit(s, uint64(i), put(all[i*7919%n].Key, fmt.Sprint(value, i))))
			}
		})
	}
	b.Run("fsync", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "f"))
		must(b, err)
		defer f.Close()
		block := make([]byte, 4096)
		for b.Loop() {
			_, err := f.Write(block)
			must(b, err)
			must(b, f.Sync())
		}
	})
}
