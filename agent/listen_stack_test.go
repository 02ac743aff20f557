package agent_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// stackOf is a further listen stack at an address of the loopback.
func stackOf(name, address string, params object) object {
	tcp := object{"local-bind": list{object{"local-address": address, "local-port": 0}}}
	if params == nil {
		return object{"name": name, "http": object{"tcp-server-parameters": tcp}}
	}
	return object{"name": name, "https": object{"tcp-server-parameters": tcp, "tls-server-parameters": params}}
}

// irdAt is the root IRD at an address, "" where nothing is bound to it.
func (l *lab) irdAt(address string) string {
	for _, ird := range l.agent.IRDs() {
		if strings.Contains(ird, "://"+address+":") {
			return ird
		}
	}
	return ""
}

// TestListenStacks has stacks beside the one of listen, with and without TLS: a client
// with a certificate has its roles there, and a user with a password too.
func TestListenStacks(t *testing.T) {
	key, certificate := keyPair(t)
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots, central := x509.NewCertPool(), newSigner(t, "central")
	roots.AddCert(parsed)
	l := newLab(t)
	l.must(l.session().Edit(ctx, 0, l.edit(edit.Merge, object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{object{
		"name": "bag", "certificate": list{object{"name": "central", "cert-data": text(central.cert.Raw)}},
	}}}}}), noOptions))
	server := closedServer(t)
	server["auth-client"] = list{
		object{"client-id": "bert", "http-auth-client": object{"user-id": "b"}},
		object{"client-id": "cdn", "tls-auth-client": object{"ca-cert": object{"certificate-bag": "bag", "certificate": "central"}}},
	}
	server["role"] = list{object{"role-name": "inner", "client": list{"bert", "cdn"}}}
	secure := object{
		"server-identity":       object{"certificate": inlineIdentity(key, certificate)},
		"client-authentication": object{"ca-certs": object{"central-truststore-reference": "bag"}},
	}
	server["altoam-access:listen-stack"] = list{stackOf("tls", "127.0.0.2", secure), stackOf("plain", "127.0.0.3", nil)}
	l.must(l.merge(server))

	status := func(ird string, cert *tls.Certificate, password bool) int {
		t.Helper()
		c := &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
		if cert != nil {
			c.Certificates = []tls.Certificate{*cert}
		}
		h := &http.Client{Transport: &http.Transport{TLSClientConfig: c}}
		defer h.CloseIdleConnections()
		r, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(ird, "directory")+"networkmap/net", nil)
		if err != nil {
			t.Fatal(err)
		}
		if password {
			r.SetBasicAuth("bert", "bert")
		}
		resp, err := h.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	first, second, third := l.irdAt("127.0.0.1"), l.irdAt("127.0.0.2"), l.irdAt("127.0.0.3")
	if !strings.HasPrefix(first, "http://") || !strings.HasPrefix(second, "https://") || !strings.HasPrefix(third, "http://") {
		t.Fatalf("it listens at %q", l.agent.IRDs())
	}
	for _, x := range []struct {
		ird      string
		cert     *tls.Certificate
		password bool
		want     int
	}{
		{first, nil, false, 401},
		{first, nil, true, 200},
		{second, nil, false, 401},
		{second, nil, true, 200},
		{second, central.client("x"), false, 200},
		{third, nil, false, 401},
		{third, nil, true, 200},
	} {
		if got := status(x.ird, x.cert, x.password); got != x.want {
			t.Errorf("%s, certificate %t, password %t: %d, expected %d", x.ird, x.cert != nil, x.password, got, x.want)
		}
	}

	const path = "/altoam-access:listen-stack[name='other']/"
	l.refusal(l.merge(object{"altoam-access:listen-stack": list{stackOf("other", "192.0.2.1", nil)}}), rpcerr.OperationFailed,
		path+"http/tcp-server-parameters/local-bind[local-address='192.0.2.1']/local-port", "cannot listen")
	err = l.merge(object{"altoam-access:listen-stack": list{stackOf("other", "127.0.0.4", object{
		"server-identity": object{"certificate": inlineIdentity([]byte{1, 2}, certificate)},
	})}})
	if all := rpcerr.All(err); len(all) != 1 || !strings.HasPrefix(all[0].Path, "/ietf-alto:alto/alto-server"+path+"https/tls-server-parameters/server-identity") {
		t.Errorf("a key that is none: %v", err)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/altoam-access:listen-stack[name='tls']"))
	if got := l.irdAt("127.0.0.2"); got != "" || l.irdAt("127.0.0.1") != first || l.irdAt("127.0.0.3") != third {
		t.Errorf("it listens at %q", l.agent.IRDs())
	}
	if got := status(third, nil, true); got != 200 {
		t.Errorf("at the other stack: %d", got)
	}
}

