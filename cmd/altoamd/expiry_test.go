package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestExpiryTold: a certificate that ends within the hour is told as an event and an alarm
// when it comes into the keystore, and the metrics say when it and that of a file end.
func TestExpiryTold(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	c := issue(t, nil, "soon")
	c.pemFiles(t, filepath.Join(dir, certificateFile), filepath.Join(dir, certificateKey))
	s := start(t, runOptions{DataDir: dir})
	defer s.end()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Restconf+"/restconf/streams/NETCONF/json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(adminUser, "x")
	stream, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	if code, text := s.do(http.MethodPut, "/restconf/data/ietf-keystore:keystore", "x", "{"+c.keystore(t)+"}"); code != http.StatusCreated {
		t.Fatalf("PUT: %d %s", code, text)
	}
	const place = `/ietf-keystore:keystore/asymmetric-keys/asymmetric-key[name='k']/certificates/certificate[name='c']`
	want := []string{
		`"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k","certificates":{"certificate":[{"name":"c","certificate-expiration":{"expiration-date":"` + c.cert.NotAfter.Format(time.RFC3339),
		`"resource":"` + place + `","alarm-type-id":"altoam-alarms:certificate-expiring"`,
		`"resource":"` + filepath.Join(dir, certificateFile) + `","alarm-type-id":"altoam-alarms:certificate-expiring"`,
	}
	late := time.AfterFunc(30*time.Second, func() { stream.Body.Close() })
	defer late.Stop()
	for lines := bufio.NewScanner(stream.Body); len(want) > 0 && lines.Scan(); {
		for i, w := range want {
			if strings.Contains(lines.Text(), w) {
				want = append(want[:i:i], want[i+1:]...)
				break
			}
		}
	}
	for _, w := range want {
		t.Errorf("not told: %s", w)
	}
	a, err := client.Get("http://" + s.Metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	for _, p := range []string{place, filepath.Join(dir, certificateFile)} {
		line := fmt.Sprintf("altoam_certificate_expiry_timestamp_seconds{place=%q} %g\n", p, float64(c.cert.NotAfter.Unix()))
		if err != nil || !strings.Contains(string(text), line) {
			t.Errorf("the metrics lack %s, %v", line, err)
		}
	}
}
