package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// attacked is a server of this process with the password "x" of its administrator.
func attacked(t *testing.T) *started {
	t.Helper()
	t.Setenv(adminPasswordEnv, "x")
	s := start(t, runOptions{DataDir: t.TempDir()})
	t.Cleanup(s.end)
	return s
}

var basicX = "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(adminUser+":x")) + "\r\n"

// secure opens TLS to RESTCONF with a protocol.
func (s *started) secure(protocol string) *tls.Conn {
	s.t.Helper()
	c, err := tls.Dial("tcp", s.Restconf, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// heldNow is what is on the heap after a collection.
func heldNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestSmuggling sends requests whose end a proxy could see elsewhere than this server. None
// leads to an answer for what is hidden behind it.
func TestSmuggling(t *testing.T) {
	s := attacked(t)
	const hidden = "GET /restconf/yang-library-version HTTP/1.1\r\nHost: hidden\r\nX-Smuggled: 1\r\n\r\n"
	head := func(fields string) string {
		return "POST /restconf/operations/none HTTP/1.1\r\nHost: x\r\n" + basicX + "Content-Type: application/yang-data+json\r\n" + fields + "\r\n"
	}
	for name, text := range map[string]string{
		"two lengths":                  head("Content-Length: 0\r\nContent-Length: 80\r\n") + hidden,
		"a list of lengths":            head("Content-Length: 0, 80\r\n") + hidden,
		"a length with a sign":         head("Content-Length: +0\r\n") + hidden,
		"a negative length":            head("Content-Length: -1\r\n") + hidden,
		"a length in hexadecimal":      head("Content-Length: 0x0\r\n") + hidden,
		"an unknown transfer coding":   head("Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n") + hidden,
		"two transfer codings":         head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") + "0\r\n\r\n" + hidden,
		"a coding and then chunked":    head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n" + hidden,
		"a tab in the name of a field": head("Transfer-Encoding\t: chunked\r\nContent-Length: 0\r\n") + hidden,
		"a space before the colon":     head("Content-Length : 0\r\n") + hidden,
		"a line that goes on":          head("X: a\r\n\x00b\r\nContent-Length: 0\r\n") + hidden,
		"a carriage return alone":      head("X: a\rContent-Length: 0\r\n") + hidden,
		"NUL in a value":               head("X: a\x00b\r\nContent-Length: 0\r\n") + hidden,
		"a chunk of a wrong size":      head("Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n" + hidden,
		"a chunk of a negative size":   head("Transfer-Encoding: chunked\r\n") + "-1\r\n" + hidden,
		"a chunk without its end":      head("Transfer-Encoding: chunked\r\n") + "1\r\nxyz\r\n0\r\n\r\n" + hidden,
		"another version":              strings.Replace(head("Content-Length: 0\r\n"), "HTTP/1.1", "HTTP/1.10", 1) + hidden,
		"two Hosts":                    head("Host: y\r\nContent-Length: 0\r\n") + hidden,
	} {
		c := s.secure("http/1.1")
		_, _ = io.WriteString(c, text)
		_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
		answer, _ := io.ReadAll(c)
		c.Close()
		if n := strings.Count(string(answer), "HTTP/1.1 "); n != 1 || !strings.HasPrefix(string(answer), "HTTP/1.1 4") && !strings.HasPrefix(string(answer), "HTTP/1.1 5") {
			t.Errorf("%s: %d answers: %.300q", name, n, answer)
		}
	}
	// A length beside chunks: the chunks count, as RFC 9112 Section 6.3 has it, so that what
	// follows them is a request of its own, here of nobody.
	c := s.secure("http/1.1")
	_, _ = io.WriteString(c, head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")+"0\r\n\r\n"+strings.Replace(hidden, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
	answer, _ := io.ReadAll(c)
	if first, second, _ := strings.Cut(string(answer), "}\nHTTP/1.1 "); !strings.HasPrefix(first, "HTTP/1.1 400") || !strings.HasPrefix(second, "401") {
		t.Errorf("a length beside chunks: %.600q", answer)
	}
}

// TestEndlessHeaders sends header fields without end, many or long: the connection ends.
func TestEndlessHeaders(t *testing.T) {
	s := attacked(t)
	before := heldNow()
	for name, line := range map[string]string{
		"many":     "X-A: b\r\n",
		"one long": strings.Repeat("x", 4096),
	} {
		c := s.secure("http/1.1")
		_, _ = io.WriteString(c, "GET /restconf HTTP/1.1\r\nHost: x\r\nX: ")
		sent, err := 0, error(nil)
		for n := 0; err == nil && sent < 64<<20; sent += n {
			n, err = io.WriteString(c, strings.Repeat(line, 16))
		}
		if err == nil {
			t.Errorf("%s: %d bytes were taken", name, sent)
		}
		c.Close()
	}
	if grown := heldNow() - before; grown > 16<<20 {
		t.Errorf("%d bytes more in use", grown)
	}
}

// TestSlowHeaders: a byte now and then keeps no connection.
func TestSlowHeaders(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":         "",
		"a request line":  "GET /restconf HTTP/1.1",
		"a header":        "GET /restconf HTTP/1.1\r\nHost: x\r\nX: ",
		"half a preface":  "PRI * HTTP/2.0\r\n",
		"half a question": "G",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{log: slog.New(slog.DiscardHandler)}
			srv := s.httpServer(http.NotFoundHandler())
			inside, outside := net.Pipe()
			l := &once{c: inside, end: make(chan struct{})}
			go func() { _ = srv.Serve(l) }()
			began, gone := time.Now(), make(chan struct{})
			go func() {
				defer close(gone)
				_, err := io.WriteString(outside, text)
				for err == nil {
					time.Sleep(time.Second)
					_, err = io.WriteString(outside, "x")
				}
			}()
			_, _ = io.Copy(io.Discard, outside)
			if took := time.Since(began); took > headerTimeout+time.Second {
				t.Errorf("%s: the connection ended after %v", name, took)
			}
			outside.Close()
			srv.Close()
			<-gone
		})
	}
}

// frame2 is a frame of HTTP/2 (RFC 9113 Section 4.1).
func frame2(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	f := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}
	return append(binary.BigEndian.AppendUint32(f, stream), payload...)
}

