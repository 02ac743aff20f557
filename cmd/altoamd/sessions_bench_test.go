package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// keyed is the part of ietf-system that the sessions of a crowd need to log in with a
// key, which costs no password hash.
var keyed = []string{"--module", "ietf-system"}

func newKey(t testing.TB) ssh.Signer {
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

// authorize lets the administrator in with key.
func (n *netconfClient) authorize(key ssh.PublicKey) {
	n.b.Helper()
	n.call(`<edit-config><target><candidate/></target><config><system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><authentication>` +
		`<user><name>` + adminUser + `</name><authorized-key><name>crowd</name><algorithm>` + key.Type() + `</algorithm>` +
		`<key-data>` + base64.StdEncoding.EncodeToString(key.Marshal()) + `</key-data></authorized-key></user></authentication></system></config></edit-config>`)
	n.call(`<commit/>`)
}

// peer is a NETCONF session whose errors are values, for many at once.
type peer struct {
	conn *transport.Conn
	f    *transport.Framer
}

// openPeer opens a session: connection, key exchange, authentication and hello.
func openPeer(addr string, auth ...ssh.AuthMethod) (*peer, error) {
	c, err := transport.DialSSH(context.Background(), addr, adminUser, ssh.InsecureIgnoreHostKey(), auth...)
	if err != nil {
		return nil, err
	}
	p := &peer{c, transport.NewFramer(c, transport.Limits{})}
	if err = p.send(hello); err == nil {
		_, err = p.receive()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	p.f.SetChunked()
	return p, nil
}

func (p *peer) send(text string) error {
	m := p.f.NewMessage()
	defer m.Discard()
	if _, err := m.WriteString(text); err != nil {
		return err
	}
	return m.Close()
}

func (p *peer) receive() (string, error) {
	r, err := p.f.Next()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// ask carries out an operation whose reply must hold want.
func (p *peer) ask(operation, want string) error {
	if err := p.send(`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">` + operation + `</rpc>`); err != nil {
		return err
	}
	reply, err := p.receive()
	if err == nil && !strings.Contains(reply, want) {
		err = fmt.Errorf("%s is answered with %s, want %s", operation, reply, want)
	}
	return err
}

// work is what each of many clients does with an entry of its own, all in the same
// candidate.
func (p *peer) work(i int) error {
	read := getResource(fmt.Sprintf("own%d", i))
	return p.script([][2]string{
		{read, "<data/>"},
		{editConfig(directory(i, "first")), "<ok/>"},
		{"<commit/>", "<ok/>"},
		{read, "first"},
		{strings.Replace(editConfig(directory(i, "second")), "<candidate/>", "<running/>", 1), "<ok/>"},
		{read, "second"},
	})
}

func (p *peer) script(steps [][2]string) error {
	for _, s := range steps {
		if err := p.ask(s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

func directory(i int, description string) string {
	return fmt.Sprintf(`<resource><resource-id>own%d</resource-id><resource-type>ird</resource-type><description>%s</description>`+
		`<alto-ird-params><delegation>https://alto%d.example.net/</delegation></alto-ird-params>`+
		`<resource-limits><notify-res-mem-limit>100000</notify-res-mem-limit></resource-limits></resource>`, i, description, i)
}

func getResource(id string) string {
	return `<get-config><source><running/></source><filter><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto">` +
		`<alto-server><resource><resource-id>` + id + `</resource-id></resource></alto-server></alto></filter></get-config>`
}

// listenOnly is what a server of directories must have besides them.
const listenOnly = `<listen><http><tcp-server-parameters><local-bind><local-address>127.0.0.1</local-address></local-bind></tcp-server-parameters></http></listen>`

// crowd opens sessions at once, a few at a time as far as they are not authenticated.
func crowd(t testing.TB, addr string, n int, auth ...ssh.AuthMethod) []*peer {
	t.Helper()
	all := make([]*peer, n)
	turn := make(chan struct{}, 32)
	var opening sync.WaitGroup
	for i := range all {
		turn <- struct{}{}
		opening.Go(func() {
			defer func() { <-turn }()
			p, err := openPeer(addr, auth...)
			if err != nil {
				t.Errorf("session %d: %v", i, err)
				return
			}
			all[i] = p
			t.Cleanup(func() { p.conn.Close() })
		})
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

// each runs do for all sessions at the same time.
func each(t testing.TB, all []*peer, do func(p *peer, i int) error) {
	t.Helper()
	var working sync.WaitGroup
	for i, p := range all {
		working.Go(func() {
			if err := do(p, i); err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		})
	}
	working.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// TestCrowd has 100 sessions do everything at once; ALTOAM_SESSIONS sets another number.
func TestCrowd(t *testing.T) {
	n := 100
	if more, err := strconv.Atoi(os.Getenv("ALTOAM_SESSIONS")); err == nil {
		n = more
	}
	s := launch(t, false, keyed...)
	key := newKey(t)
	c := dial(t, s.started)
	c.authorize(key.PublicKey())
	c.call(editConfig(listenOnly))
	c.call(`<commit/>`)
	start := time.Now()
	all := crowd(t, s.Netconf, n, ssh.PublicKeys(key))
	opened := time.Now()
	each(t, all, (*peer).work)
	t.Logf("%d sessions: opened in %v, all did 6 operations in %v", n, opened.Sub(start), time.Since(opened))
}

// BenchmarkIdleSessions is the resident memory of the process for each of 1 000
// sessions that have said hello and read an entry, after the server has become calm.
func BenchmarkIdleSessions(b *testing.B) {
	const sessions = 1000
	for b.Loop() {
		p := launch(b, false, keyed...)
		key := newKey(b)
		c := dial(b, p.started)
		c.authorize(key.PublicKey())
		crowdOnce := crowd(b, p.Netconf, sessions, ssh.PublicKeys(key)) // what the first sessions leave behind is not theirs
		for _, x := range crowdOnce {
			x.conn.Close()
		}
		before := p.calm()
		start := time.Now()
		all := crowd(b, p.Netconf, sessions, ssh.PublicKeys(key))
		opened := time.Since(start)
		each(b, all, func(x *peer, _ int) error { return x.ask(getResource("none"), "<data/>") })
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(sessions/opened.Seconds(), "opened/s")
		b.ReportMetric((p.calm()-before)*1000/sessions, "KB/session")
	}
}

// calm is the memory that the process has to itself once it has given back, in MB.
func (p *process) calm() float64 {
	time.Sleep(3*memoryTick + time.Second)
	return p.memory().anon
}
