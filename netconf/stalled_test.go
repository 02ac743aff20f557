package netconf

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestStalledReaders has clients that ask for everything and read nothing: each costs a
// bounded buffer, is closed after a time, and is in nobody's way.
func TestStalledReaders(t *testing.T) {
	t.Run("ssh", func(t *testing.T) {
		// The clients are in this process too: what they hold is the window of SSH.
		stalledReaders(t, 2<<20, func(f *fixture) func() (*peer, error) {
			addr, key := f.listenSSH(), newSigner(t)
			return func() (*peer, error) { return openPeer(addr, key) }
		})
	})
	t.Run("tls", func(t *testing.T) {
		stalledReaders(t, 0, func(f *fixture) func() (*peer, error) {
			dial := overTLS(f, selfSigned(t))
			return func() (*peer, error) { return newPeer(dial()) }
		})
	})
}

// stalledReaders is TestStalledReaders over one transport, of which the client holds
// window bytes. listen starts a server and returns how to open a session.
func stalledReaders(t *testing.T, window int64, listen func(*fixture) func() (*peer, error)) {
	const stalled, entries, requests, most = 10, 60_000, 8, 300_000
	var running strings.Builder
	for i := range entries {
		fmt.Fprintf(&running, `<stall><name>the one with the number %d</name><size>7</size></stall>`, i)
	}
	f := start(t, `<farm xmlns="urn:farm">`+running.String()+`</farm>`, Options{WriteTimeout: 2 * time.Second})
	open := listen(f)
	bystander, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer bystander.conn.Close()
	var peers []*peer
	for range stalled {
		p, err := open()
		if err != nil {
			t.Fatal(err)
		}
		defer p.conn.Close()
		peers = append(peers, p)
	}
	before, goroutines := inUse(), runtime.NumGoroutine()
	for _, p := range peers {
		for range requests { // more than the kernel's buffers hold
			if err := p.write(`<rpc xmlns="` + nsBase + `" message-id="1"><get-config><source><running/></source></get-config></rpc>`); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(time.Second)
	each := (inUse()-before)/stalled - window
	t.Logf("%d bytes besides the client's for each of %d that do not read, %d goroutines more", each, stalled, runtime.NumGoroutine()-goroutines)
	if each > most {
		t.Errorf("a client that does not read takes %d bytes, want %d at most", each, most)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 2 {
		t.Errorf("%d goroutines more", more)
	}
	for range 20 {
		if err := bystander.ask(`<edit-config><target><running/></target><config><farm xmlns="urn:farm"><owner>x</owner></farm></config></edit-config>`, "<ok/>"); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); len(f.store.Sessions()) > 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d sessions, want one", len(f.store.Sessions()))
		}
	}
	if err := bystander.ask("<discard-changes/>", "<ok/>"); err != nil {
		t.Error(err)
	}
}
