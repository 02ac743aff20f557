package agent_test

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/southbound"
)

// plane starts ALTO servers that an agent manages over a socket, as processes would be.
type plane struct {
	*testing.T
	mu     sync.Mutex
	stop   context.CancelFunc // of the one that was started last
	ended  chan struct{}
	starts int
}

func (p *plane) start(socket string) (<-chan struct{}, error) {
	s, err := schema()
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	server := southbound.NewServer(southbound.ServerOptions{Realise: agent.NewRealise(s, agent.Options{
		VerifyPassword: func(hash, password string) bool { return hash == hashOf(password) },
	})})
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
	p := &plane{T: t}
	t.Cleanup(p.kill)
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
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
