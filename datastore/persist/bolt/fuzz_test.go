package bolt_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// FuzzHistory reads arbitrary bytes as what leads back from a commit.
func FuzzHistory(f *testing.F) {
	f.Add(bolt.EncodeUndo([]persist.Record{{Key: "/"}, put("/a", ""), put("/a/b", "value"), {Key: "/a/c"}}))
	f.Add([]byte{})
	f.Add([]byte{0, 1, '/', 0, 1, 0, 2, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		records, err := bolt.DecodeUndo(b)
		if err != nil {
			return
		}
		again, err := bolt.DecodeUndo(bolt.EncodeUndo(append([]persist.Record(nil), records...)))
		if err != nil || len(again) != len(records) {
			t.Errorf("%v after it was written again: %v", again, err)
		}
	})
}

// FuzzFile opens a file some bytes of which are others: it is what it was, or refused.
// An Image of it can be had all the same.
func FuzzFile(f *testing.F) {
	file, state, records := filled(f)
	f.Add(uint32(0), []byte{0})
	f.Add(uint32(4096+16), []byte{0xff, 0xff})
	f.Add(uint32(8200), []byte{2, 0, 0, 0, 0, 0, 0, 0})
	path := filepath.Join(f.TempDir(), "s.db")
	f.Fuzz(func(t *testing.T, at uint32, b []byte) {
		damaged := append([]byte(nil), file...)
		copy(damaged[int(at)%len(file):], b)
		must(t, os.WriteFile(path, damaged, 0o600))
		got, gotRecords, err := openLoad(path)
		if err == nil && (!reflect.DeepEqual(got, state) || !reflect.DeepEqual(gotRecords, records)) {
			t.Errorf("%+v and %d records, want %+v and %d", got, len(gotRecords), state, len(records))
		}
		if im, err := bolt.ReadImage(path); err == nil {
			im.Back(func(persist.Head, bool) bool { return true })
			im.Close()
		}
	})
}
