package alto

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// http2Client speaks HTTP/2 alone, by prior knowledge where there is no TLS.
func http2Client(t testing.TB) *http.Client {
	p := new(http.Protocols)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: p, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// serverTLS is as the agent configures it.
func serverTLS(t testing.TB) *tls.Config {
	of := httptest.NewTLSServer(nil)
	defer of.Close()
	return &tls.Config{Certificates: of.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}
}

// fetchOver returns the protocol of the answer to a GET, which must be a whole 200.
func fetchOver(h *http.Client, uri string) (protocol string, err error) {
	resp, err := h.Get(uri)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d, %w", resp.StatusCode, err)
	}
	return resp.Proto, nil
}

// TestHTTP2 has clients of both protocols on one address, with TLS and without.
func TestHTTP2(t *testing.T) {
	s := running(t, serving(t, labConfig(t)))
	b := bind(t, s, ListenConfig{
		Addrs: []string{"127.0.0.1:0"},
		More:  []ListenConfig{{Addrs: []string{"127.0.0.2:0"}, TLS: serverTLS(t)}},
	})
	b.Apply()
	one := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer one.CloseIdleConnections()
	for _, base := range []string{"http://" + b.Addrs()[0], "https://" + b.Addrs()[1]} {
		for want, h := range map[string]*http.Client{"HTTP/2.0": http2Client(t), "HTTP/1.1": one} {
			if got, err := fetchOver(h, base+"/alto/networkmap/nm"); got != want || err != nil {
				t.Errorf("%s: %q, %v, want %s", base, got, err, want)
			}
		}
	}
	resp, err := http2Client(t).Post("https://"+b.Addrs()[1]+"/alto/networkmapfilter/nm-part", MediaNetworkMapFilter, strings.NewReader(`{"pids":["PID1"]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(text), `"PID1"`) {
		t.Errorf("POST: %d %s", resp.StatusCode, text)
	}
}

// TestHTTP2Streams has an update stream that outlives the deadlines of its connection's
// requests, another stream beside it, and its control requests, all over one connection.
func TestHTTP2Streams(t *testing.T) {
	server := serving(t, updateConfig(t, func(u *UpdateStreams) { u.KeepAlive = 10 * time.Millisecond }))
	s := running(t, server)
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	for _, n := range b.fresh {
		n.server.ReadTimeout, n.server.WriteTimeout, n.server.IdleTimeout = 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	}
	b.Apply()
	h := http2Client(t)
	open := func() *client {
		resp, err := h.Post("http://"+b.Addrs()[0]+"/up", MediaUpdateParams, strings.NewReader(`{"add":{"net":{"resource-id":"nm"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		c := &client{t: t, base: "http://" + b.Addrs()[0], body: resp.Body, lines: bufio.NewScanner(resp.Body)}
		c.lines.Buffer(nil, 1<<20)
		return c.readControl()
	}
	first, second := open(), open()
	first.expect(event{name: MediaNetworkMap + ",net"})
	time.Sleep(200 * time.Millisecond) // four times any of the deadlines
	republish(t, server, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	first.expect(event{name: MediaMergePatch + ",net"})
	if _, err := fetchOver(h, first.base+"/nm"); err != nil {
		t.Error(err)
	}
	second.body.Close() // one of two streams goes
	republish(t, server, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t3")}}))
	first.expect(event{name: MediaMergePatch + ",net"})
	bind(t, s, ListenConfig{}).Apply() // the socket goes
	first.expect(event{name: MediaUpdateControl})
	first.expectEnd()
}

// TestHTTP2Rotation has clients of HTTP/2 that ask all the time while the certificate
// changes and another port is opened and closed again: no request fails.
func TestHTTP2Rotation(t *testing.T) {
	s := running(t, serving(t, labConfig(t)))
	conf := func(more ...string) ListenConfig {
		return ListenConfig{Addrs: append([]string{"127.0.0.1:0"}, more...), TLS: serverTLS(t)}
	}
	b := bind(t, s, conf())
	b.Apply()
	uri := "https://" + b.Addrs()[0] + "/alto/networkmap/nm"
	ctx, stop := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	for range 4 {
		h := http2Client(t)
		asking.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if got, err := fetchOver(h, uri); got != "HTTP/2.0" || err != nil {
					t.Errorf("request %d: %q %v", n, got, err)
					return
				}
				if n%20 == 0 {
					h.CloseIdleConnections() // and with the certificate of the moment again
				}
			}
		})
	}
	for range 5 {
		b := bind(t, s, conf("127.0.0.2:0"))
		b.Apply()
		if got, err := fetchOver(http2Client(t), "https://"+b.Addrs()[1]+"/alto/networkmap/nm"); got != "HTTP/2.0" || err != nil {
			t.Errorf("the new port: %q %v", got, err)
		}
		time.Sleep(20 * time.Millisecond)
		bind(t, s, conf()).Apply()
	}
	stop()
	asking.Wait()
}

// TestHTTP2Drain has a request over HTTP/2 answered after its socket was closed, whose
// connection then takes no other.
func TestHTTP2Drain(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	s := running(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "whole")
	}))
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	b.Apply()
	h := http2Client(t)
	result := make(chan error, 1)
	go func() {
		_, err := fetchOver(h, "http://"+b.Addrs()[0])
		result <- err
	}()
	<-arrived
	bind(t, s, ListenConfig{}).Apply()
	time.Sleep(20 * time.Millisecond)
	close(release)
	if err := <-result; err != nil {
		t.Error(err)
	}
	if _, err := fetchOver(h, "http://"+b.Addrs()[0]); err == nil {
		t.Error("the connection still takes requests")
	}
}