// literal2 is a field of HPACK that is not indexed (RFC 7541 Section 6.2.2), of names and
// values that are short.
func literal2(name, value string) []byte {
	f := append([]byte{0, byte(len(name))}, name...)
	return append(append(f, byte(len(value))), value...)
}

// request2 are the fields of a GET over https.
func request2(path string, more ...[]byte) []byte {
	f := append([]byte{0x82, 0x87, 0x04, byte(len(path))}, path...)
	f = append(append(f, 0x01, 1), 'x')
	for _, m := range more {
		f = append(f, m...)
	}
	return f
}

// TestHTTP2Attacks has clients of RESTCONF that misuse HTTP/2, some of them logged in: the
// server ends their connections or keeps up, memory and goroutines stay, others are served.
func TestHTTP2Attacks(t *testing.T) {
	s := attacked(t)
	login := literal2("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(adminUser+":x")))
	ids := func(i int) uint32 { return uint32(2*i + 1) }
	cancel := []byte{0, 0, 0, 8}
	big := append([]byte{0x40, 1, 'y', 0x7f, 0xa1, 0x1e}, strings.Repeat("z", 4000)...) // indexed: 4000 octets of y
	read := "/restconf/data/ietf-yang-library:yang-library"
	for _, x := range []struct {
		name   string
		times  int
		frames func(i int) []byte
	}{
		{"reset", 5000, func(i int) []byte {
			return append(frame2(1, 0x5, ids(i), request2("/restconf")), frame2(3, 0, ids(i), cancel)...)
		}},
		{"reset of large reads", 100, func(i int) []byte {
			return append(frame2(1, 0x5, ids(i), request2(read, login)), frame2(3, 0, ids(i), cancel)...)
		}},
		{"continuation", 20_000, func(i int) []byte {
			if i == 0 {
				return frame2(1, 0x1, 1, request2("/restconf"))
			}
			return frame2(9, 0, 1, literal2("x", strings.Repeat("y", 100)))
		}},
		{"a bomb of header fields", 200, func(i int) []byte {
			f := request2("/restconf")
			if i == 0 {
				f = append(f, big...)
			}
			for range 4000 {
				f = append(f, 0xbe) // the newest entry of the table
			}
			return frame2(1, 0x5, ids(i), f)
		}},
		{"settings", 10_000, func(int) []byte { return frame2(4, 0, 0, nil) }},
		{"ping", 10_000, func(int) []byte { return frame2(6, 0, 0, make([]byte, 8)) }},
		{"priority", 10_000, func(i int) []byte { return frame2(2, 0, ids(i%100), []byte{0, 0, 0, 0, 16}) }},
		{"empty data", 10_000, func(i int) []byte {
			if i == 0 {
				return frame2(1, 0x4, 1, append([]byte{0x83}, request2("/restconf/operations/none", login)[1:]...))
			}
			return frame2(0, 0, 1, nil)
		}},
		{"windows of nothing", 250, func(i int) []byte {
			var f []byte
			if i == 0 {
				f = frame2(4, 0, 0, []byte{0, 4, 0, 0, 0, 0}) // INITIAL_WINDOW_SIZE
			}
			return append(f, frame2(1, 0x5, ids(i), request2(read, login))...)
		}},
		{"windows that overflow", 10, func(int) []byte { return frame2(8, 0, 0, []byte{0x7f, 0xff, 0xff, 0xff}) }},
		{"a frame of 16 MiB", 1, func(int) []byte { return []byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1} }},
	} {
		t.Run(x.name, func(t *testing.T) {
			before, goroutines := heldNow(), runtime.NumGoroutine()
			c := s.secure("h2")
			answers := make(chan struct{})
			go func() { // nobody reads them for long
				_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
				close(answers)
			}()
			_ = c.SetWriteDeadline(time.Now().Add(3 * time.Second))
			w := bufio.NewWriter(c)
			_, _ = w.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
			_, _ = w.Write(frame2(4, 0, 0, nil))
			for i := range x.times {
				if _, err := w.Write(x.frames(i)); err != nil {
					break // the server has had enough
				}
			}
			_ = w.Flush()
			if code, text := s.get("/restconf/yang-library-version", "x"); code != http.StatusOK {
				t.Errorf("another client: %d %s", code, text)
			}
			// Up to 250 answers are being made, or wait with their buffers, at this moment.
			if grown := heldNow() - before; grown > 64<<20 {
				t.Errorf("%d bytes more in use while the connection is open", grown)
			}
			c.Close()
			<-answers
			for end := time.Now().Add(40 * time.Second); runtime.NumGoroutine() > goroutines+4; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					all := make([]byte, 1<<20)
					t.Fatalf("%d goroutines, there were %d:\n%s", runtime.NumGoroutine(), goroutines, all[:runtime.Stack(all, true)])
				}
			}
		})
	}
}

