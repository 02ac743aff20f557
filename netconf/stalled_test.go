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
	const stalled, entries, most = 10, 60_000, 300_000
	var running strings.Builder
	for i := range entries {
		fmt.Fprintf(&running, `<stall><name>the one with the number %d</name><size>7</size></stall>`, i)
	}
	f := start(t, `<farm xmlns="urn:farm">`+running.String()+`</farm>`, Options{WriteTimeout: 3 * time.Second})
	addr, key := f.listenSSH(), newSigner(t)
	bystander, err := openPeer(addr, key)
	if err != nil {
		t.Fatal(err)
	}
	defer bystander.conn.Close()
	var peers []*peer
	for range stalled {
		p, err := openPeer(addr, key)
		if err != nil {
			t.Fatal(err)
		}
		defer p.conn.Close()
		peers = append(peers, p)
	}
	before, goroutines := inUse(), runtime.NumGoroutine()
	for _, p := range peers {
		if err := p.write(`<rpc xmlns="` + nsBase + `" message-id="1"><get-config><source><running/></source></get-config></rpc>`); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(500 * time.Millisecond)
	// The clients are in this process too: what they hold is the window of SSH, 2 MiB.
	const window = 2 << 20
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
