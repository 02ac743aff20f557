package agent_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// apart has labs run the ALTO server outside the agent.
var apart = os.Getenv("ALTOAM_APART") != ""

// setApart is undone by what it returns.
func setApart(to bool) (undo func()) {
	before := apart
	apart = to
	return func() { apart = before }
}

// settled waits until clients see what is configured.
func (l *lab) settled() {
	if apart {
		l.eventually("the process has it", func() bool { return l.agent.Agreed() })
	}
}

// TestApart demands of an ALTO server in a process of its own what is demanded of the one
// in the agent. ALTOAM_APART=1 demands all of it.
func TestApart(t *testing.T) {
	defer setApart(true)()
	for name, test := range map[string]func(*testing.T){
		"serve": TestServe, "restart": TestRestart, "listen stacks": TestListenStacks, "HTTPS": TestHTTPS, "TLS clients": TestTLSClients,
		"requests in the log": TestLogAccess, "log after a restart": TestLogResumed, "counts of clients": TestClientStatistics,
		"answers": TestAnswers, "content": TestContent, "answers in metrics": TestAnswerMetrics, "streams": TestStreamBytes,
		"guard": TestGuard, "probe": TestProbeAsClient, "alarms of listeners": TestListenerAlarm, "what listens": TestEffectsOfListening,
		"access under load": TestAccessUnderLoad, "budgets": TestBudgets, "budgets of roles": TestRates, "degraded": TestDegradedSource, "port": TestDegradedPort,
	} {
		t.Run(name, test)
	}
}

// plane starts ALTO servers that an agent manages over a socket, as processes would be.
type plane struct {
	*testing.T
	schema *yang.Schema
	now    func() time.Time // nil: time.Now
	mu     sync.Mutex
	stop   context.CancelFunc // of the one that was started last
	ended  chan struct{}
	starts int
}

func (p *plane) start(socket string) (<-chan struct{}, error) {
	ln, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	server := agent.NewDataPlane(p.schema, agent.Options{
		Now:            p.now,
		VerifyPassword: verify,
	})
	go func() {
		defer close(ended)
		if err := server.Run(ctx, ln); err != nil {
			p.Errorf("the server ended: %v", err)
		}
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop, p.ended, p.starts = stop, ended, p.starts+1
	return ended, nil
}

// kill ends the server that was started last.
func (p *plane) kill() {
	p.mu.Lock()
	stop, ended := p.stop, p.ended
	p.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// eventually waits up to twenty seconds for what must come to be.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within twenty seconds: %s", what)
		}
	}
}

func TestSouthboundProcess(t *testing.T) {
	defer setApart(false)()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	p := &plane{T: t, schema: s}
	t.Cleanup(p.kill)
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s, func(o *agent.Options) { o.StartServer = p.start })
	l.must(l.merge(campusServer()))
	socket := filepath.Join(t.TempDir(), "s")
	l.must(l.merge(object{"altoam-southbound:southbound": object{"process": object{"socket": socket}}}))
	served := func() bool {
		irds := l.agent.IRDs()
		if len(irds) == 0 {
			return false
		}
		resp, err := http.Get(irds[0])
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}
	eventually(t, "the process serves", func() bool { return l.agent.SouthboundProcess() != 0 && served() })
	p.kill()
	eventually(t, "another one serves", func() bool { return p.started() > 1 && served() })
	l.must(l.delete("/ietf-alto:alto/alto-server/altoam-southbound:southbound"))
	eventually(t, "the agent serves", func() bool { return l.agent.SouthboundProcess() == 0 && served() })
}

func (p *plane) started() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starts
}

