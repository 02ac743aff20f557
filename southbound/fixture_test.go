package southbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"

	"github.com/altoam/altoam/alto"
)

// accessForm is what the tests hand over as access: where to listen, or that it is refused.
type accessForm struct {
	Addrs   []string `json:"addrs"`
	Refused string   `json:"refused,omitempty"`
}

func realise(form []byte) (Realised, error) {
	var f accessForm
	if err := json.Unmarshal(form, &f); err != nil {
		return Realised{}, err
	}
	if f.Refused != "" {
		return Realised{}, errors.New(f.Refused)
	}
	c := alto.Config{Authenticate: func(r *http.Request) ([]string, bool) {
		alto.NoteClients(r, "here", "gone")
		return nil, true
	}}
	return Realised{Config: c, Listen: alto.ListenConfig{Addrs: f.Addrs}, Client: func(id string) bool { return id != "gone" }}, nil
}

func accessOf(f accessForm) *Access {
	return &Access{Form: func() ([]byte, error) { return json.Marshal(f) }}
}

var anywhere = accessOf(accessForm{Addrs: []string{"127.0.0.1:0"}})

// mapOf is a resource with the network map of a number; the same number is the same map.
func mapOf(t testing.TB, id string, number int) *alto.Resource {
	t.Helper()
	m, err := alto.NewNetworkMap([]alto.PID{
		{Name: "all", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}},
		{Name: "here", Prefixes: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(number), 0, 0}), 16)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &alto.Resource{ID: id, Service: alto.FullNetworkMap{Map: m}}
}

// snapshotOf has a map under each ID.
func snapshotOf(t testing.TB, maps map[string]int) *alto.Snapshot {
	t.Helper()
	c := alto.Config{BaseURI: "/"}
	for id, number := range maps {
		c.Resources = append(c.Resources, mapOf(t, id, number))
	}
	s, err := alto.NewSnapshot(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stepOf(t testing.TB, maps map[string]int) Step {
	t.Helper()
	return Step{Snapshot: snapshotOf(t, maps), Window: alto.DefaultWindow, MaxClients: 10, Access: anywhere}
}

// plane is a server that can be killed and started again at one socket.
type plane struct {
	*testing.T
	socket string
	o      ServerOptions

	mu     sync.Mutex
	server *Server
	stop   context.CancelFunc
	ended  chan struct{}
	starts int
}

func newPlane(t *testing.T) *plane {
	p := &plane{T: t, socket: filepath.Join(t.TempDir(), "s"), o: ServerOptions{Realise: realise}}
	t.Cleanup(p.kill)
	return p
}

func (p *plane) start(string) (<-chan struct{}, error) {
	ln, err := net.Listen("unix", p.socket)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, stop := context.WithCancel(context.Background())
	server, ended := NewServer(p.o), make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Run(ctx, ln); err != nil {
			p.Errorf("the server ended: %v", err)
		}
	}()
	p.server, p.stop, p.ended, p.starts = server, stop, ended, p.starts+1
	return ended, nil
}

func (p *plane) kill() {
	p.mu.Lock()
	stop, ended := p.stop, p.ended
	p.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// process is the plane, which a Side may start.
func (p *plane) process() *Process { return &Process{Socket: p.socket, Start: p.start} }

// newTestSide runs a side until stop, or the end of the test.
func newTestSide(t *testing.T, with func(*Options)) (s *Side, stop func()) {
	server := alto.NewServer(nil)
	o := Options{Server: server, Stack: alto.NewStack(server), Retry: 0}
	if with != nil {
		with(&o)
	}
	s = NewSide(o)
	s.Publish(Step{Snapshot: emptySnapshot()}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return s, stop
}

// agreed waits until clients see what was published last.
func agreed(t *testing.T, s *Side) {
	t.Helper()
	eventually(t, "they agree", func() bool { return s.Status().Agreed() && s.Status().Error == "" })
}

// fetch asks the server of a side for the map of a resource.
func fetch(s *Side, id string) (status int, body string, err error) {
	addrs := s.Addrs()
	if len(addrs) == 0 {
		return 0, "", errors.New("it listens nowhere")
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + addrs[0].Addr + "/networkmap/" + id)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// shows checks which number of map a resource has, -1 for none.
func shows(t *testing.T, s *Side, id string, number int) {
	t.Helper()
	status, body, err := fetch(s, id)
	want := fmt.Sprintf(`"10.%d.0.0/16"`, number)
	switch {
	case err != nil:
		t.Error(err)
	case number < 0 && status != http.StatusNotFound, number >= 0 && (status != http.StatusOK || !contains(body, want)):
		t.Errorf("resource %s: %d %s, expected map %d", id, status, body, number)
	}
}