// TestListenStackTLS has the TLS of a further stack as it is configured: versions, suites,
// clients with a certificate of their own, and keep-alives.
func TestListenStackTLS(t *testing.T) {
	key, certificate := keyPair(t)
	alone := newSigner(t, "alone")
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	l := newLab(t)
	server := campusServer()
	identity := inlineIdentity(key, certificate)
	with(identity["inline-definition"].(object), object{
		"public-key-format": "ietf-crypto-types:subject-public-key-info-format", "public-key": text(publicKey(t, certificate)),
	})
	keepalives := object{"idle-time": 61, "max-probes": 7, "probe-interval": 8}
	secure := stackOf("tls", "127.0.0.2", object{
		"server-identity":       object{"certificate": identity},
		"client-authentication": object{"ee-certs": object{"inline-definition": object{"certificate": list{object{"name": "alone", "cert-data": text(cms(t, alone.cert.Raw))}}}}},
		"hello-params": object{
			"tls-versions":  object{"min": "ietf-tls-common:tls12", "max": "ietf-tls-common:tls12"},
			"cipher-suites": object{"cipher-suite": list{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}},
		},
	})
	secure["https"].(object)["tcp-server-parameters"].(object)["keepalives"] = keepalives
	plain := stackOf("plain", "127.0.0.3", nil)
	plain["http"].(object)["tcp-server-parameters"].(object)["keepalives"] = keepalives
	stack := httpStack(0)
	stack["tcp-server-parameters"].(object)["keepalives"] = keepalives
	server["listen"] = object{"http": stack}
	server["altoam-access:listen-stack"] = list{secure, plain}
	l.must(l.merge(server))
	want := net.KeepAliveConfig{Enable: true, Idle: 61 * time.Second, Interval: 8 * time.Second, Count: 7}
	for _, got := range l.agent.KeepAlives() {
		if got != want {
			t.Errorf("keep-alives %+v, want %+v", got, want)
		}
	}
	if n := len(l.agent.KeepAlives()); n != 3 {
		t.Errorf("%d stacks, want 3", n)
	}
	addr := strings.TrimSuffix(strings.TrimPrefix(l.irdAt("127.0.0.2"), "https://"), "/directory")
	own := tls.Certificate{Certificate: [][]byte{alone.cert.Raw}, PrivateKey: alone.key}
	foreign := newSigner(t, "foreign").client("x")
	for _, x := range []struct {
		name string
		of   *tls.Config
		good bool
	}{
		{"anonymous", &tls.Config{}, true},
		{"listed", &tls.Config{Certificates: []tls.Certificate{own}}, true},
		{"not listed", &tls.Config{GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return foreign, nil }}, false},
		{"TLS 1.3", &tls.Config{MinVersion: tls.VersionTLS13}, false},
		{"another suite", &tls.Config{CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}, false},
	} {
		x.of.RootCAs, x.of.ServerName = roots, "127.0.0.1"
		h := &http.Client{Transport: &http.Transport{TLSClientConfig: x.of}}
		resp, err := h.Get("https://" + addr + "/directory")
		if err == nil {
			resp.Body.Close()
		}
		h.CloseIdleConnections()
		if (err == nil) != x.good {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// publicKey is that of a certificate, DER.
func publicKey(t *testing.T, certificate []byte) []byte {
	t.Helper()
	c, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	return c.RawSubjectPublicKeyInfo
}
