package southbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// TestSide: in this process, in another, which is killed, and back.
func TestSide(t *testing.T) {
	p := newPlane(t)
	s, _ := newTestSide(t, nil)
	if x := s.Status(); !x.Agreed() || x.Remote {
		t.Errorf("before another process is wanted: %+v", x)
	}
	process, seen := p.process(), make(chan struct{})
	process.Start = func(socket string) (<-chan struct{}, error) {
		<-seen
		return p.start(socket)
	}
	s.Publish(stepOf(t, map[string]int{"a": 1, "b": 2}), process)
	if x := s.Status(); x.Agreed() || !x.Remote {
		t.Errorf("at once: %+v", x)
	}
	close(seen)
	agreed(t, s)
	shows(t, s, "a", 1)
	shows(t, s, "b", 2)
	if x := s.Status(); x.Process != os.Getpid() || x.Starts != 1 || len(x.Unbound) > 0 {
		t.Errorf("%+v", x)
	}
	s.Publish(stepOf(t, map[string]int{"a": 3}), process)
	agreed(t, s)
	shows(t, s, "a", 3)
	shows(t, s, "b", -1)

	p.kill()
	eventually(t, "another one is started", func() bool { return s.Status().Starts == 2 })
	agreed(t, s)
	shows(t, s, "a", 3)

	s.Publish(stepOf(t, map[string]int{"a": 4}), nil)
	if x := s.Status(); !x.Agreed() || x.Remote || x.Process != 0 {
		t.Errorf("back in this process: %+v", x)
	}
	eventually(t, "the process has ended", func() bool {
		select {
		case <-p.ended:
			return true
		default:
			return false
		}
	})
}

// TestAway: what is published while nobody answers is known to be missing, for how long and
// why, and comes to be when somebody does.
func TestAway(t *testing.T) {
	p := newPlane(t)
	now := time.Unix(1000, 0)
	s, _ := newTestSide(t, func(o *Options) { o.Now, o.Retry = func() time.Time { return now }, 20*time.Millisecond })
	process := &Process{Socket: p.socket}
	if _, err := p.start(""); err != nil {
		t.Fatal(err)
	}
	s.Publish(stepOf(t, nil), process)
	agreed(t, s)
	p.kill()
	eventually(t, "it is known to be gone", func() bool { return s.Status().Applied == nil })
	s.Publish(stepOf(t, map[string]int{"a": 1}), process)
	eventually(t, "the reason is known", func() bool { return contains(s.Status().Error, "no such file") })
	now = now.Add(3 * time.Second)
	if x := s.Status(); x.Agreed() || x.Applied != nil || s.Lag(x.Want.MarkOf("a")) != 3*time.Second {
		t.Errorf("%+v, lag %s", x, s.Lag(x.Want.MarkOf("a")))
	}
	if _, ok := s.Stats(); ok {
		t.Error("there are figures of nobody")
	}
	if _, ok := s.ResourceStats("a"); ok {
		t.Error("there are figures of a resource of nobody")
	}
	if _, err := p.start(""); err != nil {
		t.Fatal(err)
	}
	agreed(t, s)
	shows(t, s, "a", 1)
	p.kill()
	eventually(t, "it is known to be gone", func() bool { return s.Status().Applied == nil })
	if _, ok := s.Stats(); len(s.Addrs()) > 0 || ok {
		t.Errorf("addresses %v, figures %t", s.Addrs(), ok)
	}
}

// TestRefused: a step that the server refuses changes nothing there, and is tried again.
func TestRefused(t *testing.T) {
	p := newPlane(t)
	s, _ := newTestSide(t, func(o *Options) { o.Retry = 20 * time.Millisecond })
	process := p.process()
	good := stepOf(t, map[string]int{"a": 1})
	s.Publish(good, process)
	agreed(t, s)
	bad := stepOf(t, map[string]int{"a": 2})
	bad.Access = accessOf(accessForm{Refused: "not like this"})
	s.Publish(bad, process)
	eventually(t, "it is refused", func() bool { return contains(s.Status().Error, "not like this") })
	if x := s.Status(); x.Agreed() || x.Applied == nil || x.Applied.Snapshot != good.Snapshot {
		t.Errorf("%+v", x)
	}
	shows(t, s, "a", 1)
	unwritable := good
	unwritable.Access = &Access{Form: func() ([]byte, error) { return nil, errors.New("no form") }}
	s.Publish(unwritable, process)
	eventually(t, "it cannot be handed over", func() bool { return contains(s.Status().Error, "no form") })
	s.Publish(stepOf(t, map[string]int{"a": 3}), process)
	agreed(t, s)
	shows(t, s, "a", 3)
	if n := s.Status().Starts; n != 1 {
		t.Errorf("%d processes were started", n)
	}
}

