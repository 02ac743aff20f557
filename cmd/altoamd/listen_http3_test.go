package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// TestHTTP3 edits and reads over HTTP/3, with a certificate that names the user, and has
// an event stream tell of an edit.
func TestHTTP3(t *testing.T) {
	ca := issue(t, nil, "ca")
	server, carl := issue(t, ca, "server"), issue(t, ca, "carl")
	addr := freeAddress(t)
	seeded(t, fmt.Sprintf(`{"ietf-netconf-acm:nacm":{"write-default":"permit"},"ietf-restconf-server:restconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"w","https":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]},%s,
		"restconf-server-parameters":{%s},"altoam-restconf-server:http3":{}}}]}}}}`, addr.Port, server.tlsServer(t, ca), byCommonName))
	x := &http3.Transport{TLSClientConfig: carl.client(ca)}
	defer x.Close()
	c := &http.Client{Transport: x, Timeout: 20 * time.Second}
	base := "https://" + addr.String() + "/restconf"
	stream, err := c.Get(base + "/streams/NETCONF/json")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	do := func(method, path, body string, want int) string {
		t.Helper()
		r, err := http.NewRequest(method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/yang-data+json")
		a, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != want || a.ProtoMajor != 3 {
			t.Errorf("%s %s: %s by %s, %s, %v", method, path, a.Status, a.Proto, text, err)
		}
		return string(text)
	}
	big := strings.Repeat("x", 1<<20)
	do(http.MethodPut, "/data/ietf-system:system/contact", `{"ietf-system:contact":"`+big+`"}`, http.StatusCreated)
	if text := do(http.MethodGet, "/data/ietf-system:system/contact", "", http.StatusOK); !strings.Contains(text, big) {
		t.Errorf("%d octets were read", len(text))
	}
	do(http.MethodGet, "/data/ietf-system:nothing", "", http.StatusNotFound)
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		if strings.Contains(lines.Text(), "netconf-config-change") {
			if !strings.Contains(lines.Text(), `"username":"carl"`) {
				t.Errorf("the edit is told as %s", lines.Text())
			}
			return
		}
	}
	t.Error("the edit was not told")
}
