package users_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
	"github.com/altoam/altoam/yang"
)

// TestSamePassword: a password that is written again leaves the hash as it is, unless that
// is a weak one, also where it has become too short since.
func TestSamePassword(t *testing.T) {
	schema, err := yang.Compile(yang.Builtin(), yang.Options{
		Implement: []yang.ModuleSpec{{Name: "ietf-system"}, {Name: "iana-crypt-hash"}},
		Features:  map[string][]string{"ietf-system": {"authentication", "local-users"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rule, err := users.NewRule()
	if err != nil {
		t.Fatal(err)
	}
	least := 1
	rule.Minimum = func() int { return least }
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Normalize: rule.Normalize})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(context.Background(), func() (*tree.Tree, error) { return tree.New(schema.Root), nil }); err != nil {
		t.Fatal(err)
	}
	admin := store.NewSession(datastore.User{Name: "admin"}, datastore.Source{})
	defer admin.Close()
	const weak = "$5$saltsalt$JuNF5Ru7okVD58N6eh6DVtqbCYLabS26H.Uw.jynqu/" // of wonder
	for _, x := range []struct {
		name, ann, bob string
		least          int
		changes        bool
	}{
		{"new", "$0$wonder", "$0$wonder", 1, true},
		{"again", "$0$wonder", "$0$wonder", 1, false},
		{"again, though too short now", "$0$wonder", "$0$wonder", 9, false},
		{"another", "$0$wonders", "$0$wonder", 1, true},
		{"the one of before", "$0$wonder", "$0$wonder", 1, true},
		{"a weak hash", weak, "$0$wonder", 1, true},
		{"of the weak hash", "$0$wonder", "$0$wonder", 1, true},
	} {
		least = x.least
		before := store.Running()
		config := instance.JSON(t, schema, `{"ietf-system:system":{"authentication":{"user":[{"name":"ann","password":"`+x.ann+`"},{"name":"bob","password":"`+x.bob+`"}]}}}`)
		if err := admin.Replace(context.Background(), datastore.Running, config, datastore.EditOptions{}); err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		after := store.Running()
		if changed := !tree.Compare(before.Tree, after.Tree).Empty(); changed != x.changes {
			t.Errorf("%s: changed is %t", x.name, changed)
		}
	}
}
