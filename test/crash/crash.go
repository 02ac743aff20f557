// Package crash tests that a commit is never lost or seen in half, whenever the
// process is killed. Its worker commits until that happens.
package crash

import (
	"crypto/sha256"
	"encoding/hex"
	"testing/fstest"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Writers is the number of goroutines of a worker that commit at the same time.
const Writers = 3

const module = `
module shop {
  yang-version 1.1;
  namespace "urn:shop";
  prefix s;
  container top {
    leaf name { type string; }
    leaf-list tag { type string; ordered-by user; }
    list item {
      key "id";
      leaf id { type string; }
      leaf price { type decimal64 { fraction-digits 2; } }
      list part { key "a b"; ordered-by user; leaf a { type string; } leaf b { type uint8; } leaf c { type string; } }
    }
    list step { key "n"; ordered-by user; leaf n { type string; } leaf note { type string; } }
  }
}`

// Schema is what the workers and the test store data of.
func Schema() (*yang.Schema, error) {
	files := fstest.MapFS{"shop.yang": {Data: []byte(module)}}
	return yang.Compile(yang.NewLibrary(files), yang.Options{Implement: []yang.ModuleSpec{{Name: "shop"}}})
}

// Fingerprint is the same for trees that are the same, order included.
func Fingerprint(t *tree.Tree) (string, error) {
	h := sha256.New()
	if err := codec.EncodeJSON(h, t, codec.EncodeOptions{}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}
