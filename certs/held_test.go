package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

// TestFinder finds certificates in the stores and inline, and nothing else.
func TestFinder(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := certificate(t, key)
	text := fmt.Sprintf(`"cert-data":%q`, base64.StdEncoding.EncodeToString(der))
	data := parse(t, fmt.Sprintf(`"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k","certificates":{"certificate":[
			{"name":"good",%s},{"name":"unreadable","cert-data":"AAAA"}]}}]}},
		"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"b","certificate":[{"name":"ca",%s}]},{"name":"empty"}]}},
		"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"e","tls":{"tls-server-parameters":{
			"server-identity":{"certificate":{"inline-definition":{%s}}},
			"client-authentication":{"ee-certs":{"inline-definition":{"certificate":[{"name":"ann",%s}]}}}}}}]}}}`, text, text, text, text))
	const tls = "/ietf-netconf-server:netconf-server/listen/endpoints/endpoint[name='e']/tls/tls-server-parameters"
	want := map[string]bool{
		"/ietf-keystore:keystore/asymmetric-keys/asymmetric-key[name='k']/certificates/certificate[name='good']": true,
		"/ietf-truststore:truststore/certificate-bags/certificate-bag[name='b']/certificate[name='ca']":          true,
		tls + "/server-identity/certificate/inline-definition":                                                   true,
		tls + "/client-authentication/ee-certs/inline-definition/certificate[name='ann']":                        true,
	}
	var f Finder
	got := f.Find(data.Root())
	for _, h := range got {
		if !want[h.Place] || h.Path.String() != h.Place || h.Subject != "CN=server" || time.Until(h.NotAfter) > time.Hour || !h.NotBefore.Equal(time.Unix(0, 0)) {
			t.Errorf("found %+v", h)
		}
		delete(want, h.Place)
	}
	for place := range want {
		t.Errorf("not found: %s", place)
	}
	if again := f.Find(data.Root()); len(again) != len(got) || &again[0] != &got[0] {
		t.Error("the same tree was looked at again")
	}
	if left := f.Find(parse(t, `"ietf-keystore:keystore":{}`).Root()); len(left) != 0 {
		t.Errorf("of an empty keystore: %v", left)
	}
}
