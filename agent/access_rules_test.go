package agent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/prometheus/client_golang/prometheus"
)

// limited reads the metric of the limits.
func (l *lab) limited(limit string) float64 {
	l.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	families, err := registry.Gather()
	if err != nil {
		l.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() == "altoam_alto_limited_total" && m.Label[0].GetValue() == limit {
				return m.Counter.GetValue()
			}
		}
	}
	l.Fatalf("no metric of %s", limit)
	return 0
}

func rulesOf(access object) object { return object{"altoam-access:access": access} }

// TestClosedByDefault switches what names no role off and on again.
func TestClosedByDefault(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(closedServer(t)))
	see := func(want int, listed bool) {
		t.Helper()
		login := func() func(*http.Request) {
			return digestLogin("ann", "wonder", nonceIn(l.challenged("networkmap/net")), 1)
		}
		if status, _ := l.get("networkmap/net", login()); status != 200 {
			t.Errorf("for the role: %d", status)
		}
		if status, _ := l.get("networkmap/open", login()); status != want {
			t.Errorf("for no role: %d, expected %d", status, want)
		}
		for _, as := range []func(*http.Request){login(), func(*http.Request) {}} {
			if status, ird := l.get("directory", as); status != 200 || strings.Contains(ird, `"open":{"uri"`) != listed {
				t.Errorf("the directory is %d %s", status, ird)
			}
		}
	}
	see(200, true)
	l.must(l.merge(rulesOf(object{"deny-by-default": true})))
	see(403, false)
	if status, _ := l.get("networkmap/open"); status != 401 {
		t.Errorf("for no role, without a password: %d, expected 401", status)
	}
	l.refusal(l.merge(object{"resource": list{
		with(costMap("c", "campus", "open", nil), object{"accepted-role": list{"inner"}}),
	}, "cost-type": list{costType("num", "numerical", "routingcost")}}), rpcerr.InvalidValue, "/resource[resource-id='c']/accepted-role", "for no role")
	l.must(l.delete("/ietf-alto:alto/alto-server/altoam-access:access/deny-by-default"))
	see(200, true)
}

// TestBudgets has clients that want more than they may.
func TestBudgets(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	filter := func(body string) int {
		status, _ := l.request(http.MethodPost, "costmapfilter/rc", "application/alto-costmapfilter+json", body)
		return status
	}
	const all = `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["lan","world"],"dsts":["lan","world"]}}`
	budget := func(b object) {
		t.Helper()
		l.must(l.merge(rulesOf(object{"budgets": b})))
	}
	want := func(what string, got, status int) {
		t.Helper()
		if got != status {
			t.Errorf("%s: %d, expected %d", what, got, status)
		}
	}
	want("4 pairs", filter(all), 200)
	budget(object{"pairs": 4})
	want("4 pairs of 4", filter(all), 200)
	budget(object{"pairs": 3})
	want("4 pairs of 3", filter(all), 413)
	budget(object{"pairs": 4, "body-size": len(all)})
	want("the largest body", filter(all), 200)
	want("a larger body", filter(all+" "), 413)
	spaced := all + strings.Repeat(" ", 40_000) // a fourth of a mebibyte is for bodies of 32 KiB
	budget(object{"body-size": 100_000})
	want("a body while there is memory", filter(spaced), 200)
	budget(object{"memory": 1})
	want("a body that takes too much memory", filter(spaced), 503)
	want("a smaller body", filter(all), 200)
	budget(object{"requests-per-second-per-client": 2})
	want("the first request", filter(all), 200)
	want("the second request", filter(all), 200)
	want("the third request", filter(all), 503)
	l.clock.advance(time.Second / 2)
	want("a request later", filter(all), 200)
	for limit, n := range map[string]float64{"pairs": 1, "body-size": 1, "requests-per-second-per-client": 1, "requests": 0, "memory": 1} {
		if got := l.limited(limit); got != n {
			t.Errorf("metric of %s: %v, expected %v", limit, got, n)
		}
	}
}

// TestRequestsAtOnce has a request whose password takes time, and another one beside it.
func TestRequestsAtOnce(t *testing.T) {
	l := newLab(t)
	server := closedServer(t)
	l.must(l.merge(server))
	l.must(l.merge(object{
		"listen": object{"http": object{"http-server-parameters": object{"client-authentication": object{"users": object{"user": list{object{
			"user-id": "slow", "basic": object{"username": "slow", "password": object{"hashed-password": hashOf(slowPassword)}},
		}}}}}}},
	}))
	for _, limit := range []string{"requests-per-client", "requests"} {
		l.must(l.merge(rulesOf(object{"budgets": object{limit: 1}})))
		if status, _ := l.get("networkmap/open"); status != 200 {
			t.Errorf("alone: %d", status)
		}
		done := make(chan int)
		go func() {
			status, _ := l.get("networkmap/net", func(r *http.Request) { r.SetBasicAuth("slow", slowPassword+limit) })
			done <- status
		}()
		l.eventually(limit, func() bool {
			status, _ := l.get("networkmap/open")
			return status == 503
		})
		<-done
		l.must(l.delete("/ietf-alto:alto/alto-server/altoam-access:access/budgets/" + limit))
		if l.limited(limit) == 0 {
			t.Errorf("%s does not count", limit)
		}
	}
}
