package keystore_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/keystore"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

var ctx = context.Background()

// shop has a key with its certificate on the spot.
const shop = `module shop { yang-version 1.1; namespace "urn:shop"; prefix s; import ietf-keystore { prefix ks; }
  revision 2026-01-01;
  container shop { container door { presence "there is one"; uses ks:inline-or-keystore-end-entity-cert-with-key-grouping; } } }`

var schema = sync.OnceValue(func() *yang.Schema {
	dir, err := os.MkdirTemp("", "keystore-yang")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "shop@2026-01-01.yang"), []byte(shop), 0o600); err != nil {
		panic(err)
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), os.DirFS(dir)), yang.Options{Implement: []yang.ModuleSpec{
		{Name: "shop"}, {Name: "ietf-keystore"}, {Name: "ietf-crypto-types"}, {Name: "altoam-secrets"}, {Name: "ietf-netconf-acm"},
	}})
	if err != nil {
		panic(err)
	}
	return s
})

// ring is a store whose keys are sealed.
type ring struct {
	testing.TB
	*datastore.Store
	sealer *secrets.Sealer
}

func newRing(t testing.TB) *ring {
	t.Helper()
	keys, err := secrets.ParseRing(secrets.NewKey())
	must(t, err)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "k.db"))
	must(t, err)
	t.Cleanup(func() { backend.Close() })
	sealer := secrets.NewSealer(schema(), keys)
	s, err := datastore.Open(datastore.Options{
		Schema: schema(), Backend: backend, Sealer: sealer,
		Recovery: func(u datastore.User) bool { return u.Name == "ann" },
	})
	must(t, err)
	keystore.Register(s, sealer)
	must(t, s.Start(ctx, nil))
	return &ring{t, s, sealer}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *ring) as(user string) *datastore.Session {
	x := r.NewSession(datastore.User{Name: user}, datastore.Source{Protocol: "test"})
	r.Cleanup(x.Close)
	return x
}

// act invokes the action below path with the input, RFC 7951.
func (r *ring) act(x *datastore.Session, path, module, name, input string) (*tree.Tree, error) {
	r.Helper()
	p, err := tree.ParsePath(schema(), path)
	must(r, err)
	action := p.Schema().Child(module, name)
	b := tree.NewBuilder(action.Input())
	if err := codec.DecodeJSON(strings.NewReader(input), schema(), action.Input(), b, codec.DecodeOptions{}); err != nil {
		return nil, err
	}
	in, err := b.Tree()
	must(r, err)
	return x.CallAction(ctx, p, action, in)
}

const keysAt = "/ietf-keystore:keystore/asymmetric-keys"

func keyAt(name string) string { return keysAt + "/asymmetric-key[name='" + name + "']" }

func (r *ring) generate(x *datastore.Session, input string) (*tree.Tree, error) {
	r.Helper()
	return r.act(x, keysAt, "altoam-secrets", "generate-key", input)
}

// privateKey is that of an entry.
func (r *ring) privateKey(name string) crypto.Signer {
	r.Helper()
	stores := certs.StoresOf(r.Running().Tree).SealedBy(r.sealer)
	key, _, err := stores.PrivateKey(certs.Root(r.Running().Tree).Below("ietf-keystore:keystore", "asymmetric-keys").Entry("asymmetric-key", name))
	must(r, err)
	return key
}

func (r *ring) text() string {
	r.Helper()
	var b bytes.Buffer
	must(r, codec.EncodeJSON(&b, r.Running().Tree, codec.EncodeOptions{}))
	return b.String()
}

// refused wants one error with this tag, path and words.
func refused(t testing.TB, err error, tag rpcerr.Tag, path, words string) {
	t.Helper()
	all := rpcerr.All(err)
	if err == nil || len(all) != 1 || all[0].Tag != tag || all[0].Path != path || !strings.Contains(all[0].Error(), words) {
		t.Errorf("error %v, want %s at %s: …%s…", err, tag, path, words)
	}
}

// TestGenerateKey: each algorithm gives a sealed key with its public key, the first in an
// empty keystore, by a commit of the user each.
func TestGenerateKey(t *testing.T) {
	r := newRing(t)
	x := r.as("ann")
	for _, algorithm := range []string{"ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-3072"} {
		out, err := r.generate(x, `{"name":"`+algorithm+`","algorithm":"`+algorithm+`"}`)
		must(t, err)
		public, err := x509.ParsePKIXPublicKey(out.Root().Leaf("public-key").Bytes())
		must(t, err)
		key := r.privateKey(algorithm)
		if !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public) {
			t.Errorf("%s: the private key is not that of the public key", algorithm)
		}
		if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() != 3072 {
			t.Errorf("%s: %d bits", algorithm, k.N.BitLen())
		}
		if head := r.Running().Head; head.User != "ann" || !strings.Contains(head.Comment, algorithm) {
			t.Errorf("%s: the commit is %+v", algorithm, head)
		}
	}
	if text := r.text(); strings.Contains(text, "cleartext") || strings.Count(text, `"encrypted-private-key"`) != 4 {
		t.Errorf("the keys are not sealed: %s", text)
	}
}

