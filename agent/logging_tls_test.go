package agent_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// syslogServer is a syslog server over TLS: it gives out what it receives.
func syslogServer(t *testing.T) (authority []byte, port int, got <-chan string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "syslog"}, IPAddresses: []net.IP{{127, 0, 0, 1}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	out, ended := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			receive(conn, out)
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-ended
	})
	return der, ln.Addr().(*net.TCPAddr).Port, out
}

// receive reads messages with octet counting until the connection ends or is silent.
func receive(conn net.Conn, out chan<- string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n := 0
		if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
			return
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(in, text); err != nil {
			return
		}
		out <- string(text)
	}
}

// TestLogTLS has a syslog server over TLS that is trusted by the trust store, with a change of
// what is trusted.
func TestLogTLS(t *testing.T) {
	l := newLab(t)
	authority, port, got := syslogServer(t)
	foreign := newSigner(t, "foreign").cert.Raw
	trust := func(der []byte) {
		l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{object{
			"name": "collectors", "certificate": list{object{"name": "a", "cert-data": text(cms(t, der))}},
		}}}}}), noOptions))
	}
	trust(foreign)
	l.must(l.merge(with(campusServer(), object{"logging-system": logTarget("far", object{
		"record": list{"access"}, "tls": object{"remote-address": "127.0.0.1", "remote-port": port, "ca-certs": object{"central-truststore-reference": "collectors"}},
	})})))
	state := "/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='far']/state/"
	l.get("networkmap/net")
	l.eventually("the server is not trusted", func() bool { return l.operational(state+"up") == "false" })
	trust(authority)
	l.eventually("the server is trusted", func() bool {
		l.get("networkmap/net")
		return l.operational(state+"up") == "true"
	})
	select {
	case text := <-got:
		if len(text) < 100 || text[:7] != "<134>1 " {
			t.Errorf("received %q", text)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was received")
	}
}
