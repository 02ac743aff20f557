package datastore_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// TestCopiesAreApart has a user who may not read all of a long list copy datastores to and
// fro: what is stored is what the user may read, and does not keep what it was copied from.
func TestCopiesAreApart(t *testing.T) {
	schema, dir := dstest.Schema(t, house, guardUse), t.TempDir()
	running, err := bolt.Open(filepath.Join(dir, "running"))
	must(t, err)
	t.Cleanup(func() { running.Close() })
	startup, err := bolt.Open(filepath.Join(dir, "startup"))
	must(t, err)
	t.Cleanup(func() { startup.Close() })
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: running, Startup: startup})
	must(t, err)
	var rooms []string
	for i := range 1000 {
		rooms = append(rooms, fmt.Sprintf(`{"name": "n%04d", "area": 5}`, i))
	}
	must(t, s.Start(ctx, func() (*tree.Tree, error) {
		return instance.JSON(t, schema, `{"house:house": {"room": [`+strings.Join(rooms, ",")+`]}, "ietf-netconf-acm:nacm": {
			"groups": {"group": [{"name": "c", "user-name": ["copier"]}]}, "rule-list": [{"name": "c", "group": ["c"], "rule": [
			{"name": "1", "path": "/house:house/room/area", "access-operations": "read", "action": "deny"}, {"name": "2", "action": "permit"}]}]}}`), nil
	}))
	f := &fixture{t, dir, schema, s}
	x := f.as("copier")
	heap := func() int64 {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var before int64
	for i := range 31 {
		if i == 1 {
			before = heap()
		}
		must(t, x.Copy(ctx, datastore.Startup, datastore.Candidate, datastore.EditOptions{}))
		must(t, x.Copy(ctx, datastore.Candidate, datastore.Startup, datastore.EditOptions{}))
	}
	if more := heap() - before; more > 200_000 {
		t.Errorf("30 copies take %d bytes more", more)
	}
	got, err := f.as("root").Read(ctx, datastore.Startup, datastore.Selection{})
	must(t, err)
	list := schema.Find("/house:house/room")
	if n := got.Root().Child(list.DataParent); n.Len(list) != 1000 || !n.First(list).Leaf("area").IsZero() {
		t.Errorf("%d rooms, the first with the area %s", n.Len(list), n.First(list).Leaf("area"))
	}
	runtime.KeepAlive(s)
}
