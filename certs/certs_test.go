package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// testSchema has the central stores and something that uses each grouping.
var testSchema = sync.OnceValues(func() (*yang.Schema, error) {
	var o yang.Options
	for _, n := range []string{"ietf-crypto-types", "ietf-keystore", "ietf-truststore", "ietf-tls-common", "ietf-ssh-server", "ietf-netconf-server"} {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: n})
	}
	return yang.Compile(yang.Builtin(), o)
})

func parse(t testing.TB, text string) *tree.Tree {
	t.Helper()
	s, err := testSchema()
	if err != nil {
		t.Fatal(err)
	}
	b := tree.NewBuilder(s.Root)
	if err := codec.DecodeJSON(strings.NewReader("{"+text+"}"), s, s.Root, b, codec.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	data, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func certificate(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// message is a CMS message with the certificates (RFC 5652 Section 5.1) and no signer.
func message(t testing.TB, kind asn1.ObjectIdentifier, ders ...[]byte) []byte {
	t.Helper()
	var all []byte
	for _, d := range ders {
		all = append(all, d...)
	}
	empty := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true}
	inner, err := asn1.Marshal(struct {
		Version      int
		Digests      asn1.RawValue
		Encapsulated struct{ Type asn1.ObjectIdentifier }
		Certificates asn1.RawValue
		Signers      asn1.RawValue
	}{
		1, empty,
		struct{ Type asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: all},
		empty,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{kind, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestParseCertificates(t *testing.T) {
	a, b := certificate(t, ecKey(t)), certificate(t, ecKey(t))
	for name, tt := range map[string]struct {
		der   []byte
		count int
		fault string
	}{
		"plain":         {a, 1, ""},
		"CMS with two":  {message(t, oidSignedData, a, b), 2, ""},
		"CMS with none": {message(t, oidSignedData), 0, "no certificate"},
		"CMS of data":   {message(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, a), 0, "expected signed data"},
		"garbage":       {[]byte("garbage"), 0, "asn1"},
		"empty":         {nil, 0, "asn1"},
	} {
		chain, err := parseCertificates(tt.der)
		if len(chain) != tt.count || (err != nil) != (tt.fault != "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: %d certificates, %v", name, len(chain), err)
		}
	}
}

func FuzzCertificates(f *testing.F) {
	a := certificate(f, ecKey(f))
	f.Add(a)
	f.Add(message(f, oidSignedData, a, a))
	f.Add(message(f, oidSignedData))
	f.Fuzz(func(t *testing.T, der []byte) {
		if chain, err := parseCertificates(der); (err == nil) != (len(chain) > 0) {
			t.Errorf("%d certificates and error %v", len(chain), err)
		}
		if key, err := parsePrivateKey(der); (err == nil) != (key != nil) {
			t.Errorf("key %v and error %v", key, err)
		}
	})
}

// TestServerCertificate reads keys of each format from the key store.
func TestServerCertificate(t *testing.T) {
	ec := ecKey(t)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	other := certificate(t, ecKey(t))
	for _, tt := range []struct {
		name, ref string
		key, cert []byte
		fault     string // in the path of the error
	}{
		{"ec", "k", sec1, certificate(t, ec), ""},
		{"one-asymmetric", "k", pkcs8, certificate(t, ed), ""},
		{"rsa", "k", x509.MarshalPKCS1PrivateKey(rs), certificate(t, rs), ""},
		{"the key's certificate is the second", "k", sec1, message(t, oidSignedData, other, certificate(t, ec)), ""},
		{"of another key", "k", sec1, other, "certificate[name='c']/cert-data"},
		{"no certificate", "k", sec1, []byte("x"), "certificate[name='c']/cert-data"},
		{"no key", "k", []byte("x"), other, "asymmetric-key[name='k']/cleartext-private-key"},
		{"not there", "l", sec1, other, "central-keystore-reference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b64 := base64.StdEncoding.EncodeToString
			data := parse(t, `"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k",
				"private-key-format":"ietf-crypto-types:ec-private-key-format","cleartext-private-key":"`+b64(tt.key)+`",
				"certificates":{"certificate":[{"name":"c","cert-data":"`+b64(tt.cert)+`"}]}}]}},
				"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"e","tls":{"tls-server-parameters":{
				"server-identity":{"certificate":{"central-keystore-reference":{"asymmetric-key":"`+tt.ref+`","certificate":"c"}}}}}}]}}}`)
			stores := StoresOf(data)
			c, err := stores.ServerCertificate(endpoint(data).Below("tls", "tls-server-parameters", "server-identity", "certificate"))
			if tt.fault == "" {
				if err != nil || c.Leaf == nil || string(c.Certificate[0]) != string(c.Leaf.Raw) {
					t.Fatalf("%v, %v", c.Leaf, err)
				}
				if used := stores.Used(); len(used) != 1 || !strings.HasSuffix(used[0].String(), "asymmetric-key[name='k']") {
					t.Errorf("used %v", used)
				}
				return
			}
			var e *rpcerr.Error
			if !errors.As(err, &e) || !strings.Contains(e.Path, tt.fault) {
				t.Errorf("error %v, want one at %s", err, tt.fault)
			}
		})
	}
}

func endpoint(t *tree.Tree) Place {
	return Root(t).Below("ietf-netconf-server:netconf-server", "listen", "endpoints").Entry("endpoint", "e")
}

func TestPlace(t *testing.T) {
	data := parse(t, `"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"e","ssh":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"::1"},{"local-address":"127.0.0.1","local-port":7}],"keepalives":{}}}}]}}}`)
	tcp := endpoint(data).Below("ssh", "tcp-server-parameters")
	binds := tcp.Entries("local-bind")
	if len(binds) != 2 || binds[0].Key() != "127.0.0.1" || binds[0].Uint("local-port") != 7 || binds[1].Uint("local-port") != 830 {
		t.Errorf("local-bind %v", binds)
	}
	if !tcp.Has("keepalives") || tcp.Below("keepalives").Uint("max-probes") != 9 || tcp.Uint("no-such-leaf") != 0 {
		t.Error("keepalives")
	}
	absent := endpoint(data).Below("tls", "tls-server-parameters")
	if absent.Exists() || absent.Has("keepalives") || absent.Entries("x") != nil || !absent.Leaf("x").IsZero() {
		t.Error("something is below what is not there")
	}
	const want = "/ietf-netconf-server:netconf-server/listen/endpoints/endpoint[name='e']/tls/tls-server-parameters"
	if got := absent.Path.String(); got != want {
		t.Errorf("path %s", got)
	}
	if e := absent.Entry("no-list", "k"); e.Exists() {
		t.Error("an entry of no list")
	}
}

func TestLimitHello(t *testing.T) {
	for _, tt := range []struct {
		params   string
		min, max uint16
		suites   int
		notes    int
		fault    string
	}{
		{``, 0, 0, 0, 0, ""},
		{`"tls-versions":{"min":"ietf-tls-common:tls13"}`, tls.VersionTLS13, 0, 0, 0, ""},
		{`"cipher-suites":{"cipher-suite":["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}`, 0, tls.VersionTLS12, 1, 0, ""},
		{`"cipher-suites":{"cipher-suite":["TLS_AES_128_GCM_SHA256"]}`, tls.VersionTLS13, 0, 0, 1, ""},
		{`"cipher-suites":{"cipher-suite":["TLS_AES_128_GCM_SHA256","TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256","TLS_NULL_WITH_NULL_NULL"]}`, 0, 0, 1, 2, ""},
		{`"cipher-suites":{"cipher-suite":["TLS_NULL_WITH_NULL_NULL"]}`, 0, 0, 0, 0, "none of the cipher suites"},
		{`"tls-versions":{"max":"ietf-tls-common:tls12"},"cipher-suites":{"cipher-suite":["TLS_AES_128_GCM_SHA256"]}`, 0, 0, 0, 0, "not those of the TLS versions"},
		{`"tls-versions":{"min":"ietf-tls-common:tls13","max":"ietf-tls-common:tls12"}`, 0, 0, 0, 0, "older"},
	} {
		data := parse(t, `"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"e","tls":{"tls-server-parameters":{
			"hello-params":{`+tt.params+`}}}}]}}}`)
		var c tls.Config
		notes, err := LimitHello(&c, endpoint(data).Below("tls", "tls-server-parameters", "hello-params"))
		if tt.fault != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("%s: %v", tt.params, err)
			}
			continue
		}
		if err != nil || c.MinVersion != tt.min || c.MaxVersion != tt.max || len(c.CipherSuites) != tt.suites || len(notes) != tt.notes {
			t.Errorf("%s: %x to %x, %d suites, notes %q, %v", tt.params, c.MinVersion, c.MaxVersion, len(c.CipherSuites), notes, err)
		}
	}
}
