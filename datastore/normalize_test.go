package datastore_test

import (
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestNormalizeOnlyLeafs: what cannot be replaced is refused and never stored.
func TestNormalizeOnlyLeafs(t *testing.T) {
	schema := dstest.Schema(t, `module safe { yang-version 1.1; namespace "urn:safe"; prefix s;
  leaf-list secret { type string; }
  list door { key code; leaf code { type string; } } }`)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	must(t, err)
	defer backend.Close()
	s, err := datastore.Open(datastore.Options{
		Schema: schema, Backend: backend,
		Normalize: func(n *yang.Node, _, v yang.Value) (yang.Value, error) {
			if v.String() == "clear" {
				return n.Type.Parse("hashed", nil)
			}
			return v, nil
		},
	})
	must(t, err)
	must(t, s.Start(ctx, nil))
	x := s.NewSession(datastore.User{Name: "u"}, datastore.Source{Protocol: "test"})
	defer x.Close()
	secret, door := schema.Find("/safe:secret"), schema.Find("/safe:door")
	for _, text := range []string{"clear", "hashed"} {
		v, err := secret.Type.Parse(text, nil)
		must(t, err)
		m := tree.New(schema.Root).Mutate()
		m.AddValue(secret, v, tree.Position{})
		values := m.Done()
		m = tree.New(schema.Root).Mutate()
		m.AddEntry(door, []yang.Value{v}, tree.Position{})
		for what, to := range map[string]*tree.Tree{"leaf-list": values, "key": m.Done()} {
			err := x.Replace(ctx, datastore.Running, to, datastore.EditOptions{})
			if text == "clear" && !hasTag(err, rpcerr.InvalidValue) || text != "clear" && err != nil {
				t.Errorf("%s %s: %v", what, text, err)
			}
			if text == "clear" && !s.Running().Tree.Empty() {
				t.Errorf("%s %s was stored", what, text)
			}
		}
	}
}
