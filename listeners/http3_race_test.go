package listeners

import (
	"context"
	"crypto/tls"
	"testing"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// TestHTTP3LetInBefore hands an endpoint connections of QUIC that another one has let in, as
// happens when it is replaced in that moment: those that it does not trust itself end.
func TestHTTP3LetInBefore(t *testing.T) {
	ca, other := newIdentity(t, nil, "ca"), newIdentity(t, nil, "other")
	server := newIdentity(t, ca, "server")
	port, _ := freeAddr(t)
	f := start(t, webListen(webEndpoint("a", port, server, ca, "", http3JSON)))
	before := &tls.Config{Certificates: []tls.Certificate{server.tls()}, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{http3.NextProtoH3}}
	l, err := quic.ListenAddr("127.0.0.1:0", before, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for name, x := range map[string]struct {
		authority *identity
		stays     bool
	}{"ann": {ca, true}, "bob": {other, false}} {
		config := clientTLS(ca, newIdentity(t, x.authority, name))
		config.NextProtos = before.NextProtos
		client, err := quic.DialAddr(ctx, l.Addr().String(), config, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.CloseWithError(0, "") }()
		c, err := l.Accept(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range f.endpoints {
			e.service.(*web).http3.ConnContext(ctx, c)
		}
		if stays := c.Context().Err() == nil; stays != x.stays {
			t.Errorf("%s stays: %t", name, stays)
		}
	}
}
