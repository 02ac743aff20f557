package datastore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

const lamp = `
module lamp {
  yang-version 1.1;
  namespace "urn:lamp";
  prefix l;
  container lamp {
    leaf kind { type enumeration { enum led; enum gas; } }
    leaf volts { when "../kind = 'led'"; type uint16; }
    container gas { when "../kind = 'gas'"; leaf pressure { type uint8; } }
  }
}`

// TestWhen: a node whose when turns false goes away with the node it hung on; one
// that a client writes where its when is false is refused.
func TestWhen(t *testing.T) {
	schema := dstest.Schema(t, lamp)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	must(t, err)
	defer backend.Close()
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend})
	must(t, err)
	must(t, store.Start(ctx, nil))
	x := store.NewSession(datastore.User{Name: "u"}, datastore.Source{})
	defer x.Close()
	merge := func(text string) error {
		b := edit.NewBuilder(schema.Root, edit.Merge)
		must(t, codec.DecodeJSON(strings.NewReader(`{"lamp:lamp":`+text+`}`), schema, schema.Root, b, codec.DecodeOptions{}))
		e, err := b.Edit()
		must(t, err)
		return x.Edit(ctx, datastore.Running, e, datastore.EditOptions{})
	}
	has := func(path string) bool {
		lamp := store.Running().Tree.Find(tree.Path{{Schema: schema.Find("/lamp:lamp")}})
		return lamp != nil && lamp.Has(schema.Find("/lamp:lamp/"+path))
	}
	must(t, merge(`{"kind":"led","volts":12}`))
	err = merge(`{"gas":{"pressure":3}}`)
	if !hasTag(err, rpcerr.UnknownElement) || !strings.Contains(err.Error(), "../kind = 'gas'") {
		t.Fatalf("a node whose when is false: %v", err)
	}
	if has("gas") {
		t.Error("it is in running")
	}
	must(t, merge(`{"kind":"gas","gas":{"pressure":3}}`))
	if has("volts") || !has("gas") {
		t.Errorf("volts %v, gas %v after the kind changed", has("volts"), has("gas"))
	}
}
