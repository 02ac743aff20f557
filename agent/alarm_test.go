package agent_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const alarmList = "/altoam-alarms:alarms/alarm-list/"

// alarmAt is the path of an alarm, resource being below alto-server.
func alarmAt(resource, kind string) string {
	return alarmList + `alarm[resource="/ietf-alto:alto/alto-server` + resource + `"][alarm-type-id='altoam-alarms:` + kind + `']`
}

// alarm tells how an alarm is: its severity, then "cleared" or what it says; "" for none.
func (l *lab) alarm(resource, kind string) string {
	l.Helper()
	at := alarmAt(resource, kind)
	severity := l.operational(at + "/perceived-severity")
	if l.operational(at+"/is-cleared") == "true" {
		return severity + " cleared"
	}
	return strings.TrimSpace(severity + " " + l.operational(at+"/alarm-text"))
}

// alarmed waits for an alarm that begins with want.
func (l *lab) alarmed(resource, kind, want string) {
	l.Helper()
	last := "?"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last = l.alarm(resource, kind); strings.HasPrefix(last, want) && (want != "" || last == "") {
			return
		}
	}
	l.Fatalf("alarm %s of %s: %q, want %q", kind, resource, last, want)
}

// call invokes an action.
func (l *lab) call(path, action string, input object) (*tree.Tree, error) {
	l.Helper()
	p := l.path(path)
	node := p.Schema().Child(p.Schema().Module.Name, action)
	if node == nil {
		l.Fatalf("no action %s at %s", action, path)
	}
	m := tree.New(node.Input()).Mutate()
	w := datastore.NewWriter(m)
	for name, value := range input {
		w.Set(name, value)
	}
	l.must(w.Err())
	out, err := l.session().CallAction(ctx, p, node, m.Done())
	l.settled()
	return out, err
}

// subscribe hears notifications of that name.
func (l *lab) subscribe(name string) *notify.Subscription {
	l.Helper()
	s, err := l.store.Events().Subscribe(notify.Request{Filter: func(e *notify.Event) bool { return e.Node().Name == name }})
	l.must(err)
	l.Cleanup(s.Close)
	return s
}

// next is a leaf of the next notification, others after it.
func (l *lab) next(s *notify.Subscription, leafs ...string) string {
	l.Helper()
	e, err := s.Next(ctx)
	l.must(err)
	var list []string
	for _, leaf := range leafs {
		list = append(list, e.Tree.Root().Leaf(leaf).String())
	}
	return strings.Join(list, " ")
}

// TestSourceAlarm has the file of a source go, an operator take notice, and the file come
// back: one notification for each.
func TestSourceAlarm(t *testing.T) {
	l := newLab(t)
	events, actions := l.subscribe("alarm-notification"), l.subscribe("operator-action")
	path := filepath.Join(t.TempDir(), "sites.json")
	good := "{" + site("Alpha", "50", "10", `"192.0.2.0/24"`) + "}"
	write(t, path, good)
	l.must(l.merge(sitesServer(path)))
	l.must(os.Remove(path))
	cric := "/data-source[source-id='cric']"
	l.alarmed(cric, "source-stale", "major the last good data stays in use: ")
	if got := l.next(events, "alarm-type-id", "perceived-severity"); got != "altoam-alarms:source-stale major" && got != "source-stale major" {
		t.Errorf("notification %q", got)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	gauge := "# HELP altoam_alarm_active Alarms that are not cleared.\n# TYPE altoam_alarm_active gauge\n"
	if err := testutil.GatherAndCompare(registry, strings.NewReader(gauge+`altoam_alarm_active{severity="major",type="source-stale"} 1`+"\n"), "altoam_alarm_active"); err != nil {
		t.Error(err)
	}

	at := alarmAt(cric, "source-stale")
	if _, err := l.call(at, "acknowledge", object{"text": "disk is being replaced"}); err != nil {
		t.Fatal(err)
	}
	if got := l.next(actions, "operator", "state", "text"); got != "test ack disk is being replaced" {
		t.Errorf("operator action %q", got)
	}
	if got := l.operational(at + "/operator-state"); got != "ack" {
		t.Errorf("operator state %q", got)
	}
	write(t, path, good)
	l.alarmed(cric, "source-stale", "major cleared")
	if got := l.next(events, "perceived-severity"); got != "cleared" {
		t.Errorf("second notification %q", got)
	}
	if _, err := l.call(at, "close", nil); err != nil {
		t.Fatal(err)
	}
	if got := l.next(actions, "state"); got != "closed" {
		t.Errorf("operator action %q", got)
	}
	if got := l.operational(alarmList + "active"); got != "0" {
		t.Errorf("%s alarms are active", got)
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(""), "altoam_alarm_active"); err != nil {
		t.Error(err)
	}

	replaceFile(t, path, "{"+site("Alpha", "50", "10", `"192.0.2.0/24"`)+`,"x":`)
	l.alarmed(cric, "source-stale", "major the last good")
	if got := l.operational(at + "/operator-state"); got != "none" {
		t.Errorf("operator state %q of an alarm that was raised anew", got)
	}
	if _, err := l.call(alarmAt("/data-source[source-id='none']", "source-stale"), "close", nil); err == nil || rpcerr.All(err)[0].Tag != rpcerr.DataMissing {
		t.Errorf("an alarm that is not there: %v", err)
	}
}

// TestRefusedAlarm has a source whose data can be read but not be served.
func TestRefusedAlarm(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, completeMap)
	l.must(l.merge(mixedServer(path)))
	replaceFile(t, path, incompleteMap)
	maps := "/data-source[source-id='maps']"
	l.alarmed(maps, "source-data-refused", "major the data cannot be served: ")
	l.body("networkmap/ext")
	replaceFile(t, path, completeMap)
	l.alarmed(maps, "source-data-refused", "major cleared")
}

