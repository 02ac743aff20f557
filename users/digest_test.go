package users_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/users"
	"github.com/altoam/altoam/yang"
)

// TestNormalizeDigest has names and passwords as they may be written, and what must not be
// stored.
func TestNormalizeDigest(t *testing.T) {
	schema, err := yang.Compile(yang.Builtin(), yang.Options{
		Implement: []yang.ModuleSpec{{Name: "ietf-alto"}, {Name: "altoam-access"}},
		Features:  map[string][]string{"ietf-alto": {"alto-server", "http-listen"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := schema.Find("/ietf-alto:alto/alto-server/listen/http/http-server-parameters/client-authentication/users/user/altoam-access:digest/credentials")
	if s == nil {
		t.Fatal("no such node")
	}
	secret, err := digest.New("ann", users.DigestRealm, "won:der")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"$0$ann:won:der":                     secret.String(),
		secret.String():                      secret.String(),
		"$0$$0$ann:x":                        "",
		"$0$ann:" + strings.Repeat("x", 513): "",
	} {
		v, err := s.Type.Parse(text, yang.JSONResolver{Default: s.Module.Name})
		if err != nil {
			t.Fatal(err)
		}
		got, err := users.Normalize(s, yang.Value{}, v)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "xxx") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}
