package agent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const probeAt = "/ietf-alto:alto/alto-server/altoam-probe:probe"

// probe runs the probe and tells how many failures there are.
func (l *lab) probe(ok string, failures string) {
	l.Helper()
	out, err := l.call(probeAt, "run", nil)
	l.must(err)
	if a, b := out.Root().Leaf("ok").String(), out.Root().Leaf("failures").String(); a != ok || b != failures {
		l.Errorf("ok %s, %s failures: %s", a, b, l.operational(probeAt+"/probe-state/error"))
	}
}

func (l *lab) found(id, leaf string) string {
	l.Helper()
	return l.operational(probeAt + "/probe-state/resource[resource-id='" + id + "']/" + leaf)
}

// TestProbe runs over every kind of resource.
func TestProbe(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	if got := l.operational(probeAt + "/probe-state/last-run"); got != "" {
		t.Errorf("a run without being asked for at %s", got)
	}
	l.probe("true", "0")
	for id, want := range map[string]string{
		"net": "ok", "net-filtered": "ok", "rc": "ok", "rc-filtered": "ok", "both": "ok", "km": "ok", "ec": "ok", "props": "ok",
		"map": "ok", "map-filtered": "ok", "cdn": "ok", "cdn-filtered": "ok", "stream": "skipped", "elsewhere": "skipped",
	} {
		if got := l.found(id, "result"); got != want {
			t.Errorf("%s: %q %s, want %q", id, got, l.found(id, "error"), want)
		}
	}
	if l.found("net", "tag") != l.vtag("networkmap/net") || l.found("net", "status") != "200" {
		t.Errorf("net has tag %q", l.found("net", "tag"))
	}
	if l.operational(probeAt+"/probe-state/directory") != l.base()+"directory" {
		t.Error("it went out from elsewhere")
	}
}

// TestProbeFails has a server that clients see as broken, and sees it healed.
func TestProbeFails(t *testing.T) {
	l := newLab(t)
	server := campusServer()
	server["altoam-probe:probe"] = object{"interval": 5}
	key, certificate := keyPair(t) // of 127.0.0.1
	server["listen"] = httpsStack(inlineIdentity(key, certificate), nil)
	named := func(uri string) object {
		return object{"listen": object{"https": object{"alto-server-parameters": object{"base-uri": uri}}}}
	}
	l.must(l.merge(server))
	l.eventually("a run at the interval", func() bool { return l.operational(probeAt+"/probe-state/ok") == "true" })
	l.must(l.merge(named("https://alto.example.net/x/")))
	l.probe("false", "0")
	if got := l.operational(probeAt + "/probe-state/error"); !strings.Contains(got, "alto.example.net") {
		t.Errorf("error %q, expected that the certificate is not of that name", got)
	}
	l.alarmed("/altoam-probe:probe", "probe-failed", "major ")
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	gauge := func(v string) string {
		return "# HELP altoam_probe_ok Whether the last run of the probe found all right.\n# TYPE altoam_probe_ok gauge\naltoam_probe_ok " + v + "\n"
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(gauge("0")), "altoam_probe_ok"); err != nil {
		t.Error(err)
	}
	l.must(l.merge(named("https://127.0.0.1/x/")))
	l.probe("true", "0")
	l.alarmed("/altoam-probe:probe", "probe-failed", "major cleared")
	if err := testutil.GatherAndCompare(registry, strings.NewReader(gauge("1")), "altoam_probe_ok"); err != nil {
		t.Error(err)
	}
}

// TestProbeBehindProxy: clients use HTTPS, which something else turns into HTTP.
func TestProbeBehindProxy(t *testing.T) {
	l := newLab(t)
	server := campusServer()
	stack := httpStack(0)
	stack["alto-server-parameters"] = object{"base-uri": "https://alto.example.net/alto/"}
	server["listen"] = object{"http": stack}
	l.must(l.merge(server))
	l.probe("true", "0")
	if got := l.found("net", "result"); got != "ok" {
		t.Errorf("net: %q", got)
	}
}

// TestProbeAsClient: with credentials the probe sees what that client sees.
func TestProbeAsClient(t *testing.T) {
	l := newLab(t)
	server := campusServer()
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "u", "basic": object{"username": "anne", "password": object{"hashed-password": hashOf("secret")}}},
	}}}}
	server["listen"] = object{"http": stack}
	server["auth-client"] = list{object{"client-id": "a", "http-auth-client": object{"user-id": "u"}}, object{"client-id": "none"}}
	server["role"] = list{object{"role-name": "r", "client": list{"a"}}}
	server["resource"] = append(server["resource"].(list), with(networkMap("private", "campus", nil), object{"accepted-role": list{"r"}}))
	l.must(l.merge(server))
	l.probe("true", "0")
	if got := l.found("private", "result"); got != "" {
		t.Errorf("anonymous: %q", got)
	}
	credentials := func(client, password string) error {
		return l.merge(object{"altoam-probe:probe": object{"credentials": object{"client": client, "cleartext-password": password}}})
	}
	l.refusal(credentials("none", "x"), rpcerr.InvalidValue, "/altoam-probe:probe/credentials/client", `client "none" has no HTTP user`)
	l.must(credentials("a", "secret"))
	l.probe("true", "0")
	if got := l.found("private", "result"); got != "ok" {
		t.Errorf("as a client: %q", got)
	}
	if status, _ := l.get("networkmap/private", func(r *http.Request) { r.SetBasicAuth("anne", "secret") }); status != 200 {
		t.Errorf("status %d", status)
	}
}

// TestProbeTimeout has a server that takes longer over a password than the probe waits.
func TestProbeTimeout(t *testing.T) {
	l := newLab(t)
	server := campusServer()
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{
		object{"user-id": "u", "basic": object{"username": "anne", "password": object{"hashed-password": hashOf(slowPassword)}}},
	}}}}
	server["listen"] = object{"http": stack}
	server["auth-client"] = list{object{"client-id": "a", "http-auth-client": object{"user-id": "u"}}}
	server["role"] = list{object{"role-name": "r", "client": list{"a"}}}
	server["resource"] = append(server["resource"].(list), with(networkMap("private", "campus", nil), object{"accepted-role": list{"r"}}))
	server["altoam-probe:probe"] = object{"timeout": 1, "credentials": object{"client": "a", "cleartext-password": slowPassword}}
	l.must(l.merge(server))
	began := time.Now()
	out, err := l.call(probeAt, "run", nil)
	l.must(err)
	if took := time.Since(began); out.Root().Leaf("ok").String() != "false" || took < time.Second || took > 5*time.Second {
		t.Errorf("ok %s after %s", out.Root().Leaf("ok"), took)
	}
	if got := l.operational(probeAt + "/probe-state/error"); !strings.Contains(got, "Timeout") {
		t.Errorf("error %q", got)
	}
}
