package agent_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// fetched is a source that fetches a document.
func fetched(id, uri string, more object) object {
	return object{"source-id": id, "source-type": "altoam-source-http:http", "source-params": object{
		"altoam-source-http:http": with(object{"uri": list{uri}, "poll-interval": 1, "jitter": 0, "timeout": 5}, more),
	}}
}

// passedOn serves the network map of another server.
func passedOn(id, uri string) object {
	return object{"data-source": list{fetched("from-"+id, uri, nil)}, "resource": list{networkMap(id, "from-"+id, nil)}}
}

// fetchedFrom is the node that a refusal of a source's URI names.
func fetchedFrom(source, uri string) string {
	return `/data-source[source-id='` + source + `']/source-params/altoam-source-http:http/uri[.='` + uri + `']`
}

// servingMap is a lab with a map "net" of its own and an identifier.
func servingMap(t *testing.T, id string) *lab {
	t.Helper()
	l := newLab(t)
	l.must(l.merge(with(campusServer(), object{"altoam-source-remote:loop-guard": object{"server-id": id}})))
	return l
}

// path asks which servers the data of a resource came through.
func (l *lab) via(path string) string {
	l.Helper()
	resp, err := http.Head(l.base() + path)
	l.must(err)
	resp.Body.Close()
	return resp.Header.Get(alto.HeaderPath)
}

// TestLoopGuard closes rings of one, two and three servers, none of which must close; that
// each serves what is the other's own is no ring.
func TestLoopGuard(t *testing.T) {
	a, b, c := servingMap(t, "A"), servingMap(t, "B"), servingMap(t, "C")
	own := a.base() + "networkmap/net"
	a.refusal(a.merge(passedOn("self", own)), rpcerr.OperationFailed, fetchedFrom("from-self", own), "came through this ALTO server (A) already: a loop")

	a.must(a.merge(passedOn("of-b", b.base()+"networkmap/net")))
	b.must(b.merge(passedOn("of-a", own)))
	back := b.base() + "networkmap/of-a"
	a.refusal(a.merge(passedOn("back", back)), rpcerr.OperationFailed, fetchedFrom("from-back", back), "a loop")

	c.must(c.merge(passedOn("of-a", back)))
	back = c.base() + "networkmap/of-a"
	a.refusal(a.merge(passedOn("back", back)), rpcerr.OperationFailed, fetchedFrom("from-back", back), "a loop")
	for _, x := range []struct {
		l          *lab
		path, want string
	}{{a, "networkmap/net", "A"}, {a, "networkmap/of-b", "A, B"}, {b, "networkmap/of-a", "B, A"}, {c, "networkmap/of-a", "C, B, A"}, {c, "directory", ""}} {
		if got := x.l.via(x.path); got != x.want {
			t.Errorf("%s came through %q, want %q", x.path, got, x.want)
		}
	}
	if got, want := c.vtag("networkmap/of-a"), a.vtag("networkmap/net"); got != want {
		t.Errorf("tag %s after two servers, was %s", got, want)
	}
	if got := c.operational(`/ietf-alto:alto/alto-server/data-source[source-id='from-of-a']/altoam-source:source-state/altoam-source-remote:transfer/http-status`); got != "200" && got != "304" {
		t.Errorf("http-status %q", got)
	}
}

// TestLoopLater: a ring that closes while all is running stops at the one who meets its own
// data; the map that it has stays.
func TestLoopLater(t *testing.T) {
	a, b := servingMap(t, "A"), newLab(t)
	b.must(b.merge(object{"listen": listenHTTP(), "data-source": list{campus()}, "resource": list{networkMap("net", "campus", nil)}}))
	a.must(a.merge(passedOn("x", b.base()+"networkmap/net")))
	was := a.vtag("networkmap/x")
	l := b.session()
	b.must(l.Edit(ctx, datastore.Running, b.change(edit.Merge, object{
		"data-source": list{fetched("ring", a.base()+"networkmap/net", nil)}, "resource": list{networkMap("net", "ring", nil)},
	}), noOptions))
	a.alarmed("/data-source[source-id='from-x']", "source-stale", "major the last good data stays in use: ")
	if got := a.operational(`/ietf-alto:alto/alto-server/data-source[source-id='from-x']/altoam-source:source-state/last-error`); !strings.Contains(got, "a loop") {
		t.Errorf("last-error %q", got)
	}
	if a.vtag("networkmap/x") != was {
		t.Error("the map is not the last good one")
	}
}

