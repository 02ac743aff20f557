package agent_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/logging"
)

// addLogging has the log follow the configuration too, until the test ends.
func (l *lab) addLogging() *logging.Router {
	router := logging.NewRouter()
	x := agent.NewLogging(agent.LoggingOptions{Store: l.store, Secrets: testSealer(l.schema), Router: router, Poll: 20 * time.Millisecond, HomeFolder: l.home})
	l.store.AddParticipant(x)
	l.store.AddStateProvider(x)
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.Run(run)
	}()
	l.Cleanup(func() {
		stop()
		<-ended
	})
	return router
}

// logTarget is an entry of the list target.
func logTarget(name string, more ...object) object {
	entry := object{"name": name}
	for _, m := range more {
		with(entry, m)
	}
	return object{"altoam-logging:target": list{entry}}
}

func logFile(path string) object { return object{"file": object{"path": path}} }

// logs merges content below logging-system.
func (l *lab) logs(content object) error {
	l.Helper()
	return l.merge(object{"logging-system": content})
}

// logged waits until the file has a line that matches each pattern, and returns them all.
func (l *lab) logged(path string, patterns ...string) string {
	l.Helper()
	var text []byte
	for _, p := range patterns {
		r := regexp.MustCompile("(?m)" + p)
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if text, _ = os.ReadFile(path); r.Match(text) {
				break
			}
			if time.Now().After(end) {
				l.Fatalf("no line %s in %s:\n%s", p, path, text)
			}
		}
	}
	return string(text)
}

// TestLogAccess has the requests of a client in a file: who and what, and nothing that is not
// for a log.
func TestLogAccess(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "access")
	l.must(l.merge(with(campusServer(), object{"logging-system": logTarget("requests", object{"record": list{"access"}}, logFile(path))})))
	l.must(l.merge(object{
		"listen": object{"http": object{"http-server-parameters": object{"client-authentication": object{"users": object{"user": list{object{
			"user-id": "u1", "basic": object{"username": "anne", "password": object{"hashed-password": hashOf("secret")}},
		}}}}}}},
		"auth-client": list{object{"client-id": "partner", "http-auth-client": object{"user-id": "u1"}}},
		"role":        list{object{"role-name": "friends", "client": list{"partner"}}},
		"resource":    list{with(networkMap("closed", "campus", nil), object{"accepted-role": list{"friends"}})},
	}))
	_, body := l.get("networkmap/net?q=hidden")
	l.get("nowhere")
	l.get("networkmap/closed", func(r *http.Request) { r.SetBasicAuth("anne", "secret") })
	l.get("networkmap/closed", func(r *http.Request) { r.SetBasicAuth("anne", "wrong") })
	l.request("POST", "endpointprop/props", "application/alto-endpointpropparams+json", `{"properties":["net.pid"],"endpoints":["ipv4:192.0.2.123"]}`)
	text := l.logged(path,
		`^<134>1 \S+ \S+ altoamd \d+ access \[access@32473 address="127\.0\.0\.0" resource="net" method="GET" path="/\S*networkmap/net" status="200" bytes="\d+" duration="\d+\.\d{6}"\] GET /\S*networkmap/net 200$`,
		`method="GET" path="/\S*nowhere" status="404" bytes="0"`,
		`user="anne" client="partner" resource="closed" .* status="200"`,
		`\[access@32473 address="127\.0\.0\.0" resource="closed" .* status="401"`,
		`resource="props" method="POST" .* status="200"`,
	)
	for _, secret := range []string{"hidden", "secret", "wrong", "192.0.2.123", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log tells %q:\n%s", secret, text)
		}
	}
	if n := strings.Count(text, "\n"); n != 5 || len(body) == 0 {
		t.Errorf("%d lines for 5 requests:\n%s", n, text)
	}

	// Addresses as configured, structured data under another number.
	l.must(l.logs(object{"altoam-logging:client-address": object{"ipv4-prefix-length": 32}, "altoam-logging:enterprise-number": 64512}))
	l.get("costmap/rc")
	l.logged(path, `\[access@64512 address="127\.0\.0\.1" resource="rc"`)

	// No target, no record; the rest goes on.
	l.must(l.delete("/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='requests']"))
	l.get("costmap/rc")
	if after := l.logged(path, "access"); strings.Count(after, "\n") != 6 {
		t.Errorf("a record after the target was removed:\n%s", after)
	}
}

