package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
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
