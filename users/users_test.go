package users_test

import (
	"context"
	"encoding/base64"
	"errors"
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

// blob is the wire form of a key of algorithm ssh-test.
var blob = []byte("\x00\x00\x00\x08ssh-test key material")

// directory starts a Store whose running is the given content of authentication.
func directory(t *testing.T, authentication string, fixed map[string]string) (*users.Directory, *datastore.Store) {
	t.Helper()
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
	t.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Normalize: users.Normalize})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Start(context.Background(), func() (*tree.Tree, error) {
		b := tree.NewBuilder(schema.Root)
		text := `{"ietf-system:system":{"authentication":` + authentication + `}}`
		if err := codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}); err != nil {
			return nil, err
		}
		return b.Tree()
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := users.New(store, fixed)
	if err != nil {
		t.Fatal(err)
	}
	return d, store
}

func TestPassword(t *testing.T) {
	d, store := directory(t, `{"user-authentication-order":["local-users"],"user":[
		{"name":"ann","password":"$0$wonderland"},
		{"name":"kay","authorized-key":[{"name":"k","algorithm":"ssh-test","key-data":"`+base64.StdEncoding.EncodeToString(blob)+`"}]}]}`, nil)
	tests := []struct {
		user, password string
		ok             bool
	}{
		{"ann", "wonderland", true},
		{"ann", "wonderland", true}, // remembered
		{"ann", "Wonderland", false},
		{"ann", "", false},
		{"ann", "$0$wonderland", false},
		{"kay", "", false},
		{"bob", "wonderland", false},
		{"", "", false},
	}
	for _, tt := range tests {
		err := d.Password(tt.user, tt.password)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, users.ErrRefused) {
			t.Errorf("Password(%q, %q) = %v, want ok %v", tt.user, tt.password, err, tt.ok)
		}
	}
	// The cleartext is nowhere in running.
	var text strings.Builder
	if err := codec.EncodeJSON(&text, store.Running().Tree, codec.EncodeOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "wonderland") || !strings.Contains(text.String(), "$6$") {
		t.Errorf("running: %s", text.String())
	}
}

func TestPublicKey(t *testing.T) {
	d, _ := directory(t, `{"user":[{"name":"kay","authorized-key":[{"name":"k","algorithm":"ssh-test","key-data":"`+
		base64.StdEncoding.EncodeToString(blob)+`"}]}]}`, nil)
	tests := []struct {
		name, user, algorithm string
		blob                  []byte
		ok                    bool
	}{
		{"her key", "kay", "ssh-test", blob, true},
		{"another key", "kay", "ssh-test", blob[1:], false},
		{"another algorithm", "kay", "ssh-other", blob, false},
		{"another user", "bob", "ssh-test", blob, false},
	}
	for _, tt := range tests {
		if err := d.PublicKey(tt.user, tt.algorithm, tt.blob); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestOrder: passwords are tried only where user-authentication-order says so.
func TestOrder(t *testing.T) {
	d, _ := directory(t, `{"user":[{"name":"ann","password":"$0$x"}]}`, nil)
	if d.Password("ann", "x") == nil {
		t.Error("a password was accepted though no method is in the order")
	}
}

func TestFixedUsers(t *testing.T) {
	hash, err := users.Hash("outside")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := directory(t, `{}`, map[string]string{"admin": hash})
	if err := d.Password("admin", "outside"); err != nil {
		t.Error(err)
	}
	if d.Password("admin", "inside") == nil {
		t.Error("a wrong password was accepted")
	}
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name, hash string
		ok         bool
	}{
		// openssl passwd -6 -salt altoamexample wonderland, and -5
		{"SHA-512", "$6$altoamexample$DosqP3meaNLYm.2G18Bu3uCOc5CJG4CwmMiniPuhMbapJurpmmkB25RYSAxxhbFgc02/CS.oc7tP4KtisLpDt.", true},
		{"wrong hash", "$6$altoamexample$AosqP3meaNLYm.2G18Bu3uCOc5CJG4CwmMiniPuhMbapJurpmmkB25RYSAxxhbFgc02/CS.oc7tP4KtisLpDt.", false},
		{"MD5 is not verified", "$1$altoam$xUGFNVXbcEdBQXYJ.sbHM1", false},
		{"too many rounds", "$6$rounds=999999999$altoamexample$DosqP3meaNLYm.2G18Bu3uCOc5CJG4CwmMiniPuhMbapJurpmmkB25RYSAxxhbFgc02/CS.oc7tP4KtisLpDt.", false},
		{"empty", "", false},
		{"no hash", "wonderland", false},
	}
	for _, tt := range tests {
		if got := users.Verify(tt.hash, "wonderland"); got != tt.ok {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.ok)
		}
	}
}
