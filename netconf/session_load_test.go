package netconf

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/netconf/transport"
	"golang.org/x/crypto/ssh"
)

// anyKey lets everybody in who has a key.
type anyKey struct{}

func (anyKey) Password(string, string, net.Addr) error         { return errors.New("no passwords") }
func (anyKey) PublicKey(string, ssh.PublicKey, net.Addr) error { return nil }

func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// listenSSH serves f over SSH on loopback until the test ends.
func (f *fixture) listenSSH() (addr string) {
	f.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	s := &transport.SSHServer{HostKeys: []ssh.Signer{newSigner(f)}, Auth: anyKey{}, Handle: f.server.Handle}
	f.serve.Go(func() {
		if err := s.Serve(serving, l); err != nil {
			f.Error(err)
		}
	})
	f.Cleanup(stop)
	return l.Addr().String()
}

// peer is a client of one SSH session whose errors are values, for many at once.
type peer struct {
	conn   io.Closer
	framer *transport.Framer
}

// openPeer opens a session of base:1.1.
func openPeer(addr string, key ssh.Signer) (*peer, error) {
	c, err := transport.DialSSH(ctx, addr, "ann", ssh.InsecureIgnoreHostKey(), ssh.PublicKeys(key))
	if err != nil {
		return nil, err
	}
	return newPeer(c)
}

// newPeer opens a session on a connection, which it closes if there is none.
func newPeer(c io.ReadWriteCloser) (*peer, error) {
	p := &peer{c, transport.NewFramer(c, transport.Limits{})}
	_, err := p.read()
	if err == nil {
		err = p.write(hello11)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	p.framer.SetChunked()
	return p, nil
}

func (p *peer) write(text string) error {
	m := p.framer.NewMessage()
	defer m.Discard()
	if _, err := m.WriteString(text); err != nil {
		return err
	}
	return m.Close()
}

func (p *peer) read() (string, error) {
	r, err := p.framer.Next()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

// ask carries out an operation whose reply must hold want.
func (p *peer) ask(operation, want string) error {
	if err := p.write(`<rpc xmlns="` + nsBase + `" message-id="1">` + operation + `</rpc>`); err != nil {
		return err
	}
	reply, err := p.read()
	if err == nil && !strings.Contains(reply, want) {
		err = fmt.Errorf("%s is answered with %s, want %s", operation, reply, want)
	}
	return err
}

// TestSessionsOverSSH has many sessions at once, each with an entry of its own in a list
// that all edit.
func TestSessionsOverSSH(t *testing.T) {
	const sessions = 100
	f := start(t, "", Options{})
	addr, key := f.listenSSH(), newSigner(t)
	var open, done sync.WaitGroup
	open.Add(sessions)
	for i := range sessions {
		done.Go(func() {
			p, err := openPeer(addr, key)
			open.Done()
			if err != nil {
				t.Errorf("session %d: %v", i, err)
				return
			}
			defer p.conn.Close()
			open.Wait()
			if err := p.work(i); err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		})
	}
	done.Wait()
	c := f.session()
	defer c.close()
	if got := c.rpc(`<get-config><source><running/></source></get-config>`); strings.Count(got, "<stall>") != sessions {
		t.Errorf("%d entries of %d sessions", strings.Count(got, "<stall>"), sessions)
	}
}

// work is what one of many clients does, all in the same candidate.
func (p *peer) work(i int) error {
	entry := func(content string) string {
		return fmt.Sprintf(`<farm xmlns="urn:farm"><stall><name>s%d</name>%s</stall></farm>`, i, content)
	}
	edit := func(target, content string) string {
		return `<edit-config><target><` + target + `/></target><config>` + entry(content) + `</config></edit-config>`
	}
	read := `<get-config><source><running/></source><filter>` + entry("") + `</filter></get-config>`
	for _, step := range []struct{ operation, want string }{
		{read, "<data/>"},
		{edit("candidate", ""), "<ok/>"},
		{"<commit/>", "<ok/>"},
		{read, fmt.Sprintf("<name>s%d</name>", i)},
		{edit("running", ""), "<ok/>"},
		{"<close-session/>", "<ok/>"},
	} {
		if err := p.ask(step.operation, step.want); err != nil {
			return err
		}
	}
	return nil
}

// crowdEnv makes TestIdleSessions the clients of another process: the address and the
// number of sessions.
const crowdEnv = "ALTOAM_TEST_CROWD"

// TestIdleSessions measures what a session over SSH takes of the server's memory when
// nobody uses it: the clients are in a process of their own.
func TestIdleSessions(t *testing.T) {
	if crowd := os.Getenv(crowdEnv); crowd != "" {
		waitAsCrowd(t, crowd)
		return
	}
	const most = 70_000 * raceMemory
	sessions := 150
	if n, err := strconv.Atoi(os.Getenv("ALTOAM_SESSIONS")); err == nil {
		sessions = n
	}
	f := start(t, "", Options{})
	addr := f.listenSSH()
	before := inUse()
	c := exec.Command(os.Args[0], "-test.run=^TestIdleSessions$")
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", crowdEnv, addr, sessions))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "waiting\n" {
		t.Fatalf("the clients say %q, %v", line, err)
	}
	each := (inUse() - before) / int64(sessions)
	t.Logf("%d bytes and %d goroutines for each of %d sessions", each, runtime.NumGoroutine()/sessions, sessions)
	if each > most {
		t.Errorf("an idle session takes %d bytes, want %d at most", each, most)
	}
}

// inUse is the memory of heap and stacks that is not garbage, in bytes.
func inUse() int64 {
	var m runtime.MemStats
	for range 3 { // sync.Pool and stacks shrink with each
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// waitAsCrowd opens the sessions, uses each, says so and waits for the end of the input.
func waitAsCrowd(t *testing.T, crowd string) {
	addr, number, _ := strings.Cut(crowd, " ")
	sessions, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	key := newSigner(t)
	var opening sync.WaitGroup
	turn := make(chan struct{}, 16)
	for range sessions {
		turn <- struct{}{}
		opening.Go(func() {
			defer func() { <-turn }()
			p, err := openPeer(addr, key)
			if err == nil {
				err = p.ask(`<get-config><source><running/></source></get-config>`, "<data")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	fmt.Println("waiting")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
