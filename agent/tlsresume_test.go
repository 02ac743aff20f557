package agent_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/edit"
)

// TestResumedClients: a client whose CA has gone from the trust store cannot resume the
// session that it began before, and loses its roles on a connection that is open; one whose
// CA stays has both.
func TestResumedClients(t *testing.T) {
	key, certificate := keyPair(t)
	stays, goes := newSigner(t, "stays"), newSigner(t, "goes")
	l := newLab(t)
	bag := func(name string, s signer) object {
		return object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{object{
			"name": "bag", "certificate": list{object{"name": name, "cert-data": text(s.cert.Raw)}},
		}}}}}
	}
	byBag := func(id, name string) object {
		return object{"client-id": id, "tls-auth-client": object{"ca-cert": object{"certificate-bag": "bag", "certificate": name}}}
	}
	l.must(l.session().Edit(ctx, 0, l.edit(edit.Merge, bag("a", stays)), noOptions))
	l.must(l.session().Edit(ctx, 0, l.edit(edit.Merge, bag("b", goes)), noOptions))
	server := with(campusServer(), object{
		"auth-client": list{byBag("a", "a"), byBag("b", "b")},
		"role":        list{object{"role-name": "r", "client": list{"a"}}, object{"role-name": "s", "client": list{"b"}}},
		"resource":    list{with(networkMap("net", "campus", nil), object{"accepted-role": list{"r", "s"}})},
		"data-source": list{campus()},
		"listen": httpsStack(inlineIdentity(key, certificate), object{
			"client-authentication": object{"ca-certs": object{"central-truststore-reference": "bag"}},
		}),
	})
	l.must(l.merge(server))
	roots := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	url := strings.TrimSuffix(l.agent.IRDs()[0], "directory") + "networkmap/net"
	type visitor struct{ again, kept *http.Client }
	visit := func(s signer) visitor {
		own := s.client("x")
		c := &tls.Config{
			RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(8),
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil },
		}
		kept := &http.Transport{TLSClientConfig: c.Clone()}
		t.Cleanup(kept.CloseIdleConnections)
		return visitor{&http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}, &http.Client{Transport: kept}}
	}
	get := func(c *http.Client) (status int, resumed bool) {
		t.Helper()
		a, err := c.Get(url)
		if err != nil {
			return 0, false
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
		return a.StatusCode, a.TLS.DidResume
	}
	good, bad := visit(stays), visit(goes)
	for _, v := range []visitor{good, bad} {
		get(v.kept)
		get(v.again)
		if status, resumed := get(v.again); status != http.StatusOK || !resumed {
			t.Errorf("before: %d, resumed %v", status, resumed)
		}
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='net']/accepted-role[.='s']"))
	l.must(l.delete("/ietf-alto:alto/alto-server/role[role-name='s']"))
	l.must(l.delete("/ietf-alto:alto/alto-server/auth-client[client-id='b']"))
	l.must(l.delete("/ietf-truststore:truststore/certificate-bags/certificate-bag[name='bag']/certificate[name='b']"))
	l.settled()
	if status, _ := get(good.again); status != http.StatusOK {
		t.Errorf("a CA that stays: %d", status)
	}
	if status, resumed := get(bad.again); status != 0 {
		t.Errorf("a CA that has gone, with a session of before: %d, resumed %v", status, resumed)
	}
	if status, _ := get(bad.kept); status != http.StatusForbidden {
		t.Errorf("a CA that has gone, on an open connection: %d", status)
	}
	if status, _ := get(good.kept); status != http.StatusOK {
		t.Errorf("a CA that stays, on an open connection: %d", status)
	}
}
