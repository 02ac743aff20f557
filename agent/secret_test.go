package agent_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

// testSealer seals with a key of the tests.
func testSealer(s *yang.Schema) *secrets.Sealer {
	ring, err := secrets.ParseRing(strings.Repeat("A", 43) + "=")
	if err != nil {
		panic(err)
	}
	return secrets.NewSealer(s, ring)
}

// stored is running as a client reads it.
func (l *lab) stored() (text string, root object) {
	l.Helper()
	var b bytes.Buffer
	l.must(codec.EncodeJSON(&b, l.store.Running().Tree, codec.EncodeOptions{}))
	l.must(json.Unmarshal(b.Bytes(), &root))
	return b.String(), root
}

// authorizations serves a network map and notes how clients prove who they are.
func authorizations(t *testing.T) (uri string, seen func(string) bool) {
	var mu sync.Mutex
	var all []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		all = append(all, r.Header.Get("Authorization"))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, completeMap)
	}))
	t.Cleanup(server.Close)
	return server.URL, func(want string) bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Contains(all, want)
	}
}

// TestSealedSecrets has each kind of secret below ietf-alto. What comes in clear is used,
// and is stored and read as its sealed twin; that can be written back, the secret in clear
// can be written again, and neither changes anything.
func TestSealedSecrets(t *testing.T) {
	upstream := servingMap(t, "upstream")
	uri, seen := authorizations(t)
	key, certificate := keyPair(t)
	l := newLab(t)
	credentials, err := digest.New("ann", "alto", "digest-canary")
	l.must(err)
	alto := func(id string, more object) object {
		return object{"source-id": id, "source-type": "altoam-source-alto:alto", "source-params": object{"altoam-source-alto:alto": with(object{
			"ird-uri": upstream.agent.IRDs()[0], "resource": list{"net"},
		}, more)}}
	}
	password := object{"user": "u", "cleartext-password": "password-canary"}
	token := object{"token": object{"cleartext-password": "token-canary"}}
	stack := httpsStack(inlineIdentity(key, certificate), nil)
	stack["https"].(object)["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "u", "basic": object{"username": "anne", "password": object{"hashed-password": hashOf("secret")}}},
		object{"user-id": "d", "altoam-access:digest": object{"credentials": credentials.String()}},
	}}}}
	server := with(campusServer(), object{
		"listen": stack, "server-discovery": records(object{}, nil, "192.0.2.0/24"),
		"altoam-access:listen-stack": list{stackOf("second", "127.0.0.2", object{"server-identity": object{"certificate": inlineIdentity(key, certificate)}})},
		"auth-client":                list{object{"client-id": "a", "https-auth-client": object{"user-id": "u"}}},
		"altoam-probe:probe":         object{"credentials": object{"client": "a", "cleartext-password": "probe-canary"}},
		"data-source":                list{campus(), fetched("basic", uri, password), fetched("bearer", uri, token), alto("one", password), alto("two", token)},
	})
	l.must(l.merge(server))
	for _, want := range []string{"Basic dTpwYXNzd29yZC1jYW5hcnk=", "Bearer token-canary"} {
		if !seen(want) {
			t.Errorf("the source was not sent %q", want)
		}
	}
	before := l.store.Running().Head.Revision
	shown, root := l.stored()
	for _, secret := range []string{"canary", "cleartext-", text(key), tsigSecret, credentials.String()} {
		if strings.Contains(shown, secret) {
			t.Errorf("running has %q", secret)
		}
	}
	for _, twin := range []string{"encrypted-private-key", "encrypted-symmetric-key", "encrypted-password", "encrypted-value-format", "encrypted-value", "$sealed$"} {
		if !strings.Contains(shown, twin) {
			t.Errorf("running has no %s", twin)
		}
	}
	l.must(l.merge(server))
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Replace, root), noOptions))
	if now := l.store.Running().Head.Revision; now != before {
		t.Errorf("what was there already was written again, and made commits %d to %d", before, now)
	}
	var moved any
	for _, s := range root["ietf-alto:alto"].(object)["alto-server"].(object)["data-source"].(list) {
		if s := s.(object); s["source-id"] == "basic" {
			moved = s["source-params"].(object)["altoam-source-http:http"].(object)["encrypted-password"]
		}
	}
	l.refusal(l.merge(object{"data-source": list{fetched("elsewhere", uri, object{"user": "u", "encrypted-password": moved})}}), rpcerr.InvalidValue,
		"/data-source[source-id='elsewhere']/source-params/altoam-source-http:http/encrypted-password", "sealed for another place")
	l.refusal(l.merge(object{"data-source": list{fetched("odd", uri, object{"token": object{"cleartext-password": "two words"}})}}), rpcerr.InvalidValue,
		"/data-source[source-id='odd']/source-params/altoam-source-http:http/token", "letters, digits")
}