// missing lists the configuration that operational has not, by path from alto-server.
func (l *lab) missing() (list []string) {
	l.Helper()
	shown, err := l.session().Read(ctx, datastore.Operational, datastore.Selection{})
	if err != nil {
		l.Fatal(err)
	}
	var walk func(c *tree.Change, path string)
	walk = func(c *tree.Change, path string) {
		for _, x := range c.Children {
			name := path + "/" + x.Schema.Name
			switch {
			case x.Schema.Config && x.New == nil && x.Old != nil:
				list = append(list, name)
			case x.New != nil && x.Old != nil:
				walk(x, name)
			}
		}
	}
	if d := tree.Compare(l.store.Running().Tree, shown); d.Root != nil {
		walk(d.Root, "")
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestSouthboundAway: a commit stands while the process is away. Operational shows that
// nothing of it is known to be applied, why and since when, until it is.
func TestSouthboundAway(t *testing.T) {
	defer setApart(false)()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	p := &plane{T: t, schema: s}
	t.Cleanup(p.kill)
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s)
	l.must(l.merge(campusServer()))
	if list := l.missing(); len(list) > 0 {
		t.Errorf("missing in operational while the agent serves: %q", list)
	}
	const state, of = "/ietf-alto:alto/alto-server/altoam-southbound:southbound-state/", "/ietf-alto:alto/alto-server/resource[resource-id='net']/altoam-southbound:applied-state/"
	if got := l.operational(state+"state") + l.operational(of+"state") + l.operational(state+"process-id"); got != "appliedapplied" {
		t.Errorf("while the agent serves: %q", got)
	}
	if _, err := p.start(socket); err != nil {
		t.Fatal(err)
	}
	l.must(l.merge(object{"altoam-southbound:southbound": object{"process": object{"socket": socket, "start": false}}}))
	l.eventually("the process serves", func() bool { return l.agent.Agreed() })
	p.kill()
	l.eventually("the reason is told", func() bool { return strings.Contains(l.operational(state+"last-error"), "no such file") })
	l.clock.advance(3 * time.Second)
	if got := l.operational(of+"state") + " " + l.operational(of+"lag") + " " + l.operational(of+"applied-revision"); got != "failed 3000 " {
		t.Errorf("a resource that nobody serves: %q", got)
	}
	if because := l.operational(of + "last-error"); !strings.Contains(because, "no such file") {
		t.Errorf("because of %q", because)
	}
	want := []string{"/alto/alto-server/cost-type", "/alto/alto-server/listen", "/alto/alto-server/meta"}
	list := l.missing()
	for _, path := range want {
		if !slices.Contains(list, path) {
			t.Errorf("%s is shown and nobody serves it: missing is %q", path, list)
		}
	}
	l.alarmed("", "southbound-unreachable", "critical dial unix")
	if got := l.scrape()["altoam_alto_server_applied"]; got != 0 {
		t.Errorf("the metric says %v", got)
	}
	if _, err := p.start(socket); err != nil {
		t.Fatal(err)
	}
	l.eventually("they agree", func() bool { return l.agent.Agreed() })
	l.alarmed("", "southbound-unreachable", "critical cleared")
	if list := l.missing(); len(list) > 0 {
		t.Errorf("missing in operational: %q", list)
	}
	if got := l.operational(state+"state") + l.operational(of+"state") + l.operational(of+"lag") + l.operational(of+"last-error"); got != "appliedapplied0" {
		t.Errorf("after that: %q", got)
	}
	if tag := l.operational(of + "applied-tag"); tag == "" || tag != l.vtag("networkmap/net") {
		t.Errorf("tag %q, clients see %q", tag, l.vtag("networkmap/net"))
	}
}

// TestSouthboundRefused: where and how the process is to be reached is checked before the
// commit, as is that the addresses that are new can be listened on.
func TestSouthboundRefused(t *testing.T) {
	defer setApart(false)()
	l := newLab(t)
	l.must(l.merge(campusServer()))
	process := func(p object) object { return object{"altoam-southbound:southbound": object{"process": p}} }
	const at = "/altoam-southbound:southbound/process/"
	l.refusal(l.merge(process(object{})), rpcerr.InvalidValue, at+"socket", "no default")
	l.refusal(l.merge(process(object{"socket": "/nowhere/s"})), rpcerr.OperationNotSupported, at+"start", "start must be false")
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	l.refusal(l.merge(process(object{"socket": file, "start": false})), rpcerr.InvalidValue, at+"socket", "is not a socket")
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	both := process(object{"socket": "/nowhere/s", "start": false})
	both["listen"] = object{"http": object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.1", "local-port": port}}}}}
	l.refusal(l.merge(both), rpcerr.OperationFailed, "/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.1']/local-port", "in use")
	starting := labOf(t, filepath.Join(t.TempDir(), "store"), l.schema, func(o *agent.Options) { o.StartServer = (&plane{T: t, schema: l.schema}).start })
	starting.must(starting.merge(campusServer()))
	starting.refusal(starting.merge(process(object{"socket": "/nowhere/s"})), rpcerr.InvalidValue, at+"socket", "no such file or directory")
	if status, _ := starting.get("directory"); status != 200 {
		t.Errorf("after a socket in no folder: %d", status)
	}
	if l.agent.IRDs() == nil {
		t.Error("after refusals nobody serves")
	}
	if status, _ := l.get("directory"); status != 200 {
		t.Errorf("after refusals: %d", status)
	}
}

// TestOnePublisher demands that all that is published goes where a process of its own gets
// it too.
func TestOnePublisher(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "agent.go" && !strings.HasSuffix(name, "_test.go") && strings.Contains(string(text), ".server.Publish(") {
			t.Errorf("%s publishes in this process alone, expected publishWorld", name)
		}
	}
}
