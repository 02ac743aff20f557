package agent_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// keyPair makes a key (PKCS #8) and a certificate of it for the loopback, both DER.
func keyPair(t *testing.T) (key, certificate []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "alto"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	if certificate, err = x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private); err != nil {
		t.Fatal(err)
	}
	if key, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		t.Fatal(err)
	}
	return key, certificate
}

// cms wraps a certificate as ietf-crypto-types wants it: signed data without signers.
func cms(t *testing.T, certificate []byte) []byte {
	t.Helper()
	type encapsulated struct{ Type asn1.ObjectIdentifier }
	signed, err := asn1.Marshal(struct {
		Version      int
		Digests      []int `asn1:"set"`
		Content      encapsulated
		Certificates asn1.RawValue
		Signers      []int `asn1:"set"`
	}{
		1, nil,
		encapsulated{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificate},
		nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	message, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: signed}})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func text(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

func httpsStack(identity, more object) object {
	return object{"https": with(httpStack(0), object{
		"tls-server-parameters": with(object{"server-identity": object{"certificate": identity}}, more),
	})}
}

func inlineIdentity(key, certificate []byte) object {
	return object{"inline-definition": object{
		"private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key), "cert-data": text(certificate),
	}}
}

func TestHTTPS(t *testing.T) {
	key, certificate := keyPair(t)
	_, other := keyPair(t)
	message := cms(t, certificate)
	keystore := object{"ietf-keystore:keystore": object{"asymmetric-keys": object{"asymmetric-key": list{object{
		"name": "k", "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key),
		"certificates": object{"certificate": list{object{"name": "c", "cert-data": text(message)}}},
	}}}}}
	reference := object{"central-keystore-reference": object{"asymmetric-key": "k", "certificate": "c"}}
	for _, c := range []struct {
		name   string
		listen object
		served bool
	}{
		{"inline", httpsStack(inlineIdentity(key, message), nil), true},
		{"plain certificate", httpsStack(inlineIdentity(key, certificate), nil), true},
		{"key store", httpsStack(reference, nil), true},
		{"TLS 1.3 only", httpsStack(inlineIdentity(key, message), object{"hello-params": object{"tls-versions": object{"min": "ietf-tls-common:tls13", "max": "ietf-tls-common:tls13"}}}), true},
		{"certificate of another key", httpsStack(inlineIdentity(key, other), nil), false},
		{"no certificate", httpsStack(inlineIdentity(key, []byte{1, 2}), nil), false},
		{"no key", httpsStack(inlineIdentity([]byte{1, 2}, certificate), nil), false},
		{"no cipher suite that is provided", httpsStack(inlineIdentity(key, message), object{"hello-params": object{"cipher-suites": object{
			"cipher-suite": list{"TLS_RSA_WITH_IDEA_CBC_SHA"},
		}}}), false},
		{"no TLS version", httpsStack(inlineIdentity(key, message), object{"hello-params": object{
			"tls-versions": object{"min": "ietf-tls-common:tls13", "max": "ietf-tls-common:tls12"},
		}}), false},
		{"cipher suites of another version", httpsStack(inlineIdentity(key, message), object{"hello-params": object{
			"tls-versions":  object{"min": "ietf-tls-common:tls13"},
			"cipher-suites": object{"cipher-suite": list{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}},
		}}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			l.must(l.merge(with(campusServer(), object{"listen": listenHTTP()})))
			l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, keystore), noOptions))
			l.must(l.replaceServer(with(campusServer(), object{"listen": c.listen})))
			irds := l.agent.IRDs()
			if !c.served {
				if len(irds) != 0 {
					t.Fatalf("it listens at %q", irds)
				}
				return
			}
			if len(irds) != 1 || !strings.HasPrefix(irds[0], "https://127.0.0.1:") {
				t.Fatalf("it listens at %q", irds)
			}
			parsed, err := x509.ParseCertificate(certificate)
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AddCert(parsed)
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
			defer client.CloseIdleConnections()
			resp, err := client.Get(irds[0])
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(body), `"net"`) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			if c.name == "TLS 1.3 only" {
				old := &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12}
				if conn, err := tls.Dial("tcp", resp.Request.URL.Host, old); err == nil {
					conn.Close()
					t.Error("TLS 1.2 was accepted")
				}
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	l := newLab(t)
	bind := func(addresses ...string) object {
		binds := list{}
		for _, a := range addresses {
			binds = append(binds, object{"local-address": a, "local-port": 0})
		}
		return object{"listen": object{"http": object{
			"tcp-server-parameters":  object{"local-bind": binds, "keepalives": object{"idle-time": 60}},
			"alto-server-parameters": object{"base-uri": "https://alto.example.com/maps"},
		}}}
	}
	l.must(l.merge(with(campusServer(), bind("127.0.0.1", "127.0.0.2"))))
	first := l.agent.IRDs()
	if len(first) != 2 || !strings.HasPrefix(first[0], "http://127.0.0.1:") || !strings.HasPrefix(first[1], "http://127.0.0.2:") || !strings.HasSuffix(first[0], "/maps/directory") {
		t.Fatalf("it listens at %q", first)
	}
	if body := l.body("directory"); !strings.Contains(body, `"uri":"https://alto.example.com/maps/networkmap/net"`) {
		t.Errorf("the IRD does not name the configured host: %s", body)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.2']"))
	if now := l.agent.IRDs(); !slices.Equal(now, first[:1]) {
		t.Errorf("it listens at %q, expected %q", now, first[:1])
	}
	if _, err := http.Get(first[1]); err == nil {
		t.Error("the removed address still answers")
	}
	l.must(l.merge(bind("127.0.0.3")))
	if now := l.agent.IRDs(); len(now) != 2 || now[0] != first[0] {
		t.Errorf("it listens at %q, expected %q to stay", now, first[0])
	}
}
