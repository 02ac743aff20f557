package users_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/users"
)

// TestLeaving: the sessions of those end who cannot log in any more, and no others.
func TestLeaving(t *testing.T) {
	const order, ann, bob = `"user-authentication-order":["local-users"]`, `{"name":"ann","password":"$0$x"}`, `{"name":"bob","password":"$0$y"}`
	for _, tt := range []struct {
		name, after string
		ends        bool
	}{
		{"removed", `{` + order + `,"user":[` + bob + `]}`, true},
		{"without a password", `{` + order + `,"user":[{"name":"ann"},` + bob + `]}`, true},
		{"another password", `{` + order + `,"user":[{"name":"ann","password":"$0$z"},` + bob + `]}`, false},
		{"a key instead", `{` + order + `,"user":[{"name":"ann","authorized-key":[{"name":"k","algorithm":"a","key-data":"AA=="}]},` + bob + `]}`, false},
		{"another user", `{` + order + `,"user":[` + ann + `,` + bob + `,{"name":"eve"}]}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, store := directory(t, `{`+order+`,"user":[`+ann+`,`+bob+`]}`, map[string]string{"fixed": "x"})
			b := tree.NewBuilder(store.Schema().Root)
			text := `{"ietf-system:system":{"authentication":` + tt.after + `}}`
			if err := codec.DecodeJSON(strings.NewReader(text), store.Schema(), store.Schema().Root, b, codec.DecodeOptions{}); err != nil {
				t.Fatal(err)
			}
			after, err := b.Tree()
			if err != nil {
				t.Fatal(err)
			}
			p, err := users.Leaving{Store: store}.Prepare(context.Background(), datastore.Change{Old: store.Running().Tree, New: after})
			if err != nil {
				t.Fatal(err)
			}
			sessions := map[string]*datastore.Session{}
			for _, name := range []string{"ann", "bob", "vouched"} {
				sessions[name] = store.NewSession(datastore.User{Name: name}, datastore.Source{})
				defer sessions[name].Close()
			}
			p.Apply()
			if tt.ends {
				select {
				case <-sessions["ann"].Done():
				case <-time.After(20 * time.Second):
					t.Error("the session of ann goes on")
				}
			}
			time.Sleep(10 * time.Millisecond)
			if left, want := len(store.Sessions()), map[bool]int{true: 2, false: 3}[tt.ends]; left != want {
				t.Errorf("%d sessions go on, want %d", left, want)
			}
			for name, want := range map[string]bool{"ann": true, "fixed": true, "eve": false} {
				if d.Stands(name) != want {
					t.Errorf("%s stands: %t", name, !want)
				}
			}
		})
	}
}