// TestGenerateKeyRefused: what is refused changes nothing.
func TestGenerateKeyRefused(t *testing.T) {
	r := newRing(t)
	x := r.as("ann")
	_, err := r.generate(x, `{"name":"k"}`)
	must(t, err)
	was := r.Running().Head.Revision
	_, err = r.generate(x, `{"name":"k","algorithm":"ed25519"}`)
	refused(t, err, rpcerr.DataExists, keyAt("k"), "")
	_, err = r.generate(x, `{"name":"n","self-signed-certificate":{"host":["."]}}`)
	refused(t, err, rpcerr.InvalidValue, "/altoam-secrets:self-signed-certificate/host", "host")
	if _, err = r.generate(x, `{"name":"n","self-signed-certificate":{}}`); err == nil {
		t.Error("a certificate for no host was made")
	}
	must(t, r.as("bob").Lock(datastore.Running))
	if _, err = r.generate(x, `{"name":"n"}`); err == nil || rpcerr.All(err)[0].Tag != rpcerr.InUse {
		t.Errorf("while another has the lock: %v", err)
	}
	if now := r.Running().Head.Revision; now != was {
		t.Errorf("commit %d, want %d still", now, was)
	}
}

// TestManyRSAKeys: many RSA keys at once are not made for a user, and each request has an
// answer.
func TestManyRSAKeys(t *testing.T) {
	r := newRing(t)
	const requests = 8
	answers := make(chan error, requests)
	for n := range requests {
		x := r.as("ann")
		go func() {
			_, err := r.generate(x, fmt.Sprintf(`{"name":"k%d","algorithm":"rsa-3072"}`, n))
			answers <- err
		}()
	}
	made := 0
	for range requests {
		if err := <-answers; err == nil {
			made++
		} else if rpcerr.All(err)[0].Tag != rpcerr.ResourceDenied {
			t.Error(err)
		}
	}
	if made == 0 || uint64(made) != r.Running().Head.Revision {
		t.Errorf("%d keys were made, commit %d", made, r.Running().Head.Revision)
	}
}

// TestGenerateKeyAccess: who may call the action needs to be permitted the entry that it
// adds too, and nobody may call it by default.
func TestGenerateKeyAccess(t *testing.T) {
	r := newRing(t)
	may := func(users, operations, at string) string {
		return `{"name":"` + users + `","group":["` + users + `"],"rule":[{"name":"r","module-name":"*","path":"` + at + `","access-operations":"` + operations + `","action":"permit"}]}`
	}
	r.replace(`{"ietf-netconf-acm:nacm":{"groups":{"group":[{"name":"callers","user-name":["cal"]},{"name":"owners","user-name":["own"]}]},"rule-list":[` +
		may("callers", "exec", "/ietf-keystore:keystore/asymmetric-keys/altoam-secrets:generate-key") + "," + may("owners", "*", "/ietf-keystore:keystore") + `]}}`)
	was := r.Running().Head.Revision
	_, err := r.generate(r.as("eve"), `{"name":"k"}`)
	refused(t, err, rpcerr.AccessDenied, keysAt, "the action")
	_, err = r.generate(r.as("cal"), `{"name":"k"}`)
	refused(t, err, rpcerr.AccessDenied, keyAt("k"), "this change")
	if now := r.Running().Head.Revision; now != was {
		t.Errorf("commit %d, want %d still", now, was)
	}
	_, err = r.generate(r.as("own"), `{"name":"k"}`)
	must(t, err)
	if _, err := r.request(keyAt("k"), "ietf-keystore", nil); err == nil || rpcerr.All(err)[0].Tag != rpcerr.InvalidValue {
		t.Errorf("ann: %v", err)
	}
	if _, err := r.requestAs("cal", keyAt("k"), "ietf-keystore", nil); err == nil || rpcerr.All(err)[0].Tag != rpcerr.AccessDenied {
		t.Errorf("cal: %v", err)
	}
}

// replace makes running equal to content, RFC 7951.
func (r *ring) replace(content string) {
	r.Helper()
	b := tree.NewBuilder(schema().Root)
	must(r, codec.DecodeJSON(strings.NewReader(content), schema(), schema().Root, b, codec.DecodeOptions{}))
	to, err := b.Tree()
	must(r, err)
	must(r, r.as("ann").Replace(ctx, datastore.Running, to, datastore.EditOptions{}))
}

