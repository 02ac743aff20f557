package agent_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/edit"
)

// signer issues certificates of clients.
type signer struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newSigner(t *testing.T, name string) signer {
	s := signer{t: t}
	s.key, s.cert = s.issue(name, true)
	return s
}

// issue makes a certificate; a signer without one of its own signs it with its own key.
func (s signer) issue(name string, ca bool) (*ecdsa.PrivateKey, *x509.Certificate) {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
	}
	parent, by := s.cert, s.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		s.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return key, cert
}

// client makes a certificate that a TLS client can show.
func (s signer) client(name string) *tls.Certificate {
	key, cert := s.issue(name, false)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// TestTLSClients has clients of a CA in the trust store, of one inline, with a
// certificate of their own, with a password, and strangers.
func TestTLSClients(t *testing.T) {
	key, certificate := keyPair(t)
	central, inline, alone, foreign := newSigner(t, "central"), newSigner(t, "inline"), newSigner(t, "alone"), newSigner(t, "foreign")
	tlsOnly := func(n object) object { return object{"tls-auth-client": n} }
	client := func(id string, n object) object { return with(object{"client-id": id}, n) }
	resource := func(id string, roles ...any) object {
		return with(networkMap(id, "campus", nil), object{"accepted-role": append(list{}, roles...)})
	}
	server := with(campusServer(), object{
		"auth-client": list{
			client("a", tlsOnly(object{"ca-cert": object{"certificate-bag": "bag", "certificate": "central"}})),
			client("b", tlsOnly(object{"ee-cert": object{"inline": "alone"}})),
			client("c", object{"https-auth-client": object{"user-id": "anne"}}),
			client("d", object{}),
		},
		"role": list{
			object{"role-name": "ra", "client": list{"a"}}, object{"role-name": "rb", "client": list{"b"}}, object{"role-name": "rc", "client": list{"c", "d"}},
		},
		"resource":    list{networkMap("net", "campus", nil), resource("for-a", "ra"), resource("for-b", "rb"), resource("for-c", "rc")},
		"data-source": list{campus()},
	})
	stack := httpsStack(inlineIdentity(key, certificate), object{
		"client-authentication": object{
			"ca-certs": object{"central-truststore-reference": "bag"},
			"ee-certs": object{"inline-definition": object{"certificate": list{object{"name": "alone", "cert-data": text(cms(t, alone.cert.Raw))}}}},
		},
		"hello-params": object{"cipher-suites": object{"cipher-suite": list{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"}}},
	})
	stack["https"].(object)["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "anne", "basic": object{"username": "anne", "password": object{"hashed-password": hashOf("anne")}}},
	}}}}
	server["listen"] = stack
	l := newLab(t)
	bag := func(s signer) object {
		return object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{object{
			"name": "bag", "certificate": list{object{"name": "central", "cert-data": text(s.cert.Raw)}},
		}}}}}
	}
	l.must(l.session().Edit(ctx, 0, l.edit(edit.Merge, bag(central)), noOptions))
	l.must(l.merge(server))

	roots := x509.NewCertPool()
	parsed, _ := x509.ParseCertificate(certificate)
	roots.AddCert(parsed)
	dial := func(cert *tls.Certificate, password bool, c *tls.Config) (map[string]int, error) {
		c.RootCAs = roots
		if cert != nil {
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
		}
		h := &http.Client{Transport: &http.Transport{TLSClientConfig: c}}
		defer h.CloseIdleConnections()
		got := map[string]int{}
		for _, id := range []string{"net", "for-a", "for-b", "for-c"} {
			r, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(l.agent.IRDs()[0], "directory")+"networkmap/"+id, nil)
			if err != nil {
				t.Fatal(err)
			}
			if password {
				r.SetBasicAuth("anne", "anne")
			}
			resp, err := h.Do(r)
			if err != nil {
				return nil, err
			}
			resp.Body.Close()
			got[id] = resp.StatusCode
		}
		return got, nil
	}
	ee := &tls.Certificate{Certificate: [][]byte{alone.cert.Raw}, PrivateKey: alone.key}
	for _, c := range []struct {
		name     string
		cert     *tls.Certificate
		password bool
		a, b, c  int // 0: the handshake fails
	}{
		{"anonymous", nil, false, 401, 401, 401},
		{"of the CA", central.client("x"), false, 200, 403, 403},
		{"of the CA, with a password", central.client("y"), true, 200, 403, 200},
		{"end entity", ee, false, 403, 200, 403},
		{"password", nil, true, 403, 403, 200},
		{"signed by an end entity", alone.client("z"), false, 0, 0, 0},
		{"of another CA", foreign.client("x"), false, 0, 0, 0},
		{"of a CA that is not listed", inline.client("x"), false, 0, 0, 0},
	} {
		got, err := dial(c.cert, c.password, new(tls.Config))
		switch {
		case c.a == 0:
			if err == nil {
				t.Errorf("%s: accepted: %v", c.name, got)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case got["net"] != 200 || got["for-a"] != c.a || got["for-b"] != c.b || got["for-c"] != c.c:
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for suite, good := range map[uint16]bool{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: true, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: false} {
		if _, err := dial(nil, false, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}}); (err == nil) != good {
			t.Errorf("cipher suite %s: %v", tls.CipherSuiteName(suite), err)
		}
	}

	// Another CA in the trust store counts for the next connection.
	l.must(l.session().Edit(ctx, 0, l.edit(edit.Merge, bag(inline)), noOptions))
	l.settled()
	if got, err := dial(inline.client("x"), false, new(tls.Config)); err != nil || got["for-a"] != 200 {
		t.Errorf("after the change of the trust store: %v %v", got, err)
	}
	if _, err := dial(central.client("x"), false, new(tls.Config)); err == nil {
		t.Error("a CA that is no longer trusted was accepted")
	}
}
