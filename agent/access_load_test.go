package agent_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// loadClients is how many query at the same time; fewer in short runs, which the slow race
// detector has: all they do is work for processors that changes wait for.
func loadClients() int {
	if testing.Short() {
		return 30
	}
	return 200
}

// loadTest is a server that is queried while it is changed.
type loadTest struct {
	*lab
	roots *x509.CertPool
	keys  [2]object // of the key store, each the server's identity for a while
}

// newLoadTest serves over https with an identity out of the key store.
func newLoadTest(t *testing.T) *loadTest {
	l := &loadTest{lab: newLab(t), roots: x509.NewCertPool()}
	for i := range l.keys {
		key, certificate := keyPair(t)
		parsed, err := x509.ParseCertificate(certificate)
		if err != nil {
			t.Fatal(err)
		}
		l.roots.AddCert(parsed)
		l.keys[i] = object{"ietf-keystore:keystore": object{"asymmetric-keys": object{"asymmetric-key": list{object{
			"name": "k", "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key),
			"certificates": object{"certificate": list{object{"name": "c", "cert-data": text(certificate)}}},
		}}}}}
	}
	l.identify(0)
	stack := httpsStack(object{"central-keystore-reference": object{"asymmetric-key": "k", "certificate": "c"}}, nil)
	server := closedServer(t)
	stack["https"].(object)["http-server-parameters"] = server["listen"].(object)["http"].(object)["http-server-parameters"]
	server["listen"] = stack
	server["auth-client"] = list{object{"client-id": "bert", "https-auth-client": object{"user-id": "b"}}}
	server["role"] = list{object{"role-name": "inner", "client": list{"bert"}}}
	l.must(l.merge(server))
	return l
}

// identify rotates the certificate.
func (l *loadTest) identify(n int) {
	l.Helper()
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, l.keys[n]), noOptions))
}

// query asks for what bert may have until the channel is closed; every other time over a
// connection of its own.
func (l *loadTest) query(uri string, done <-chan struct{}, asked *atomic.Int64) error {
	kept := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: l.roots}}
	once := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: l.roots}, DisableKeepAlives: true}
	defer kept.CloseIdleConnections()
	for n := 0; ; n++ {
		select {
		case <-done:
			return nil
		default:
		}
		r, err := http.NewRequest(http.MethodGet, uri, nil)
		if err != nil {
			return err
		}
		r.SetBasicAuth("bert", "bert")
		by := kept
		if n%8 == 7 {
			by = once
		}
		resp, err := by.RoundTrip(r)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("request %d: %d %s %v", n, resp.StatusCode, body, err)
		}
		asked.Add(1)
		time.Sleep(20 * time.Millisecond)
	}
}

// changeAll makes one change of each kind, none of which concerns bert.
func (l *loadTest) changeAll(n int) {
	l.Helper()
	l.identify(n % 2)
	https := func(more object) object { return object{"listen": object{"https": more}} }
	users := func(u object) object {
		return https(object{"http-server-parameters": object{"client-authentication": object{"users": object{"user": list{u}}}}})
	}
	const at = "/ietf-alto:alto/alto-server"
	l.must(l.merge(with(users(object{"user-id": "x", "basic": object{"username": "x", "password": object{"hashed-password": hashOf("x")}}}), object{
		"auth-client": list{object{"client-id": "x", "https-auth-client": object{"user-id": "x"}}},
		"role":        list{object{"role-name": "inner", "client": list{"x"}}, object{"role-name": "outer", "client": list{"x"}}},
	})))
	l.must(l.merge(https(object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.2", "local-port": 0}}}})))
	l.must(l.merge(rulesOf(object{"deny-by-default": n%2 == 0, "budgets": object{"requests": 1000 + n}})))
	for _, path := range []string{
		"/listen/https/tcp-server-parameters/local-bind[local-address='127.0.0.2']",
		"/role[role-name='outer']", "/role[role-name='inner']/client[.='x']", "/auth-client[client-id='x']",
		"/listen/https/http-server-parameters/client-authentication/users/user[user-id='x']",
	} {
		l.must(l.delete(at + path))
	}
}

// TestAccessUnderLoad changes certificate, users, roles, rules and ports while many
// clients query what they may before and after each change.
func TestAccessUnderLoad(t *testing.T) {
	l := newLoadTest(t)
	uri := l.base() + "networkmap/net"
	done, failed := make(chan struct{}), make(chan error, loadClients())
	var clients sync.WaitGroup
	var asked atomic.Int64
	for range loadClients() {
		clients.Go(func() {
			if err := l.query(uri, done, &asked); err != nil {
				failed <- err
			}
		})
	}
	for n := range 6 {
		l.changeAll(n)
	}
	for end := time.Now().Add(20 * time.Second); asked.Load() < int64(3*loadClients()) && len(failed) == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	close(done)
	clients.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if asked.Load() < int64(loadClients()) {
		t.Errorf("only %d requests were answered", asked.Load())
	}
	t.Logf("%d requests", asked.Load())
}