// TestSelfSignedCertificate: it is for the hosts, valid as long as asked for, and of the key.
func TestSelfSignedCertificate(t *testing.T) {
	r := newRing(t)
	_, err := r.generate(r.as("ann"), `{"name":"k","self-signed-certificate":{"host":["alto.example.","192.0.2.1","2001:db8::1"],"days":30}}`)
	must(t, err)
	entry := certs.Root(r.Running().Tree).Below("ietf-keystore:keystore", "asymmetric-keys").Entry("asymmetric-key", "k")
	chain, err := certs.Chain(entry.Below("certificates").Entry("certificate", "self-signed"))
	must(t, err)
	c := chain[0]
	for _, host := range []string{"alto.example", "192.0.2.1", "2001:db8::1"} {
		must(t, c.VerifyHostname(host))
	}
	if c.VerifyHostname("other.example") == nil || c.IsCA || c.Subject.CommonName != "alto.example" {
		t.Errorf("the certificate is for %v, an authority: %v", c.Subject, c.IsCA)
	}
	if hours := c.NotAfter.Sub(c.NotBefore).Hours(); hours != 30*24+1 {
		t.Errorf("valid for %v hours", hours)
	}
	must(t, c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature))
	if !r.privateKey("k").Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(c.PublicKey) {
		t.Error("the certificate is not that of the key")
	}
}

// information is a CertificationRequestInfo for a public key.
func information(t testing.TB, public []byte, names ...string) []byte {
	t.Helper()
	subject, err := asn1.Marshal(pkix.Name{CommonName: strings.Join(names, " ")}.ToRDNSequence())
	must(t, err)
	der, err := asn1.Marshal(struct {
		Version    int
		Subject    asn1.RawValue
		Public     asn1.RawValue
		Attributes asn1.RawValue
	}{0, asn1.RawValue{FullBytes: subject}, asn1.RawValue{FullBytes: public}, asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true}})
	must(t, err)
	return der
}

func (r *ring) request(path, module string, info []byte) (*x509.CertificateRequest, error) {
	r.Helper()
	return r.requestAs("ann", path, module, info)
}

func (r *ring) requestAs(user, path, module string, info []byte) (*x509.CertificateRequest, error) {
	r.Helper()
	out, err := r.act(r.as(user), path, module, "generate-csr",
		fmt.Sprintf(`{"csr-format":"ietf-crypto-types:p10-csr-format","csr-info":"%s"}`, base64.StdEncoding.EncodeToString(info)))
	if err != nil {
		return nil, err
	}
	request, err := x509.ParseCertificateRequest(out.Root().Leaf("p10-csr").Bytes())
	must(r, err)
	if !bytes.Equal(request.RawTBSCertificateRequest, info) {
		r.Error("the request does not say what was given")
	}
	return request, nil
}

// TestRequest: a request is signed with the key of the entry, whatever its algorithm is,
// if it is one and for that key; nothing else is.
func TestRequest(t *testing.T) {
	r := newRing(t)
	var public []byte
	for _, algorithm := range []string{"ecdsa-p384", "ed25519", "rsa-3072", "ecdsa-p256"} {
		out, err := r.generate(r.as("ann"), `{"name":"`+algorithm+`","algorithm":"`+algorithm+`"}`)
		must(t, err)
		public = out.Root().Leaf("public-key").Bytes()
		request, err := r.request(keyAt(algorithm), "ietf-keystore", information(t, public, algorithm))
		must(t, err)
		if err := request.CheckSignature(); err != nil || request.Subject.CommonName != algorithm {
			t.Errorf("%s: %v, for %s", algorithm, err, request.Subject)
		}
	}
	right, at := information(t, public, "x"), keyAt("ecdsa-p256")
	_, err := r.request(keyAt("ed25519"), "ietf-keystore", right)
	refused(t, err, rpcerr.InvalidValue, keyAt("ed25519"), "public key")
	for name, wrong := range map[string][]byte{
		"nothing": nil, "text": []byte("to be signed"), "cut": right[:len(right)-1], "longer": append(bytes.Clone(right), 0), "a public key alone": public,
	} {
		if _, err := r.request(at, "ietf-keystore", wrong); err == nil || rpcerr.All(err)[0].Tag != rpcerr.InvalidValue || rpcerr.All(err)[0].Path != at {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.request(keyAt("none"), "ietf-keystore", right); err == nil || rpcerr.All(err)[0].Tag != rpcerr.DataMissing {
		t.Errorf("a key that does not exist: %v", err)
	}
}

// TestRequestOnTheSpot: a key that is not in the keystore can ask as well.
func TestRequestOnTheSpot(t *testing.T) {
	r := newRing(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	r.replace(`{"shop:shop":{"door":{"inline-definition":{"private-key-format":"ietf-crypto-types:one-asymmetric-key-format","cleartext-private-key":"` +
		base64.StdEncoding.EncodeToString(private) + `"}}}}`)
	const at = "/shop:shop/door/inline-definition"
	request, err := r.request(at, "shop", information(t, public, "door"))
	must(t, err)
	must(t, request.CheckSignature())
	_, err = r.request(at, "shop", append(information(t, public), 1))
	refused(t, err, rpcerr.InvalidValue, at, "csr-info")
}
