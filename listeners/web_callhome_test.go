package listeners

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestWebCallHome answers requests over connections that the server has made.
func TestWebCallHome(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	a := await(t)
	place := func(more string) string {
		return `"ietf-restconf-server:restconf-server":{"call-home":{"restconf-client":[` +
			client("nms", persistent, "", fmt.Sprintf(`{"name":"x","https":{%s,%s}}`, remoteJSON(a.port), webStack(server, ca, more))) + `]}}`
	}
	f := start(t, place(""))
	for range 2 {
		c := tls.Client(a.called(), clientTLS(ca, ann))
		in := bufio.NewReader(c)
		for range 2 { // requests of one connection
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(r.Body); err != nil || string(text) != "ann by HTTP/1.1" {
				t.Errorf("%q, %v", text, err)
			}
		}
		c.Close()
	}
	tls.Client(a.called(), clientTLS(ca, nil)).Close() // no session without a certificate
	c := tls.Client(a.called(), clientTLS(ca, ann))
	fmt.Fprint(c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Body.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the event stream has ended with", err)
	}
	f.mustReplace("")
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 64)); err != nil { // the end of the stream
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Error("the connection to a client that was removed ends with", err)
	}
	a.quiet(50 * time.Millisecond)
}

// TestWebIdle has the idle time of a periodic connection end it where no request comes,
// and not while an event stream goes on.
func TestWebIdle(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	silent, streaming := await(t), await(t)
	place := func(name string, a *awaited) string {
		return client(name, `"periodic":{"period":1,"idle-timeout":1}`, "", fmt.Sprintf(`{"name":"x","https":{%s,%s}}`, remoteJSON(a.port), webStack(server, ca, "")))
	}
	start(t, `"ietf-restconf-server:restconf-server":{"call-home":{"restconf-client":[`+place("a", silent)+","+place("b", streaming)+`]}}`)
	idle, busy := tls.Client(silent.called(), clientTLS(ca, ann)), tls.Client(streaming.called(), clientTLS(ca, ann))
	defer busy.Close()
	fmt.Fprint(busy, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
	if r, err := http.ReadResponse(bufio.NewReader(busy), nil); err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := idle.SetReadDeadline(begun.Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(begun) < 500*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	if err := busy.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := busy.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection of an event stream has ended with", err)
	}
}