// TestReflected sends what could be reflected into headers or logs: it is escaped.
func TestReflected(t *testing.T) {
	s := attacked(t)
	c := s.secure("http/1.1")
	body := `{"ietf-system:user":[{"name":"a\r\nX-Injected: 1\r\n\r\nb"}]}`
	fmt.Fprintf(c, "POST /restconf/data/ietf-system:system/authentication HTTP/1.1\r\nHost: evil.example.com\r\n%sContent-Type: application/yang-data+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", basicX, len(body), body)
	answer, _ := io.ReadAll(c)
	head, _, _ := strings.Cut(string(answer), "\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 201") || strings.Contains(head, "\nX-Injected") || !strings.Contains(head, "user=a%0D%0AX-Injected") {
		t.Errorf("%q", answer)
	}
	for _, path := range []string{"/restconf/data/%0d%0aX-Injected:%201", "/restconf%0d%0aX-Injected:%201", "/x\rX-Injected: 1"} {
		c := s.secure("http/1.1")
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n", path, basicX)
		answer, _ := io.ReadAll(c)
		head, _, _ := strings.Cut(string(answer), "\r\n\r\n")
		if strings.Contains(head, "X-Injected: 1") || !strings.HasPrefix(head, "HTTP/1.1 4") {
			t.Errorf("%q: %q", path, answer)
		}
	}
}
