package users_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
	"github.com/altoam/altoam/yang"
)

// TestRule has passwords that are too short, empty or the name of the user refused.
func TestRule(t *testing.T) {
	rule, err := users.NewRule()
	if err != nil {
		t.Fatal(err)
	}
	least := 1
	rule.Minimum = func() int { return least }
	schema, err := yang.Compile(yang.Builtin(), yang.Options{
		Implement: []yang.ModuleSpec{{Name: "ietf-system"}, {Name: "iana-crypt-hash"}},
		Features:  map[string][]string{"ietf-system": {"authentication", "local-users"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Normalize: rule.Normalize})
	if err != nil {
		t.Fatal(err)
	}
	store.AddParticipant(rule)
	if err := store.Start(context.Background(), func() (*tree.Tree, error) { return tree.New(schema.Root), nil }); err != nil {
		t.Fatal(err)
	}
	admin := store.NewSession(datastore.User{Name: "admin"}, datastore.Source{})
	defer admin.Close()
	for _, x := range []struct {
		name, password string
		least          int
		want           string // in the error; "" for none
	}{
		{"ann", "$0$wonder", 1, ""},
		{"ann", "$0$w", 1, ""},
		{"ann", "$0$", 1, "empty"},
		{"ann", "$0$ann", 1, "user[name='ann']/password: the password is the name"},
		{"ann", "$0$Ann", 1, ""},
		{"ann", "$0$wonder", 7, "6 bytes, at least 7"},
		{"ann", "$0$wonders", 7, ""},
		{"ann", crypt("6", ""), 100, ""}, // how long it was nobody knows
	} {
		least = x.least
		b := tree.NewBuilder(schema.Root)
		text := `{"ietf-system:system":{"authentication":{"user":[{"name":"` + x.name + `","password":"` + x.password + `"}]}}}`
		if err := codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}); err != nil {
			t.Fatal(err)
		}
		config, err := b.Tree()
		if err != nil {
			t.Fatal(err)
		}
		err = admin.Replace(context.Background(), datastore.Running, config, datastore.EditOptions{})
		if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s with %s: %v, want %q", x.name, x.password, err, x.want)
		}
		if clear := strings.TrimPrefix(x.password, "$0$"); err != nil && clear != "" && clear != x.name && strings.Contains(err.Error(), clear) {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}
