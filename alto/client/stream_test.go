package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	server "github.com/altoam/altoam/alto"
	"github.com/google/go-cmp/cmp"
)

// streamServer is a real server with a network map of many PIDs and its updates; publish
// gives PID "a" other prefixes, end closes all connections.
func streamServer(t *testing.T) (c *Client, d *Directory, publish func(prefixes ...string), end func()) {
	t.Helper()
	s := server.NewServer(nil)
	publish = func(prefixes ...string) {
		t.Helper()
		pids := []server.PID{{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}, {Name: "a"}}
		for _, p := range prefixes {
			pids[1].Prefixes = append(pids[1].Prefixes, netip.MustParsePrefix(p))
		}
		for i := range 50 {
			pids = append(pids, server.PID{Name: fmt.Sprint("pid", i), Prefixes: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)}})
		}
		net, err := server.NewNetworkMap(pids)
		must(t, err)
		snapshot, err := server.NewSnapshot(nil, server.Config{Resources: []*server.Resource{
			{ID: "net", Service: server.FullNetworkMap{Map: net, Default: true}},
			{ID: "updates", Service: server.UpdateStreams{Covers: []string{"net"}}},
		}})
		must(t, err)
		s.Publish(snapshot)
	}
	publish("192.0.2.0/24")
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	c = &Client{HTTP: h.Client()}
	d, err := c.Directory(t.Context(), h.URL+"/directory")
	must(t, err)
	return c, d, publish, h.CloseClientConnections
}

// TestStream follows a map of a real server: first whole, then by patches, and after the
// change of a substream whole again.
func TestStream(t *testing.T) {
	c, d, publish, end := streamServer(t)
	e, _ := d.Entry("updates")
	s, err := c.Stream(t.Context(), e, map[string]Substream{"1": {Resource: "net"}})
	must(t, err)
	defer s.Close()
	if err := s.Change(t.Context(), nil, "1"); !errors.Is(err, ErrNoControl) {
		t.Errorf("changed before anything was read: %v", err)
	}
	next := func() Event {
		t.Helper()
		event, err := s.Next()
		must(t, err)
		return event
	}
	first := next()
	m, err := (&Response{Body: first.Data}).NetworkMap()
	must(t, err)
	if first.ID != "1" || first.Media != "application/alto-networkmap+json" || len(m.PIDs) != 52 {
		t.Errorf("first %s of %s: %d PIDs", first.Media, first.ID, len(m.PIDs))
	}
	publish("192.0.2.0/24", "198.51.100.0/24")
	if patch := next(); patch.ID != "1" || patch.Media != MediaMergePatch && patch.Media != MediaJSONPatch {
		t.Errorf("second %s of %s", patch.Media, patch.ID)
	}
	must(t, s.Change(t.Context(), map[string]Substream{"2": {Resource: "net", Full: true}}, "1"))
	var stopped *StreamEnd
	for events := 0; ; events++ {
		event, err := s.Next()
		if errors.As(err, &stopped) {
			break
		}
		must(t, err)
		if event.ID != "2" || event.Media != first.Media || events > 0 {
			t.Fatalf("after the change %s of %s", event.Media, event.ID)
		}
	}
	if diff := cmp.Diff([]string{"1"}, stopped.IDs); diff != "" {
		t.Error(diff)
	}
	var refused *StatusError
	if err := s.Change(t.Context(), nil, "unknown"); !errors.As(err, &refused) {
		t.Errorf("removed what is not there: %v", err)
	}
	end()
	if _, err := s.Next(); err == nil {
		t.Error("the stream goes on")
	}
}

// TestStreamRefused: parameters that a server refuses are told as by any resource.
func TestStreamRefused(t *testing.T) {
	c, d, _, _ := streamServer(t)
	e, _ := d.Entry("updates")
	_, err := c.Stream(t.Context(), e, map[string]Substream{"1": {Resource: "moon"}})
	var refused *StatusError
	if !errors.As(err, &refused) || refused.Code != "E_INVALID_FIELD_VALUE" || refused.Value != "moon" {
		t.Errorf("%v", err)
	}
}

// told reads a text as a stream and tells what is in it.
func told(text string, max int64) string {
	s := &Stream{lines: bufio.NewReaderSize(strings.NewReader(text), 16), max: max}
	var b strings.Builder
	for {
		event, err := s.Next()
		var stopped *StreamEnd
		switch {
		case errors.As(err, &stopped):
			fmt.Fprintf(&b, "[%v]", err)
		case errors.Is(err, io.EOF):
			return b.String()
		case err != nil:
			return b.String() + err.Error()
		default:
			fmt.Fprintf(&b, "%s|%s|%s;", event.Media, event.ID, event.Data)
		}
	}
}

func TestEvents(t *testing.T) {
	for text, want := range map[string]string{
		"event: a,1\ndata: {}\n\n":                                     "a|1|{};",
		"event:a,1.x,y\r\ndata:{\r\ndata: }\r\n\r\n":                   "a|1.x,y|{\n};",
		": alive\n\nevent: a\nid: 7\ndata: x\n\nevent: b\ndata: y\n\n": "a||x;b||y;",
		"event: a\ndata: cut":                                          "",
		"event: a,1\n\ndata: nameless\n\n":                             "||nameless;",
		"event: " + mediaUpdateControl + "\ndata: {\"stopped\":[\"1\"],\"description\":\"gone\"}\n\nevent: a\ndata: x\n\n": `[the server ended ["1"]: gone]a||x;`,
		"event: " + mediaUpdateControl + "\ndata: {\n\n":                                                                   "an event that controls the stream: the answer cannot be read: jsontext: unexpected EOF after offset 1",
		"event: a\ndata: " + strings.Repeat("x", 300) + "\n\n":                                                             ErrTooLarge.Error(),
	} {
		if got := told(text, 200); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
		}
	}
}

// FuzzEvents reads any stream to its end.
func FuzzEvents(f *testing.F) {
	f.Add("event: a,1\ndata: {}\n\n: x\r\n\r\n")
	f.Add("event: " + mediaUpdateControl + "\ndata: {\"stopped\":[\"1\"]}\n\n")
	f.Fuzz(func(_ *testing.T, text string) { told(text, 100) })
}
