package agent_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// followed is a source that follows resources of another ALTO server.
func followed(id string, server object, resources ...any) object {
	return object{"source-id": id, "source-type": "altoam-source-alto:alto", "source-params": object{
		"altoam-source-alto:alto": with(object{"resource": append(list{}, resources...), "poll-interval": 1, "jitter": 0, "timeout": 5}, server),
	}}
}

// TestUpstream: a server takes maps of another one, with their tags, and follows them by
// its update stream; a third one cannot close the ring.
func TestUpstream(t *testing.T) {
	a, b := servingMap(t, "A"), servingMap(t, "B")
	at := func(l *lab) object { return object{"ird-uri": l.base() + "directory", "poll-interval": 3600} }
	b.must(b.merge(object{
		"data-source": list{followed("up", at(a), "net", "rc")},
		"resource":    list{networkMap("of-a", "up", nil), costMap("costs-of-a", "up", "of-a", nil)},
	}))
	if got, want := b.vtag("networkmap/of-a"), a.vtag("networkmap/net"); got != want {
		t.Errorf("tag %s, want %s", got, want)
	}
	state := "/ietf-alto:alto/alto-server/data-source[source-id='up']/altoam-source:source-state/altoam-source-remote:transfer/"
	b.eventually("a stream is open", func() bool { return b.operational(state+"streaming") == "true" })
	a.must(a.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	b.eventually("the change has come", func() bool { return b.vtag("networkmap/of-a") == a.vtag("networkmap/net") })
	if !strings.Contains(b.body("networkmap/of-a"), "198.51.100.0/24") || !strings.Contains(b.body("costmap/costs-of-a"), b.vtag("networkmap/of-a")) {
		t.Errorf("maps: %s %s", b.body("networkmap/of-a"), b.body("costmap/costs-of-a"))
	}
	if got := b.via("costmap/costs-of-a"); got != "B, A" {
		t.Errorf("path %q", got)
	}
	refused := "/data-source[source-id='back']/source-params/altoam-source-alto:alto/ird-uri"
	a.refusal(a.merge(object{"data-source": list{followed("back", at(b), "of-a")}}), rpcerr.OperationFailed, refused, "a loop")
	c := servingMap(t, "C")
	c.must(c.merge(object{"data-source": list{followed("up", at(b), "of-a")}, "resource": list{networkMap("far", "up", nil)}}))
	a.refusal(a.merge(object{"data-source": list{followed("back", at(c), "far")}}), rpcerr.OperationFailed, refused, "a loop")
	a.must(a.merge(object{"data-source": list{followed("back", at(c), "net")}}))
}

// TestRingWhileStreaming: a ring that closes below a stream is found before its data is
// taken.
func TestRingWhileStreaming(t *testing.T) {
	a, b := servingMap(t, "A"), newLab(t)
	b.must(b.merge(object{"listen": listenHTTP(), "data-source": list{campus()}, "resource": list{networkMap("net", "campus", nil), object{
		"resource-id": "stream", "resource-type": "ietf-alto:update", "dependency": list{"net"},
		"alto-update-params": object{"altoam-algorithm-on-change:on-change": object{}},
	}}}))
	a.must(a.merge(object{"data-source": list{followed("up", object{"ird-uri": b.base() + "directory"}, "net")}, "resource": list{networkMap("x", "up", nil)}}))
	was := a.vtag("networkmap/x")
	state := "/ietf-alto:alto/alto-server/data-source[source-id='up']/altoam-source:source-state/"
	a.eventually("a stream is open", func() bool { return a.operational(state+"altoam-source-remote:transfer/streaming") == "true" })
	a.must(a.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}}))
	b.must(b.merge(object{
		"data-source": list{followed("ring", object{"ird-uri": a.base() + "directory"}, "net")}, "resource": list{networkMap("net", "ring", nil)},
	}))
	a.alarmed("/data-source[source-id='up']", "source-stale", "major the last good data stays in use: ")
	if said := a.operational(state + "last-error"); !strings.Contains(said, "a loop") || a.vtag("networkmap/x") != was {
		t.Errorf("last-error %q", said)
	}
}

// TestSourceDiscovered: the server is the one that the reverse DNS leads to.
func TestSourceDiscovered(t *testing.T) {
	a, l := servingMap(t, "A"), newLab(t)
	s := l.dnsServer()
	l.must(l.merge(object{"listen": listenHTTP()}))
	source := object{"data-source": list{followed("up", object{"discovery": "c"})}, "resource": list{networkMap("x", "up", nil)}}
	_, port, _ := strings.Cut(s.Addr, ":")
	n, _ := strconv.Atoi(port)
	client := object{"ietf-alto:alto": object{"alto-client": list{object{"client-id": "c", "server-discovery": object{"rdns-params": object{
		"dns-server": list{"127.0.0.1"}, "altoam-discovery:port": n, "altoam-discovery:service": "ALTO:http", "altoam-discovery:prefix": list{"192.0.2.9/32"},
	}}}}}}
	s.Put(dnsZone + `. IN NAPTR 100 10 "u" "ALTO:http" "!.*!` + a.base() + `directory!" .`)
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-alto:alto": object{"alto-client": list{object{"client-id": "empty"}}}}), noOptions))
	other := object{"data-source": list{followed("up", object{"discovery": "empty"})}}
	l.refusal(l.merge(other), rpcerr.OperationFailed, "/data-source[source-id='up']/source-params/altoam-source-alto:alto/discovery", "no ALTO server has been found")
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, client), noOptions))
	l.eventually("the server is found and its map served", func() bool { return l.merge(source) == nil })
	if l.vtag("networkmap/x") != a.vtag("networkmap/net") {
		t.Error("the map is another")
	}
}