// TestHTTP2Floods has clients that open and reset streams, or send settings, without end:
// the server ends their connections or keeps up, memory and other clients are well.
func TestHTTP2Floods(t *testing.T) {
	server := serving(t, labConfig(t))
	s := running(t, server)
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	b.Apply()
	addr := b.Addrs()[0]
	const times = 10_000
	for name, frames := range map[string]func(i int) []byte{
		"reset": func(i int) []byte {
			id := uint32(2*i + 1)
			return append(frame(1, 0x5, id, requestFields(addr)), frame(3, 0, id, []byte{0, 0, 0, 8})...) // HEADERS, RST_STREAM with CANCEL
		},
		"settings": func(int) []byte { return frame(4, 0, 0, nil) },
		"ping":     func(int) []byte { return frame(6, 0, 0, make([]byte, 8)) },
	} {
		t.Run(name, func(t *testing.T) {
			before := heapInUse()
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				_ = conn.SetDeadline(time.Now().Add(2 * time.Second)) // nobody reads the answers
				w := bufio.NewWriter(conn)
				_, _ = w.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
				_, _ = w.Write(frame(4, 0, 0, nil))
				for i := range times {
					if _, err := w.Write(frames(i)); err != nil {
						return // the server has had enough
					}
				}
				_ = w.Flush()
			}()
			h := http2Client(t)
			for n := 0; ; n++ {
				if _, err := fetchOver(h, "http://"+addr+"/alto/networkmap/nm"); err != nil {
					t.Fatalf("request %d of another client: %v", n, err)
				}
				select {
				case <-sent:
				default:
					continue
				}
				break
			}
			if grown := int64(heapInUse()) - int64(before); grown > 16<<20 {
				t.Errorf("%d bytes more while the connection is open", grown)
			}
		})
	}
}

// frame is a frame of HTTP/2 (RFC 9113 Section 4.1).
func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	f := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}
	return append(f, payload...)
}

// requestFields are those of a GET in HPACK, from the static table and literals that are
// not indexed.
func requestFields(host string) []byte {
	const path = "/alto/networkmap/nm"
	f := append([]byte{0x82, 0x86, 0x04, byte(len(path))}, path...)
	return append(append(f, 0x01, byte(len(host))), host...)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
