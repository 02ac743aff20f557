package agent_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/yang"
)

// apart has labs run the ALTO server outside the agent.
var apart = os.Getenv("ALTOAM_APART") != ""

// settled waits until clients see what is configured.
func (l *lab) settled() {
	if apart {
		l.eventually("the process has it", func() bool { return l.agent.Agreed() })
	}
}

// TestApart demands of an ALTO server in a process of its own what is demanded of the one
// in the agent. ALTOAM_APART=1 demands all of it.
func TestApart(t *testing.T) {
	before := apart
	apart = true
	defer func() { apart = before }()
	for name, test := range map[string]func(*testing.T){
		"serve": TestServe, "restart": TestRestart, "listen stacks": TestListenStacks, "HTTPS": TestHTTPS, "TLS clients": TestTLSClients,
		"requests in the log": TestLogAccess, "log after a restart": TestLogResumed, "counts of clients": TestClientStatistics,
		"answers": TestAnswers, "content": TestContent, "answers in metrics": TestAnswerMetrics, "streams": TestStreamBytes,
		"guard": TestGuard, "probe": TestProbeAsClient, "alarms of listeners": TestListenerAlarm, "what listens": TestEffectsOfListening,
		"access under load": TestAccessUnderLoad, "budgets": TestBudgets, "degraded": TestDegradedSource, "port": TestDegradedPort,
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
		VerifyPassword: func(hash, password string) bool { return hash == hashOf(password) },
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

// eventually waits up to five seconds for what must come to be.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within five seconds: %s", what)
		}
	}
}

func TestSouthboundProcess(t *testing.T) {
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