// TestLogChanges has who changed which nodes in a file, without values.
func TestLogChanges(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "changes")
	l.must(l.merge(campusServer()))
	l.must(l.logs(logTarget("audit", object{"record": list{"change"}, "facility": 13, "app-name": "x", "host-name": "h"}, logFile(path))))
	l.must(l.merge(object{"meta": list{object{"meta-key": "vendor", "meta-value": "InNlY3JldCI="}}}))
	text := l.logged(path, `^<109>1 \S+ h x \d+ change \[change@32473 user="test" session="\d+" address="127\.0\.0\.1" datastore="running" .*create="/ietf-alto:alto/alto-server/.*edits="\d+"\] test has changed running$`)
	if strings.Contains(text, "InNlY3JldCI=") {
		t.Errorf("the log tells a value:\n%s", text)
	}
}

// TestLogRefused demands that a file that cannot be opened refuses the commit and a server that
// is not there does not; that a refused commit leaves nothing.
func TestLogRefused(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	dir := t.TempDir()
	const at = "/logging-system/altoam-logging:target[name='%s']"
	path := func(name string) string { return strings.ReplaceAll(at, "%s", name) + "/file/path" }
	l.refusal(l.logs(logTarget("a", logFile(dir+"/none/log"))), rpcerr.OperationFailed, path("a"), "no such file")
	l.refusal(l.logs(logTarget("a", logFile(dir))), rpcerr.OperationFailed, path("a"), "is a directory")
	l.must(l.logs(logTarget("a", logFile(dir+"/log"))))
	l.refusal(l.logs(logTarget("b", logFile(dir+"/log"))), rpcerr.InvalidValue, path("b"), `target "a" writes to`)
	l.refusal(l.logs(object{"syslog-params": object{"config-file": "file:" + dir + "/none"}}), rpcerr.OperationFailed, "/logging-system/syslog-params/config-file", "no such file")
	l.refusal(l.logs(object{"syslog-params": object{"config-file": "file://elsewhere/x"}}), rpcerr.InvalidValue, "/logging-system/syslog-params/config-file", "on this host")
	l.refusal(l.logs(logTarget("c", object{"tls": object{"remote-address": "127.0.0.1"}})), rpcerr.DataMissing, strings.ReplaceAll(at, "%s", "c")+"/tls/ca-certs", "must have a node")

	// All at once.
	err := l.logs(object{"altoam-logging:target": list{
		with(object{"name": "x"}, logFile(dir+"/none/x")), with(object{"name": "y"}, logFile(dir+"/none/y")),
	}})
	if all := rpcerr.All(err); len(all) != 2 {
		t.Errorf("%d errors, expected 2: %v", len(all), err)
	}

	l.veto.Store(true)
	if err := l.logs(logTarget("d", logFile(dir+"/vetoed"))); err == nil {
		t.Error("a vetoed change was made")
	}
	l.veto.Store(false)
	if _, err := os.Stat(dir + "/vetoed"); err == nil {
		t.Error("a refused commit left a file")
	}
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	l.must(err)
	addr := closed.Addr().(*net.TCPAddr)
	closed.Close()
	l.must(l.logs(logTarget("far", object{"queue-length": 2, "tcp": object{"remote-address": "127.0.0.1", "remote-port": addr.Port}})))
	state := "/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='far']/state/"
	for range 20 {
		l.get("directory")
	}
	l.eventually("the target is down", func() bool { return l.operational(state+"up") == "false" && l.operational(state+"dropped") != "0" })
	if why := l.operational(state + "last-error"); !strings.Contains(why, "refused") {
		t.Errorf("last-error %q", why)
	}
	if up := l.operational("/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='a']/state/up"); up != "true" {
		t.Errorf("the file is up: %q", up)
	}
}

