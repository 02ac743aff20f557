package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	server "github.com/altoam/altoam/alto"
)

// TestView follows a map of a real server: whole, then by patches, also after a wait
// longer than the server allows, and whole again when its view is gone.
func TestView(t *testing.T) {
	s := server.NewServer(nil)
	publish := func(prefix string, service bool) {
		t.Helper()
		pids := []server.PID{{Name: "a", Prefixes: []netip.Prefix{netip.MustParsePrefix(prefix)}}, {Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}}
		for i := range 50 {
			pids = append(pids, server.PID{Name: fmt.Sprint("pid", i), Prefixes: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)}})
		}
		net, err := server.NewNetworkMap(pids)
		must(t, err)
		resources := []*server.Resource{{ID: "net", Service: server.FullNetworkMap{Map: net, Default: true}}}
		if service {
			resources = append(resources, &server.Resource{ID: "tips", Service: server.TIPS{Covers: []string{"net"}, PollTimeout: 50 * time.Millisecond}})
		}
		snapshot, err := server.NewSnapshot(nil, server.Config{Resources: resources})
		must(t, err)
		s.Publish(snapshot)
	}
	publish("192.0.2.0/24", true)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	c := &Client{HTTP: h.Client()}
	d, err := c.Directory(t.Context(), h.URL+"/directory")
	must(t, err)
	e, ok := d.Entry("tips")
	if !ok {
		t.Fatal("no resource tips")
	}
	v, err := c.View(t.Context(), e, Substream{Resource: "net"})
	must(t, err)
	whole := func(event Event, err error) {
		t.Helper()
		must(t, err)
		m, err := (&Response{Body: event.Data}).NetworkMap()
		must(t, err)
		if event.ID != "net" || !sameMedia(event.Media, "application/alto-networkmap+json") || len(m.PIDs) != 52 {
			t.Errorf("%s of %s: %d PIDs", event.Media, event.ID, len(m.PIDs))
		}
	}
	whole(v.Next(t.Context()))
	time.AfterFunc(150*time.Millisecond, func() { publish("198.51.100.0/24", true) })
	patch, err := v.Next(t.Context())
	must(t, err)
	if patch.Media != MediaMergePatch && patch.Media != MediaJSONPatch || !strings.Contains(string(patch.Data), "198.51.100.0/24") {
		t.Errorf("%s: %s", patch.Media, patch.Data)
	}
	ctx, stop := context.WithTimeout(t.Context(), 120*time.Millisecond)
	defer stop()
	if _, err := v.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing to come: %v", err)
	}
	publish("198.51.100.0/24", false)
	publish("198.51.100.0/24", true)
	whole(v.Next(t.Context()))

	list, err := c.Walk(t.Context(), h.URL+"/directory", func(Entry) bool { return true })
	must(t, err)
	for _, r := range list {
		if r.Skipped || r.Err != nil {
			t.Errorf("walk: %+v", r)
		}
	}
	var refused *StatusError
	if _, err := c.View(t.Context(), e, Substream{Resource: "moon"}); !errors.As(err, &refused) || refused.Field != "resource-id" {
		t.Errorf("another resource: %v", err)
	}
}

// TestViewUnreadable: answers that open no view.
func TestViewUnreadable(t *testing.T) {
	for body, want := range map[string]string{
		"{": "cannot be read", "{}": "no view with an edge",
		`{"tips-view-uri":"x","tips-view-summary":{"updates-graph-summary":{"start-edge-rec":{"seq-i":3,"seq-j":3}}}}`: "from 3 to 3",
		`{"tips-view-uri":"` + strings.Repeat("x", maxView) + `"}`:                                                     ErrTooLarge.Error(),
	} {
		pages := map[string]page{"/directory": alto("directory", `{"resources":{"tips":{"uri":"tips","media-type":"application/alto-tips+json","accepts":"application/alto-tipsparams+json"}}}`), "/tips": alto("tips", body)}
		c := &Client{HTTP: http.DefaultClient}
		d, err := c.Directory(t.Context(), serve(t, pages, nil))
		must(t, err)
		if _, err := c.View(t.Context(), d.Entries[0], Substream{Resource: "net"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

// TestViewPatience: a server that says at once that an edge is not there yet is not asked
// again at once.
func TestViewPatience(t *testing.T) {
	asked := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusTooEarly)
			return
		}
		w.Header().Set("Content-Type", MediaMergePatch)
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(h.Close)
	at, err := url.Parse(h.URL)
	must(t, err)
	v := &View{client: &Client{HTTP: h.Client()}, uri: at, from: 1, to: 2}
	began := time.Now()
	_, err = v.Next(t.Context())
	must(t, err)
	if spent := time.Since(began); asked != 3 || spent < 2*pollPause {
		t.Errorf("%d requests in %s", asked, spent)
	}
}
