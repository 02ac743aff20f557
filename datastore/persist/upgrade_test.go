package persist_test

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// TestUpgrade opens a file that the first version wrote: data, order and head are
// there, and stay after it was opened again.
func TestUpgrade(t *testing.T) {
	schema := dstest.Schema(t, shop)
	path := filepath.Join(t.TempDir(), "s.db")
	f, err := os.Open("testdata/format1.db.gz")
	must(t, err)
	z, err := gzip.NewReader(f)
	must(t, err)
	old, err := io.ReadAll(z)
	must(t, err)
	must(t, f.Close())
	must(t, os.WriteFile(path, old, 0o600))
	want, err := os.ReadFile("testdata/format1.json")
	must(t, err)
	for range 2 {
		s, err := bolt.Open(path)
		must(t, err)
		l := persist.NewLoader(schema)
		state, err := s.Load(context.Background(), func(r persist.Record) error {
			l.Add(r)
			return nil
		})
		must(t, err)
		got, problems := l.Tree()
		var text strings.Builder
		must(t, codec.EncodeJSON(&text, got, codec.EncodeOptions{}))
		if len(problems) > 0 || text.String() != strings.TrimSpace(string(want)) {
			t.Errorf("problems %v, got\n%s, want\n%s", problems, text.String(), want)
		}
		head := persist.Head{
			Revision: 2, Time: time.Date(2026, 11, 22, 18, 1, 0, 0, time.UTC), User: "admin",
			Protocol: "restconf", Address: "192.0.2.7", Comment: "format 1",
		}
		if state.Head != head {
			t.Errorf("head = %+v", state.Head)
		}
		must(t, s.Close())
	}
}

// TestUpgradeRefuses what does not fit together.
func TestUpgradeRefuses(t *testing.T) {
	for name, order := range map[string]string{
		"an entry that is not there": "\x0b/m:l[k='2']",
		"a name cut short":           "\x70/m:l",
		"another list":               "\x01/",
	} {
		_, err := persist.Upgrade1([]persist.Record{
			{Key: "/", Value: []byte{}},
			{Key: "/\x00m:l", Value: []byte(order)},
			{Key: "/m:l[k='1']", Value: []byte("l\x01k\x011")},
		})
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