// TestAlarmsAfterRestart: what still holds is raised again, the causes only.
func TestAlarmsAfterRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, completeMap)
	restarted(t, mixedServer(path), func() { write(t, path, incompleteMap) }, func(l *lab) {
		l.alarmed("/resource[resource-id='ext']", "resource-out-of-service", "critical ")
		if got := l.operational(alarmList + "active"); got != "1" {
			t.Errorf("%s alarms are active, expected that of the cause", got)
		}
		replaceFile(t, path, completeMap)
		l.alarmed("/resource[resource-id='ext']", "resource-out-of-service", "critical cleared")
	})
	restarted(t, mixedServer(path), func() { _ = os.Remove(path) }, func(l *lab) {
		l.alarmed("/data-source[source-id='maps']", "source-stale", "critical there is no data: ")
		if got := l.operational(alarmList + "active"); got != "1" {
			t.Errorf("%s alarms are active, expected that of the cause", got)
		}
	})
}

// TestListenerAlarm starts while another program has the port.
func TestListenerAlarm(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := other.Addr().(*net.TCPAddr).Port
	other.Close()
	server := campusServer()
	server["listen"] = object{"http": httpStack(port)}
	restarted(t, server, func() {
		if other, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err != nil {
			t.Fatal(err)
		}
	}, func(l *lab) {
		at := "/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.1']/local-port"
		l.alarmed(at, "listener-down", "critical nothing listens on 127.0.0.1:")
		l.probe("false", "0")
		if got := l.operational(probeAt + "/probe-state/error"); got != "the ALTO server does not listen" {
			t.Errorf("error %q of the probe", got)
		}
		other.Close()
		l.alarmed(at, "listener-down", "critical cleared")
	})
}

// TestCertificateAlarms moves the clock towards the end of a certificate and the
// thresholds away from it.
func TestCertificateAlarms(t *testing.T) {
	const at = "/listen/https/tls-server-parameters/server-identity/certificate/inline-definition"
	l := newLab(t)
	key, certificate := keyPair(t)
	l.clock.advance(time.Since(l.clock.Now())) // to the present
	server := campusServer()
	server["listen"] = httpsStack(inlineIdentity(key, certificate), nil)
	l.must(l.merge(server))
	l.alarmed(at, "certificate-expiring", "major ")
	expiry := func(warning, major int) {
		t.Helper()
		l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"altoam-alarms:alarms": object{"control": object{
			"certificate-expiry": object{"warning": warning, "major": major},
		}}}), noOptions))
	}
	expiry(60, 0)
	l.alarmed(at, "certificate-expiring", "warning ")
	expiry(0, 0)
	l.alarmed(at, "certificate-expiring", "warning cleared")
	l.clock.advance(1000 * 24 * time.Hour)
	l.alarmed(at, "certificate-expired", "critical ")
}

// TestCertificateOfFurtherStack: each stack's certificate counts.
func TestCertificateOfFurtherStack(t *testing.T) {
	l := newLab(t)
	key, certificate := keyPair(t)
	l.clock.advance(time.Since(l.clock.Now())) // to the present
	server := campusServer()
	server["altoam-access:listen-stack"] = list{stackOf("tls", "127.0.0.2", object{
		"server-identity": object{"certificate": inlineIdentity(key, certificate)},
	})}
	l.must(l.merge(server))
	const at = "/altoam-access:listen-stack[name='tls']/https/tls-server-parameters/server-identity/certificate/inline-definition"
	l.alarmed(at, "certificate-expiring", "major ")
	l.must(l.delete("/ietf-alto:alto/alto-server/altoam-access:listen-stack[name='tls']"))
	l.alarmed(at, "certificate-expiring", "major cleared")
}

// TestAlarmLimits: cleared alarms are kept as many as configured.
func TestAlarmLimits(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, completeMap)
	l.must(l.merge(mixedServer(path)))
	replaceFile(t, path, incompleteMap)
	l.alarmed("/data-source[source-id='maps']", "source-data-refused", "major ")
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"altoam-alarms:alarms": object{"control": object{
		"max-cleared": 0, "max-status-changes": 1,
	}}}), noOptions))
	replaceFile(t, path, completeMap)
	l.alarmed("/data-source[source-id='maps']", "source-data-refused", "")
}
