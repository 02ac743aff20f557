package alto

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto/schema/schematest"
	"github.com/google/go-cmp/cmp"
)

// event is a server-sent event with its data lines joined.
type event struct {
	name, data string
}

// client is the client side of an update stream.
type client struct {
	t       testing.TB
	base    string
	body    io.ReadCloser
	lines   *bufio.Scanner
	cancel  func()
	control string // URI
}

// patience bounds what a test waits for.
const patience = 10 * time.Second

// listening serves h on a socket until the test ends.
func listening(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// subscribe opens an update stream; the control event is read by readControl.
func subscribe(t testing.TB, base, path, body string, header http.Header) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", MediaUpdateParams)
	for key, values := range header {
		r.Header[key] = values
	}
	w, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Body.Close() })
	if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != MediaEventStream {
		text, _ := io.ReadAll(w.Body)
		t.Fatalf("status %d, type %q: %s", w.StatusCode, w.Header.Get("Content-Type"), text)
	}
	c := &client{t: t, base: base, body: w.Body, lines: bufio.NewScanner(w.Body), cancel: cancel}
	c.lines.Buffer(nil, 1<<20)
	return c
}

// next reads an event; comments are passed over. ok is false at the end.
func (c *client) next() (e event, ok bool) {
	c.t.Helper()
	for c.lines.Scan() {
		line := c.lines.Text()
		switch {
		case line == "" && e.name != "":
			media, _, _ := strings.Cut(e.name, ",")
			if err := schematest.Check(media, []byte(e.data)); err != nil {
				c.t.Errorf("event %s: %v\n%.2000s", e.name, err, e.data)
			}
			return e, true
		case strings.HasPrefix(line, "event: "):
			e.name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			e.data += line[len("data: "):] + "\n"
		case line != "" && line[0] != ':':
			c.t.Errorf("line %q", line)
		}
	}
	if err := c.lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.t.Logf("end of stream: %v", err)
	}
	return event{}, false
}

// readControl reads the first event.
func (c *client) readControl() *client {
	c.t.Helper()
	e, _ := c.next()
	var body map[string]string
	if err := json.Unmarshal([]byte(e.data), &body); err != nil || e.name != MediaUpdateControl {
		c.t.Fatalf("first event %+v (%v)", e, err)
	}
	c.control = body["control-uri"]
	return c
}

// expect reads events and compares them with wanted names and JSON texts.
func (c *client) expect(want ...event) {
	c.t.Helper()
	for _, w := range want {
		e, ok := c.next()
		if !ok {
			c.t.Fatalf("the stream has ended, want %+v", w)
		}
		if e.name != w.name {
			c.t.Fatalf("event %q with %s, want %q", e.name, e.data, w.name)
		}
		if w.data == "" {
			continue
		}
		if diff := cmp.Diff(decode(c.t, w.data), decode(c.t, e.data)); diff != "" {
			c.t.Errorf("event %q (-want +got):\n%s", e.name, diff)
		}
	}
}

func (c *client) expectEnd() {
	c.t.Helper()
	if e, ok := c.next(); ok {
		c.t.Fatalf("event %+v, want the end of the stream", e)
	}
}

// send sends a stream control request.
func (c *client) send(body string, header http.Header) (status int, answer string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.base+pathOf(c.control), strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", MediaUpdateParams)
	r.Header.Set("Accept", "text/plain,"+MediaError)
	for key, values := range header {
		r.Header[key] = values
	}
	w, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

// pathOf drops scheme and host of a URI.
func pathOf(uri string) string {
	if _, rest, ok := strings.Cut(uri, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		return "/" + path
	}
	return uri
}

// republish publishes what change makes of the configuration served.
func republish(t testing.TB, s *Server, change func(*Config)) {
	t.Helper()
	c := *s.Snapshot().config
	for _, n := range s.Snapshot().byID.All() {
		c.Resources = append(c.Resources, n.Resource)
	}
	change(&c)
	next, err := NewSnapshot(s.Snapshot(), c)
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(next)
}

// replace puts a resource in the place of the one with its ID.
func replace(r *Resource) func(*Config) {
	return func(c *Config) {
		for i, old := range c.Resources {
			if old.ID == r.ID {
				c.Resources[i] = r
				return
			}
		}
		c.Resources = append(c.Resources, r)
	}
}

func without(id string) func(*Config) {
	return func(c *Config) {
		kept := c.Resources[:0:0]
		for _, r := range c.Resources {
			if r.ID != id {
				kept = append(kept, r)
			}
		}
		c.Resources = kept
	}
}

func TestWriteEvent(t *testing.T) {
	long := strings.Repeat("x", dataLine)
	for _, tt := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"one part", []string{`{"a":1}`}, "event: e\ndata: {\"a\":1}\n\n"},
		{"two parts", []string{`{"a":1,`, `"b":2}`}, "event: e\ndata: {\"a\":1,\"b\":2}\n\n"},
		{"line breaks", []string{"{\"a\":\r\n1}"}, "event: e\ndata: {\"a\":\ndata: \ndata: 1}\n\n"},
		{"long string", []string{`{"a":"` + long + `,\",` + long + `",`, `"b":[1,2]}`}, "event: e\ndata: {\"a\":\"" + long + ",\\\"," + long + "\",\ndata: \"b\":[1,2]}\n\n"},
		{
			"many lines",
			[]string{`{"a":[`, strings.Repeat(`"`+long[:dataLine/2]+`",`, 3) + `"b"]}`},
			"event: e\ndata: {\"a\":[" + strings.Repeat(`"`+long[:dataLine/2]+`",`, 2) + "\ndata: " + `"` + long[:dataLine/2] + "\",\"b\"]}\n\n",
		},
		{"backslash at the end", []string{`{"a":"` + long + `\\","b":1}`}, "event: e\ndata: {\"a\":\"" + long + "\\\\\",\ndata: \"b\":1}\n\n"},
	} {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		var parts [][]byte
		for _, p := range tt.parts {
			parts = append(parts, []byte(p))
		}
		writeEvent(w, "e", parts...)
		_ = w.Flush()
		if got := b.String(); got != tt.want {
			t.Errorf("%s: %d bytes %.80q…, want %d bytes %.80q…", tt.name, len(got), got, len(tt.want), tt.want)
		}
	}
}
