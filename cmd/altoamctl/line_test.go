package main

import (
	"bytes"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"
)

// lineOf is what one line of -o json says.
func lineOf(t *testing.T, text string) (said map[string]any) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Errorf("%q is not one line", text)
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return said
}

// TestLineNames: whatever a server calls things, -o json writes JSON that says it.
func TestLineNames(t *testing.T) {
	s, prefix := &session{output: "json"}, netip.MustParsePrefix("192.0.2.0/24")
	for name, want := range map[string]string{
		"plain": "plain", "a\x00b": "a\x00b", "é\u2028": "é\u2028", "\xff\xfe": "\ufffd\ufffd", "\x1b[31m": "\x1b[31m", `\"`: `\"`, "\a\v": "\a\v",
	} {
		var found, event bytes.Buffer
		c := &cobra.Command{}
		c.SetOut(&found)
		m := &client.NetworkMap{PIDs: map[string]client.Addresses{name: {IPv4: []netip.Prefix{prefix}}}}
		if err := s.find(c, m, prefix.Addr()); err != nil {
			t.Fatal(err)
		}
		if got := lineOf(t, found.String()); got["pid"] != want || got["prefix"] != "192.0.2.0/24" || got["address"] != "192.0.2.0" {
			t.Errorf("%q: %v", name, got)
		}
		if err := s.tell(&event, client.Event{ID: name, Media: name, Data: []byte("{}")}, 0); err != nil {
			t.Fatal(err)
		}
		if got := lineOf(t, event.String()); got["resource"] != want || got["media-type"] != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestLineData: what a server sends is on one line, and JSON even where it is none.
func TestLineData(t *testing.T) {
	s := &session{output: "json"}
	for data, want := range map[string]any{
		"{\"a\":\n[1e2, \"x\\ny\"]}": map[string]any{"a": []any{100.0, "x\ny"}},
		"{":                          "{", "": "", "\xff\n": "\ufffd\n", `"` + "\xff" + `"`: "\ufffd", "1 2": "1 2",
	} {
		var event bytes.Buffer
		if err := s.tell(&event, client.Event{Data: []byte(data)}, 0); err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if got := lineOf(t, event.String())["data"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v", data, got)
		}
	}
}