// TestSyslogConf has the file that syslog-params names say where records go.
func TestSyslogConf(t *testing.T) {
	l := newLab(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "syslog.conf")
	l.must(l.merge(campusServer()))
	write := func(text string) {
		l.must(os.WriteFile(conf+".new", []byte(text), 0o600))
		l.must(os.Rename(conf+".new", conf))
	}
	write("*.bad /x\n")
	l.refusal(l.logs(object{"syslog-params": object{"config-file": "file://" + conf}}), rpcerr.OperationFailed, "/logging-system/syslog-params/config-file", `line 1: priority "bad"`)
	write("# requests apart\nlocal0.info\t" + dir + "/requests\nlocal1.* -" + dir + "/changes\n")
	l.must(l.logs(object{"syslog-params": object{"config-file": "file:" + conf}}))
	l.must(l.merge(object{"meta": list{object{"meta-key": "m", "meta-value": "MQ=="}}}))
	l.get("directory")
	l.logged(dir+"/requests", `^<134>1 .*\] GET \S+directory 200$`)
	l.logged(dir+"/changes", `^<141>1 .*test has changed running$`)
	state := "/ietf-alto:alto/alto-server/logging-system/syslog-params/altoam-logging:destination[action='" + dir + "/requests']/"
	if l.operational(state+"up") != "true" || l.operational(state+"sent") != "1" {
		t.Errorf("state of the destination: up %q, sent %q", l.operational(state+"up"), l.operational(state+"sent"))
	}

	// It is read again when it changes; while it cannot be, what it said stays.
	write("local0.info " + dir + "/elsewhere\n")
	l.eventually("records go elsewhere", func() bool {
		l.get("directory")
		_, err := os.Stat(dir + "/elsewhere")
		return err == nil
	})
	write("nonsense")
	l.must(l.logs(logTarget("another", logFile(dir+"/another"))))
	l.get("costmap/rc")
	l.logged(dir+"/elsewhere", `resource="rc"`)
}

// TestLogResumed has a restart without the folder that the log is in: all else is served, and
// records go there once it is back.
func TestLogResumed(t *testing.T) {
	dir := t.TempDir() + "/log"
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(dir, 0o700))
	must(os.WriteFile(dir+"/conf", []byte("local0.* "+dir+"/b"), 0o600))
	server := with(campusServer(), object{"logging-system": with(logTarget("a", logFile(dir+"/a")), object{"syslog-params": object{"config-file": "file:" + dir + "/conf"}})})
	restarted(t, server, func() { must(os.Rename(dir, dir+".away")) }, func(l *lab) {
		l.get("directory")
		l.eventually("the target is down", func() bool {
			return l.operational("/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='a']/state/up") == "false"
		})
		l.must(os.Rename(dir+".away", dir))
		l.logged(dir+"/a", "GET")
		l.eventually("the syslog configuration is read", func() bool {
			l.get("directory")
			_, err := os.Stat(dir + "/b")
			return err == nil
		})
	})
}

// TestLogStream has an update stream logged: its events come at once all the same, the record
// when it has ended.
func TestLogStream(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "access")
	l.must(l.merge(with(campusServer(), object{"logging-system": logTarget("requests", logFile(path))})))
	stop := l.open("net")
	l.eventually("an event", func() bool { return l.number(resourceStats("stream")+"upd-stream-stats/num-upd-msg-total") == 2 })
	if text, _ := os.ReadFile(path); strings.Contains(string(text), " access ") {
		t.Errorf("a record of a stream that goes on: %s", text)
	}
	stop()
	l.logged(path, `access \[.*resource="stream" method="POST" .* status="200" bytes="[1-9]\d{2,}"`)
}

// TestLogEffects has a dry run tell which targets would come, go and begin anew; it opens none.
func TestLogEffects(t *testing.T) {
	l := newLab(t)
	dir := t.TempDir()
	l.must(l.merge(with(campusServer(), object{"logging-system": logTarget("a", logFile(dir+"/a"))})))
	var got []string
	for _, e := range l.try(object{"logging-system": object{
		"altoam-logging:target":         list{object{"name": "a", "severity": "debug"}, with(object{"name": "b"}, logFile(dir+"/b"))},
		"altoam-logging:client-address": object{"ipv4-prefix-length": 16},
	}}) {
		got = append(got, plain(e))
	}
	want := []string{`change : log target "a"`, `add : log target "b"`, "change : the log keeps 16 and 48 bits of client addresses, before 24 and 48"}
	for _, w := range want {
		if !contains(got, w) {
			t.Errorf("no effect %q in %q", w, got)
		}
	}
	if _, err := os.Stat(dir + "/b"); err == nil {
		t.Error("a dry run made a file")
	}
}
