package logging

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// router runs until the test ends, or until what it returns is called.
func router(t *testing.T) (r *Router, stop func()) {
	r = NewRouter()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		r.Run(ctx)
		close(done)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return r, stop
}

func target(name string, d Destination, queue int) *Target {
	return NewTarget(Settings{Name: name, Selection: Select(Debug), Header: header, Destination: d, Queue: queue}, slog.New(slog.DiscardHandler))
}

func event(i int) *Record {
	return &Record{Time: noon, Kind: Event, Severity: Informational, Message: fmt.Sprint("event ", i)}
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("did not happen: %s", what)
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	list := strings.Split(string(text), "\n")
	if list[len(list)-1] != "" {
		t.Errorf("%s ends within a line: %q", path, list[len(list)-1])
	}
	return list[:len(list)-1]
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	r, stop := router(t)
	early := target("file", File{Path: path, Mode: 0o600}, 100)
	r.Use([]*Target{early}, DefaultTruncation)
	r.Log(event(1))
	eventually(t, "a line", func() bool { return len(lines(t, path)) == 1 })
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	// Somebody else renames it: another one is made.
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	r.Log(event(2))
	eventually(t, "a line in a new file", func() bool { return len(lines(t, path)) == 1 })
	if l := lines(t, path); !strings.HasSuffix(l[0], "event 2") || len(lines(t, path+".old")) != 1 {
		t.Errorf("lines %q", l)
	}

	// What is queued at the end is written.
	for i := range 50 {
		r.Log(event(i))
	}
	stop()
	if n := len(lines(t, path)); n != 51 {
		t.Errorf("%d lines at the end, expected 51", n)
	}
	if s := early.Status(); !s.Up || s.Sent != 52 || s.Dropped != 0 || s.Since.IsZero() {
		t.Errorf("status %+v", s)
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	r, stop := router(t)
	one := int64(len(File{}.append(nil, &header, event(100))))
	r.Use([]*Target{target("file", File{Path: path, Mode: 0o600, MaxBytes: 3 * one, Keep: 2}, 1000)}, DefaultTruncation)
	for i := range 20 {
		r.Log(event(100 + i))
	}
	stop()
	for name, want := range map[string]int{path: 118, path + ".1": 115, path + ".2": 112} {
		l := lines(t, name)
		if len(l) == 0 || len(l) > 3 || !strings.HasSuffix(l[0], fmt.Sprint("event ", want)) {
			t.Errorf("%s: %q, expected to begin with %d", filepath.Base(name), l, want)
		}
	}
	if _, err := os.Stat(path + ".3"); err == nil {
		t.Error("a third file is kept")
	}
}

func TestFileCheck(t *testing.T) {
	dir := t.TempDir()
	undo, err := File{Path: dir + "/new", Mode: 0o640}.Check()
	if err != nil {
		t.Fatal(err)
	}
	undo()
	if _, err := os.Stat(dir + "/new"); err == nil {
		t.Error("a file was left behind")
	}
	if err := os.WriteFile(dir+"/old", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if undo, err = (File{Path: dir + "/old"}).Check(); err != nil {
		t.Fatal(err)
	}
	undo()
	if text, err := os.ReadFile(dir + "/old"); string(text) != "x" {
		t.Errorf("the file that was there: %q, %v", text, err)
	}
	for _, path := range []string{dir, dir + "/no/file", "/dev/null"} {
		if _, err := (File{Path: path}).Check(); err == nil {
			t.Errorf("%s can be written to", path)
		}
	}
}

// serve collects messages with octet counting from one connection after the other.
func serve(t *testing.T, ln net.Listener, got chan<- string) {
	conn, err := ln.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		var n int
		if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
			return
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(in, text); err != nil {
			return
		}
		got <- string(text)
	}
}

// TestOutage has a server that is not there: nobody waits, what does not fit is dropped and
// told once the server is there.
func TestOutage(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	r, _ := router(t)
	remote := target("remote", Remote{Transport: TCP, Addr: addr}, 4)
	r.Use([]*Target{remote}, DefaultTruncation)
	r.Log(event(0))
	eventually(t, "the failure", func() bool { return remote.Status().LastError != "" })
	begin := time.Now()
	for i := range 100 {
		r.Log(event(1 + i))
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("100 records took %s", took)
	}
	s := remote.Status()
	if s.Up || s.Dropped != 96 || s.Queued != 4 {
		t.Errorf("status %+v", s)
	}

	if ln, err = net.Listen("tcp4", addr); err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan string, 100)
	go serve(t, ln, got)
	want := []string{`[event@32473 count="96"]`, "event 0", "event 1", "event 2", "event 3", "event 4"}
	for i, text := range want {
		select {
		case m := <-got:
			if !strings.Contains(m, text) || !message.MatchString(m) {
				t.Errorf("message %d: %q, expected …%s", i, m, text)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("no message %d", i)
		}
	}
	eventually(t, "it is up", func() bool { s := remote.Status(); return s.Up && s.Sent == 5 && s.Queued == 0 })
}

// TestStall has a server that reads nothing: neither loggers nor a change of targets wait.
func TestStall(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r, stop := router(t)
	stalled := target("stalled", Remote{Transport: TCP, Addr: ln.Addr().String()}, 64)
	r.Use([]*Target{stalled}, DefaultTruncation)
	big := &Record{Time: noon, Kind: Event, Severity: Error, Message: strings.Repeat("x", maxMessage)}
	begin := time.Now()
	for range 20000 { // more than the buffers of the system take
		r.Log(big)
	}
	eventually(t, "records are dropped", func() bool {
		r.Log(big)
		return stalled.Status().Dropped > 0
	})
	r.Use(nil, DefaultTruncation)
	stop()
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestDatagrams(t *testing.T) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	path := filepath.Join(t.TempDir(), "s")
	unix, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	r, _ := router(t)
	for _, c := range []struct {
		d    Destination
		at   net.PacketConn
		want string
	}{{Remote{Addr: udp.LocalAddr().String()}, udp, "event - event 7"}, {Socket{path}, unix, "altoamd[8]: event 7"}, {Journal{path}, unix, "MESSAGE=event 7\n"}} {
		r.Use([]*Target{target("x", c.d, 10)}, DefaultTruncation)
		r.Log(event(7))
		r.Log(event(8))
		for _, want := range []string{c.want, strings.ReplaceAll(c.want, "7", "8")} {
			buf := make([]byte, 4096)
			_ = c.at.SetReadDeadline(time.Now().Add(5 * time.Second))
			n, _, err := c.at.ReadFrom(buf)
			if got := string(buf[:n]); err != nil || !strings.Contains(got, want) {
				t.Errorf("%T: %q, %v, expected …%s…", c.d, got, err, want)
			}
		}
	}
}

func TestSelection(t *testing.T) {
	dir := t.TempDir()
	r, stop := router(t)
	some := NewTarget(Settings{Name: "some", Selection: Select(Warning, Event), Header: header, Destination: File{Path: dir + "/some", Mode: 0o600}, Queue: 9}, slog.New(slog.DiscardHandler))
	r.Use([]*Target{some}, DefaultTruncation)
	if r.Wants(Event, Informational) || r.Wants(Access, Error) || !r.Wants(Event, Warning) {
		t.Error("it wants other records than its target")
	}
	log := slog.New(NewHandler(slog.DiscardHandler, r)).With("a", 1).WithGroup("g")
	log.Info("no")
	log.Warn("yes", "b", "x y", slog.Group("h", "c", true))
	r.Log(&Record{Kind: Access, Severity: Error, Message: "no"})
	stop()
	l := lines(t, dir+"/some")
	if len(l) != 1 || !strings.HasSuffix(l[0], `event [event@32473 a="1" g.b="x y" g.h.c="true"] yes`) || !strings.HasPrefix(l[0], "<28>1 ") {
		t.Errorf("lines %q", l)
	}
}

func TestTruncation(t *testing.T) {
	for _, c := range []struct {
		keep     Truncation
		in, want string
	}{
		{DefaultTruncation, "192.0.2.77", "192.0.2.0"},
		{DefaultTruncation, "::ffff:192.0.2.77", "192.0.2.0"},
		{DefaultTruncation, "2001:db8:1:2::3", "2001:db8:1::"},
		{DefaultTruncation, "fe80::1%lo", "fe80::"},
		{Truncation{32, 128}, "192.0.2.77", "192.0.2.77"},
		{Truncation{32, 128}, "2001:db8::1", "2001:db8::1"},
		{Truncation{0, 0}, "192.0.2.77", "0.0.0.0"},
	} {
		if got := c.keep.Address(netip.MustParseAddr(c.in)).String(); got != c.want {
			t.Errorf("%s kept to %v is %s, expected %s", c.in, c.keep, got, c.want)
		}
	}
}
