package users_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
)

func TestGuard(t *testing.T) {
	_, store := directory(t, `{"user-authentication-order":["local-users"],"user":[{"name":"ann","password":"$0$x"}]}`, nil)
	schema := store.Schema()
	config := func(authentication string) *tree.Tree {
		b := tree.NewBuilder(schema.Root)
		text := `{"ietf-system:system":{"authentication":` + authentication + `}}`
		if err := codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}); err != nil {
			t.Fatal(err)
		}
		c, err := b.Tree()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const order, ann = `"user-authentication-order":["local-users"]`, `{"name":"ann","password":"$0$x"}`
	tests := []struct {
		name, after string
		ok          bool
	}{
		{"another user", `{` + order + `,"user":[{"name":"bob","password":"$0$y"}]}`, true},
		{"a key instead of a password", `{"user":[{"name":"ann","authorized-key":[{"name":"k","algorithm":"a","key-data":"AA=="}]}]}`, true},
		{"no user", `{` + order + `}`, false},
		{"no password", `{` + order + `,"user":[{"name":"ann"}]}`, false},
		{"passwords are not tried", `{"user":[` + ann + `]}`, false},
		{"nothing", `{}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := users.Guard{}.Prepare(context.Background(), datastore.Change{Old: store.Running().Tree, New: config(tt.after)})
			var e *rpcerr.Error
			if (err == nil) != tt.ok || err != nil && (!errors.As(err, &e) || e.Path == "") {
				t.Errorf("error %v, want ok %v", err, tt.ok)
			}
		})
	}
	// Where nobody could log in before, nothing is refused.
	if _, err := (users.Guard{}).Prepare(context.Background(), datastore.Change{Old: config(`{}`), New: config(`{"user":[` + ann + `]}`)}); err != nil {
		t.Error(err)
	}
}