// TestTakenAddress: an address that is in use does not keep the rest from being applied.
func TestTakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlane(t)
	s, _ := newTestSide(t, func(o *Options) { o.Retry = 20 * time.Millisecond })
	x := stepOf(t, map[string]int{"a": 1})
	x.Access = accessOf(accessForm{Addrs: []string{"127.0.0.1:0", taken.Addr().String()}})
	s.Publish(x, p.process())
	agreed(t, s)
	shows(t, s, "a", 1)
	if u := s.Status().Unbound; len(u) != 1 || u[0].Addr != taken.Addr().String() || !contains(u[0].Error, "in use") {
		t.Errorf("unbound: %+v", u)
	}
	taken.Close()
	eventually(t, "it is bound", func() bool { return len(s.Status().Unbound) == 0 && len(s.Addrs()) == 2 })
}

// TestManagers: one that comes takes the place of the one before, has what is served
// compared by digest, and sends what differs. Counters go on.
func TestManagers(t *testing.T) {
	p := newPlane(t)
	first, stop := newTestSide(t, nil)
	first.Publish(stepOf(t, map[string]int{"a": 1, "b": 1, "c": 1}), p.process())
	agreed(t, first)
	for range 3 {
		shows(t, first, "a", 1)
	}
	before, _ := first.Stats()
	account, _ := first.ResourceStats("a")
	stop()
	shows(t, first, "a", 1) // nobody manages

	second, _ := newTestSide(t, nil)
	second.Publish(stepOf(t, map[string]int{"a": 1, "b": 2, "d": 1}), p.process())
	agreed(t, second)
	for id, number := range map[string]int{"a": 1, "b": 2, "c": -1, "d": 1} {
		shows(t, second, id, number)
	}
	after, ok := second.Stats()
	of, _ := second.ResourceStats("a")
	if !ok || after.Started != before.Started || after.Total.Requests < before.Total.Requests+4 || of.Created != account.Created || of.Total.Requests < account.Total.Requests+1 {
		t.Errorf("counters of another manager: %+v and %+v, before %+v and %+v", after, of, before, account)
	}
	p.kill()
	eventually(t, "another process serves", func() bool { return second.Status().Starts == 1 && second.Status().Agreed() })
	anew, ok := second.Stats()
	if !ok || !anew.Started.After(after.Started) || !anew.Discontinuity.After(after.Discontinuity) {
		t.Errorf("counters of another process: %+v, before %+v", anew, after)
	}
}

// TestStrangers: what is no server, or not of this version, is told apart and does no harm,
// nor does a manager that says what makes no sense.
func TestStrangers(t *testing.T) {
	for _, c := range []struct{ name, says, want string }{
		{"another version", string(framed(t, messageFrame, []byte(`{"hello":{"protocol":2}}`))), "version 2 of the protocol, expected 1"},
		{"no hello", string(framed(t, messageFrame, []byte(`{}`))), "no ALTO server"},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "is not one"},
		{"pushes", string(framed(t, pushFrame, nil)), "nobody asked for"},
		{"nothing", "", "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			ln, err := net.Listen("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				conn, err := ln.Accept()
				if err == nil {
					_, _ = io.WriteString(conn, c.says)
					_ = conn.Close()
				}
			}()
			l, err := dial(context.Background(), socket, nil)
			if err == nil {
				l.close()
			}
			if err == nil || !contains(err.Error(), c.want) {
				t.Errorf("%v, expected %q", err, c.want)
			}
		})
	}
	p := newPlane(t)
	s, _ := newTestSide(t, nil)
	s.Publish(stepOf(t, map[string]int{"a": 1}), p.process())
	agreed(t, s)
	for _, says := range []string{"GET / HTTP/1.1\r\n\r\n", string(framed(t, 'x', nil)), string(framed(t, messageFrame, []byte(`{}`))), string(framed(t, messageFrame, []byte(`[`)))} {
		conn, err := net.Dial("unix", p.socket)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.WriteString(conn, says); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil && !contains(err.Error(), "reset") {
			t.Errorf("%q: %v", says, err)
		}
		conn.Close()
		agreed(t, s)
		shows(t, s, "a", 1)
	}
	if n := s.Status().Starts; n != 1 {
		t.Errorf("%d processes were started", n)
	}
}

