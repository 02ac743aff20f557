package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestInOrder shuffles a chain of four with a certificate that has nothing to do with it.
func TestInOrder(t *testing.T) {
	now := time.Now()
	var keys []*ecdsa.PrivateKey
	var want []*x509.Certificate
	make1 := func(name string, parent *x509.Certificate, signer *ecdsa.PrivateKey, from, to time.Time) (*x509.Certificate, *ecdsa.PrivateKey) {
		t.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true,
		}
		if parent == nil {
			parent, signer = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	root, key := make1("root", nil, nil, now.Add(-time.Hour), now.Add(time.Hour))
	want, keys = append(want, root), append(keys, key)
	for i, name := range []string{"upper", "lower", "server"} {
		c, key := make1(name, want[i], keys[i], now.Add(-time.Hour), now.Add(time.Hour))
		want, keys = append(want, c), append(keys, key)
	}
	stray, _ := make1("upper", nil, nil, now.Add(time.Hour), now.Add(2*time.Hour)) // by name one of them
	for range 20 {
		all := append([]*x509.Certificate{stray}, want...)
		mrand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		first := 0
		for all[first] != want[3] {
			first++
		}
		got := inOrder(all, first)
		for i, c := range []*x509.Certificate{want[3], want[2], want[1], want[0], stray} {
			if len(got) != 5 || got[i] != c {
				t.Fatalf("number %d is another: %v", i, got)
			}
		}
	}
	c := tls.Certificate{Certificate: [][]byte{want[3].Raw, stray.Raw}}
	if notes := Doubts(c, now); len(notes) != 1 || !strings.Contains(notes[0], "CN=upper is not valid before ") {
		t.Errorf("doubts %v", notes)
	}
	if notes := Doubts(c, now.Add(90*time.Minute)); len(notes) != 1 || !strings.Contains(notes[0], "CN=server has expired at ") {
		t.Errorf("doubts %v", notes)
	}
}
