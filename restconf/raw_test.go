package restconf

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rawLogin ends a request line and has the header fields that all requests need.
const rawLogin = "\r\nHost: x\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n"

// TestRaw writes to the connection what no client library would. Some of it net/http
// refuses before a request is there; the rest gets errors as any request does.
func TestRaw(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {"Y": [7]}}`)
	before := f.store.Running()
	server := httptest.NewServer(f.server)
	defer server.Close()
	const login, as = rawLogin, "Content-Type: application/yang-data+json\r\n"
	const put = "PUT /restconf/data/example-top:top HTTP/1.1" + login + as
	for _, c := range []struct {
		name, text string
		code       int
		ours       bool // the answer is of this package
	}{
		{"a good one", "GET /restconf/data/example-top:top HTTP/1.1" + login + "\r\n", 200, false},
		{"no HTTP", "hello\r\n\r\n", 400, false},
		{"no host", "GET /restconf/data HTTP/1.1\r\n\r\n", 400, false},
		{"two hosts", "GET /restconf/data HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, false},
		{"a later HTTP", "GET /restconf/data HTTP/7.0" + login + "\r\n", 505, false},
		{"percent alone", "GET /restconf/data/% HTTP/1.1" + login + "\r\n", 400, false},
		{"percent with letters", "GET /restconf/data/%zz HTTP/1.1" + login + "\r\n", 400, false},
		{"a percent in the query", "GET /restconf/data?depth=%zz HTTP/1.1" + login + "\r\n", 400, true},
		{"a double quote", `GET /restconf/data/example-top:top/list1=%2C%27"%3A"%20%2F,,foo HTTP/1.1` + login + "\r\n", 404, true},
		{"bytes beyond ASCII", "GET /restconf/data/example-top:top/queue=\xc3\xa9 HTTP/1.1" + login + "\r\n", 404, true},
		{"bytes of no text", "GET /restconf/data/example-top:top/queue=\xff HTTP/1.1" + login + "\r\n", 400, true},
		{"a whole URI", "GET http://other/restconf/data/example-top:nothing HTTP/1.1" + login + "\r\n", 404, true},
		{"no path", "GET http://other HTTP/1.1" + login + "\r\n", 404, true},
		{"a fragment", "GET /restconf/data/example-top:top#Y HTTP/1.1" + login + "\r\n", 404, true},
		{"a method of our own", "MOVE /restconf/data/example-top:top HTTP/1.1" + login + "\r\n", 405, true},
		{"a method in small letters", "get /restconf/data/example-top:top HTTP/1.1" + login + "\r\n", 405, true},
		{"a header without a name", "GET /restconf/data HTTP/1.1" + login + ": x\r\n\r\n", 400, false},
		{"a header with NUL", "GET /restconf/data HTTP/1.1" + login + "X: \x00\r\n\r\n", 400, false},
		{"a header of a million bytes", "GET /restconf/data HTTP/1.1" + login + "X: " + strings.Repeat("x", 2<<20) + "\r\n\r\n", 431, false},
		{"an unknown coding", put + "Transfer-Encoding: rot13\r\n\r\n", 501, false},
		{"chunks that are none", put + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, true},
		{"a length and chunks", put + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, true},
		{"a length below 0", put + "Content-Length: -1\r\n\r\n", 400, false},
		{"two lengths", put + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, false},
		{"no length", put + "\r\n", 400, true},
		{"another expectation", put + "Expect: nothing\r\nContent-Length: 2\r\n\r\n{}", 417, false},
		{"two users", "GET /restconf/data HTTP/1.1" + login + "Authorization: Basic YTpi\r\n\r\n", 200, false},
		{"a user with NUL", "GET /restconf/data HTTP/1.1\r\nHost: x\r\nAuthorization: Basic AAA6AAA=\r\n\r\n", 401, true},
		{"a million ranges", "GET /restconf/data HTTP/1.1" + login + "Accept: " + strings.Repeat("a/b,", 200_000) + "\r\n\r\n", 406, true},
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = io.WriteString(conn, c.text) // the server need not read all of it
		}()
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			conn.Close()
			continue
		}
		w := httptest.NewRecorder()
		if _, err := io.Copy(w, answer.Body); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		conn.Close()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		if answer.StatusCode != c.code {
			t.Errorf("%s = %d %.300s, want %d", c.name, answer.StatusCode, w.Body, c.code)
		} else if c.ours {
			if err := isErrors(w); err != nil {
				t.Errorf("%s = %d %.300s: %v", c.name, answer.StatusCode, w.Body, err)
			}
		}
		if f.store.Running() != before {
			t.Fatalf("%s: running changed", c.name)
		}
	}
}

// TestNotAskedToContinue: a client that waits for "100 Continue" gets the refusal that
// stands without the body, and need not send it.
func TestNotAskedToContinue(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	f.limit("body-size", 1024)
	server := httptest.NewServer(f.server)
	defer server.Close()
	for _, c := range []struct {
		headers string
		code    int
	}{
		{"Content-Type: text/plain\r\nContent-Length: 9\r\n", http.StatusUnsupportedMediaType},
		{"Content-Type: application/yang-data+json\r\nContent-Length: 1025\r\n", http.StatusRequestEntityTooLarge},
		{"Content-Type: application/yang-patch+json\r\nContent-Length: 1025\r\n", http.StatusRequestEntityTooLarge},
		{"Content-Type: application/yang-data+json\r\nContent-Length: 1024\r\n", http.StatusContinue},
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "PATCH /restconf/data HTTP/1.1"+rawLogin+"Expect: 100-continue\r\n"+c.headers+"\r\n"); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if want := fmt.Sprintf("HTTP/1.1 %d ", c.code); err != nil || !strings.HasPrefix(line, want) {
			t.Errorf("%q is answered %q, %v; want %s", c.headers, line, err, want)
		}
		conn.Close()
	}
}