func TestUser(t *testing.T) {
	if err := judgeUser(1000, 1000); err != nil {
		t.Error(err)
	}
	if err := judgeUser(1000, 1001); err == nil || !contains(err.Error(), "user 1000, expected 1001") {
		t.Errorf("another user: %v", err)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if sameUser(a) == nil {
		t.Error("what is no Unix socket is accepted")
	}
}

// TestPush: what the server hands over comes, in order, also what it had while there was no
// manager; what the manager wants is told, once for each change.
func TestPush(t *testing.T) {
	p := newPlane(t)
	wanted := make(chan string, 10)
	p.o.Want = func(form []byte) { wanted <- string(form) }
	want, came := `{"n":1}`, make(chan string, 10)
	s, stop := newTestSide(t, func(o *Options) {
		o.Want = func() []byte { return []byte(want) }
		o.Pushed = func(content []byte) { came <- string(content) }
	})
	s.Publish(stepOf(t, nil), p.process())
	agreed(t, s)
	s.Wanted() // nothing new
	if err := p.server.Push(t.Context(), []byte("1")); err != nil || <-came != "1" || <-wanted != want {
		t.Errorf("pushing: %v", err)
	}
	stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	eventually(t, "the manager has gone", func() bool {
		p.server.mu.Lock()
		defer p.server.mu.Unlock()
		return p.server.managing == nil
	})
	if err := p.server.Push(ctx, []byte("2")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("pushing to nobody: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- p.server.Push(t.Context(), []byte("3")) }()
	want = `{"n":2}`
	s, _ = newTestSide(t, func(o *Options) {
		o.Want = func() []byte { return []byte(want) }
		o.Pushed = func(content []byte) { came <- string(content) }
	})
	s.Publish(stepOf(t, nil), p.process())
	if err := <-done; err != nil || <-came != "3" || <-wanted != want || len(wanted) > 0 {
		t.Errorf("pushing to the next: %v", err)
	}
}

// TestBuilds: a process of another build is replaced where it can be started, and managed
// where somebody else starts it.
func TestBuilds(t *testing.T) {
	p := newPlane(t)
	p.o.Build = "old"
	first, stop := newTestSide(t, func(o *Options) { o.Build = "old" })
	first.Publish(stepOf(t, map[string]int{"a": 1}), p.process())
	agreed(t, first)
	stop()
	attached, stop := newTestSide(t, func(o *Options) { o.Build = "new" })
	attached.Publish(stepOf(t, map[string]int{"a": 2}), &Process{Socket: p.socket})
	agreed(t, attached)
	stop()
	p.o.Build = "new"
	third, _ := newTestSide(t, func(o *Options) { o.Build = "new" })
	third.Publish(stepOf(t, map[string]int{"a": 3}), p.process())
	agreed(t, third)
	shows(t, third, "a", 3)
	if n := third.Status().Starts; n != 1 {
		t.Errorf("%d processes were started, expected one in the place of the old one", n)
	}
}

// TestLeftover: a process that serves although nobody wants it to is told to end.
func TestLeftover(t *testing.T) {
	p := newPlane(t)
	first, stop := newTestSide(t, nil)
	first.Publish(stepOf(t, map[string]int{"a": 1}), p.process())
	agreed(t, first)
	stop()
	released := make(chan bool, 1)
	newTestSide(t, func(o *Options) { o.Leftover, o.Released = p.socket, func() { released <- true } })
	eventually(t, "it is released", func() bool { return len(released) > 0 })
	<-p.ended
	if resp, err := http.Get("http://" + first.Addrs()[0].Addr); err == nil {
		resp.Body.Close()
		t.Error("it listens still")
	}
}