// TestMaxHops: a path that is too long is refused, also when the bound becomes lower.
func TestMaxHops(t *testing.T) {
	a, b, c := servingMap(t, "A"), servingMap(t, "B"), servingMap(t, "C")
	b.must(b.merge(passedOn("of-a", a.base()+"networkmap/net")))
	far := b.base() + "networkmap/of-a"
	one := object{"altoam-source-remote:loop-guard": object{"max-hops": 1}}
	c.must(c.merge(one))
	c.refusal(c.merge(passedOn("of-a", far)), rpcerr.OperationFailed, fetchedFrom("from-of-a", far), "came through 2 servers, expected 1 at most")
	c.must(c.merge(object{"altoam-source-remote:loop-guard": object{"max-hops": 2}}))
	c.must(c.merge(passedOn("of-a", far)))
	c.must(c.merge(one))
	c.alarmed("/data-source[source-id='from-of-a']", "source-stale", "major the last good data stays in use: ")
	c.body("networkmap/of-a")
	c.must(c.merge(object{"altoam-source-remote:loop-guard": object{"max-hops": 2, "server-id": "D"}}))
	c.alarmed("/data-source[source-id='from-of-a']", "source-stale", "major cleared")
	if got := c.via("networkmap/of-a"); got != "D, B, A" {
		t.Errorf("path %q", got)
	}
}

// TestSourceTLS: the authority comes from the trust store, the client's certificate from
// the key store, both as they are at the moment; the secret of the source is nobody's.
func TestSourceTLS(t *testing.T) {
	l := newLab(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, completeMap)
	}))
	server.TLS, server.Config.ErrorLog = &tls.Config{ClientAuth: tls.RequireAnyClientCert}, log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trust := func(der []byte) error {
		return l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{object{
			"name": "sources", "certificate": list{object{"name": "a", "cert-data": text(cms(t, der))}},
		}}}}}), noOptions)
	}
	key, certificate := keyPair(t)
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-keystore:keystore": object{"asymmetric-keys": object{"asymmetric-key": list{object{
		"name": "k", "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key),
		"certificates": object{"certificate": list{object{"name": "c", "cert-data": text(cms(t, certificate))}}},
	}}}}}), noOptions))
	foreign := newSigner(t, "foreign").cert.Raw
	l.must(trust(foreign))
	name := "example.com"
	config := func(identity object) object {
		tls := object{"ca-certs": object{"central-truststore-reference": "sources"}, "server-name": name}
		if identity != nil {
			tls["client-identity"] = identity
		}
		return with(object{"listen": listenHTTP(), "data-source": list{fetched("s", server.URL, object{"token": object{"cleartext-password": "sesame"}, "tls": tls})}},
			object{"resource": list{networkMap("net", "s", nil)}})
	}
	identity := object{"central-keystore-reference": object{"asymmetric-key": "k", "certificate": "c"}}
	at := fetchedFrom("s", server.URL)
	l.refusal(l.merge(config(identity)), rpcerr.OperationFailed, at, "unknown authority")
	l.must(trust(server.Certificate().Raw))
	l.refusal(l.merge(config(nil)), rpcerr.OperationFailed, at, "certificate required")
	name = "other.example"
	l.refusal(l.merge(config(identity)), rpcerr.OperationFailed, at, "not other.example")
	name = "example.com"
	l.must(l.merge(config(identity)))
	l.body("networkmap/net")
	l.must(trust(foreign)) // what is in use stays
	l.alarmed("/data-source[source-id='s']", "source-stale", "major the last good data stays in use: ")
	l.body("networkmap/net")
	l.must(trust(server.Certificate().Raw))
	l.alarmed("/data-source[source-id='s']", "source-stale", "major cleared")
	if said := l.operational(`/ietf-alto:alto/alto-server/data-source[source-id='s']/altoam-source:source-state/last-error`); strings.Contains(said, "sesame") {
		t.Errorf("last-error %q", said)
	}
}
