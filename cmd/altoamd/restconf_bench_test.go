package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// restconfWith starts a server with ALTO that holds n resources.
func restconfWith(t testing.TB, n int) *started {
	t.Helper()
	t.Setenv(adminPasswordEnv, "x")
	s := start(t, runOptions{DataDir: t.TempDir()})
	t.Cleanup(s.end)
	var body strings.Builder
	loadJSON(&body, n)
	if code, text := s.do(http.MethodPut, "/restconf/data/ietf-alto:alto", "x", body.String()); code/100 != 2 {
		t.Fatalf("PUT: %d %s", code, text)
	}
	return s
}

// BenchmarkRestconfGetOne is a GET of one entry by key over HTTPS with keep-alive, with
// its statistics and without. Command scripts/bench measures it in a process of its own.
func BenchmarkRestconfGetOne(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := restconfWith(b, n)
			for _, content := range []string{"config", "all"} {
				b.Run(content, func(b *testing.B) { getOne(b, s, fmt.Sprintf("resource=directory-%d?content=%s", n/2, content)) })
			}
		})
	}
}

func getOne(b *testing.B, s *started, uri string) {
	conn, err := tls.Dial("tcp", s.Restconf, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	request := fmt.Sprintf("GET /restconf/data/ietf-alto:alto/alto-server/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n\r\n",
		uri, s.Restconf, base64.StdEncoding.EncodeToString([]byte(adminUser+":x")))
	r := bufio.NewReader(conn)
	for b.Loop() {
		if _, err := io.WriteString(conn, request); err != nil {
			b.Fatal(err)
		}
		a, err := http.ReadResponse(r, nil)
		if err != nil || a.StatusCode != http.StatusOK {
			b.Fatal(err, a)
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRestconfPatch is a PATCH of one leaf, durable with its answer, by some
// clients at once; the time is that of one edit.
func BenchmarkRestconfPatch(b *testing.B) {
	const n = 10_000
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := restconfWith(b, n)
			c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: clients}}
			defer c.CloseIdleConnections()
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range clients {
				all.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						if err := patchOne(c, s.Restconf, i*7919%n, i); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
		})
	}
}

func patchOne(c *http.Client, addr string, id, text int64) error {
	body := fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"directory-%d","description":"edit %d"}]}`, id, text)
	r, err := http.NewRequest(http.MethodPatch, fmt.Sprintf("https://%s/restconf/data/ietf-alto:alto/alto-server/resource=directory-%d", addr, id), strings.NewReader(body))
	if err != nil {
		return err
	}
	r.SetBasicAuth(adminUser, "x")
	r.Header.Set("Content-Type", "application/yang-data+json")
	a, err := c.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if reply, _ := io.ReadAll(a.Body); a.StatusCode != http.StatusNoContent {
		return fmt.Errorf("PATCH: %s %s", a.Status, reply)
	}
	return nil
}
