package cric

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func opened(t *testing.T, p *params) (driver.Source, error) {
	t.Helper()
	return open(t.Context(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{Cric: p}, Network: &driver.Network{Server: "us", MaxHops: 3}})
}

func mustOpen(t *testing.T, p *params) driver.Source {
	t.Helper()
	s, err := opened(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ptr[T any](v T) *T { return &v }

// running runs s until the test ends and returns a channel of its changes.
func running(t *testing.T, s driver.Source) <-chan struct{} {
	t.Helper()
	changes := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx, func() { changes <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	time.Sleep(50 * time.Millisecond)
	return changes
}

// await waits until the status of s is as wanted.
func await(t *testing.T, s driver.Source, what string, want func(driver.Status) bool) driver.Status {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, status := s.Snapshot(); want(status) {
			return status
		}
	}
	_, status := s.Snapshot()
	t.Fatalf("%s: status is %+v", what, status)
	return status
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	file := func(text string) string {
		path := filepath.Join(folder, "sites.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notFound := httptest.NewServer(http.NotFoundHandler())
	defer notFound.Close()
	rejecting := gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy_reject
	for _, c := range []struct {
		name       string
		p          func() *params
		leaf, text string
	}{
		{"missing", func() *params { return &params{Path: ptr(filepath.Join(folder, "none"))} }, top + "/path", "no such file"},
		{"empty", func() *params { return &params{Path: ptr(file(""))} }, top + "/path", "not JSON"},
		{"malformed", func() *params { return &params{Path: ptr(file(`{"A":{"netroutes":`))} }, top + "/path", "not JSON"},
		{"array", func() *params { return &params{Path: ptr(file(`[]`))} }, top + "/path", "not a JSON object"},
		{"more", func() *params { return &params{Path: ptr(file(`{} x`))} }, top + "/path", "more follows"},
		{"not found", func() *params { return &params{Uri: &notFound.URL} }, top + "/uri", "status 404"},
		{"conflict", func() *params { return &params{Path: ptr("testdata/sites.json"), ConflictPolicy: rejecting} }, top + "/conflict-policy", "198.51.100.0/24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := opened(t, c.p())
			var fault *driver.ParamError
			if !errors.As(err, &fault) || fault.Leaf != c.leaf || !strings.Contains(fault.Message, c.text) {
				t.Errorf("error %v, want one at %s that says %q", err, c.leaf, c.text)
			}
		})
	}
}

func TestFileComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sites.json")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	one := `{"A":{"netroutes":{"r":{"networks":{"ipv4":["192.0.2.0/24"]}}}}}`
	two := strings.TrimSuffix(one, "}") + `,"B":{"netroutes":{"r":{"networks":{"ipv4":["198.51.100.0/24"]}}}}}`
	put(one)
	s := mustOpen(t, &params{Path: &path, RefreshInterval: ptr(uint32(1))})
	changes := running(t, s)

	put(two)
	<-changes
	if d, status := s.Snapshot(); len(d.PIDs) != 2 || status.Stale() {
		t.Fatalf("after a replacement: %d PIDs, %+v", len(d.PIDs), status)
	}
	put(two[:len(two)/2])
	await(t, s, "malformed", func(s driver.Status) bool { return s.Stale() && strings.Contains(s.LastError, "not JSON") })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	status := await(t, s, "deleted", func(s driver.Status) bool { return strings.Contains(s.LastError, "no such file") })
	if d, _ := s.Snapshot(); len(d.PIDs) != 2 || !status.LastAttempt.After(status.LastSuccess) {
		t.Fatalf("the last good data is gone: %d PIDs, %+v", len(d.PIDs), status)
	}
	put(two)
	await(t, s, "back", func(s driver.Status) bool { return !s.Stale() })
	select {
	case <-changes:
		t.Error("told of a change although the data is the same as before")
	default:
	}
	put(one)
	<-changes
	if d, _ := s.Snapshot(); len(d.PIDs) != 1 {
		t.Errorf("%d PIDs, want 1", len(d.PIDs))
	}
}

func TestFetchIsConditional(t *testing.T) {
	list := make(chan string, 1)
	list <- `{"A":{"netroutes":{"r":{"networks":{"ipv4":["192.0.2.0/24"]}}}}}`
	statuses := make(chan int, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := <-list
		list <- text
		tag := `"` + text[2:3] + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			statuses <- http.StatusNotModified
			w.WriteHeader(http.StatusNotModified)
			return
		}
		statuses <- http.StatusOK
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	s := mustOpen(t, &params{Uri: &server.URL, RefreshInterval: ptr(uint32(1))}).(*source)
	s.interval = 20 * time.Millisecond
	changes := running(t, s)
	if first, second := <-statuses, <-statuses; first != http.StatusOK || second != http.StatusNotModified {
		t.Errorf("statuses %d and %d, want 200 and 304", first, second)
	}
	<-list
	list <- `{"B":{"netroutes":{"r":{"networks":{"ipv4":["192.0.2.0/24"]}}}}}`
	<-changes
	if d, status := s.Snapshot(); d.PIDs[0].Name != "B" || status.Stale() {
		t.Errorf("after a change: %v, %+v", d.PIDs, status)
	}
	server.Close()
	await(t, s, "server gone", driver.Status.Stale)
	if d, _ := s.Snapshot(); len(d.PIDs) != 1 {
		t.Error("the last good data is gone")
	}
}

func TestFetchTimesOut(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	p := newPage(server.URL, 20*time.Millisecond, new(driver.Network))
	if _, _, err := p.read(t.Context()); err == nil || !strings.Contains(err.Error(), "no whole answer within 20ms") {
		t.Errorf("error %v, want a timeout", err)
	}
}

// TestFetchOfOurOwn: a list that came through this server is refused, one that came
// through another is used and says so; a list that cannot be read is asked for again,
// though it stays as it is.
func TestFetchOfOurOwn(t *testing.T) {
	const good = `{"A":{"netroutes":{"r":{"networks":{"ipv4":["192.0.2.0/24"]}}}}}`
	text, path := good, "us"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(alto.HeaderPath, path)
		w.Header().Set("ETag", `"same"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	p := &params{Uri: &server.URL}
	if _, err := opened(t, p); err == nil || !strings.Contains(err.Error(), "a loop") {
		t.Errorf("error %v, want one of a loop", err)
	}
	path = "them"
	s := mustOpen(t, p).(*source)
	s.list.(*page).Forget()
	text = "broken"
	for range 2 {
		if _, err := s.load(t.Context()); err == nil || !strings.Contains(err.Error(), "not JSON") {
			t.Errorf("error %v, want one of the text", err)
		}
	}
	text, path = good, "others"
	for _, want := range []bool{true, false} {
		if changed, err := s.load(t.Context()); err != nil || changed != want {
			t.Errorf("changed: %t, %v, want %t", changed, err, want)
		}
	}
	s.asked()
	d, status := s.Snapshot()
	if !slices.Equal(d.Path, []string{"others"}) || len(d.PIDs) != 1 {
		t.Errorf("data of %v by %v", d.PIDs, d.Path)
	}
	if x := status.Transfer; x == nil || x.Status != http.StatusNotModified || x.URI != server.URL || x.ETag != `"same"` {
		t.Errorf("the last exchange was %+v", x)
	}
	path = "us"
	if _, err := s.load(t.Context()); err == nil {
		t.Error("the list that has not changed is used although it came through us")
	}
}

func TestPIDNames(t *testing.T) {
	long := strings.Repeat("x", 70)
	var sites []site
	for _, name := range []string{"A B", "A-B", "A_B", "C.D", "C D", "E F", long, "é", "", "GEANT REN"} {
		sites = append(sites, site{name: name})
	}
	names := pidNames(sites)
	for i, want := range []string{"A_B_", "A-B", "A_B", "C_D_", "C_D_", "E_F", "x", "_", "_", "GEANT_REN"} {
		exact := !strings.HasSuffix(want, "_") || want == "_" && i == 7
		if exact && i != 6 && names[i] != want || !strings.HasPrefix(names[i], want) || len(names[i]) > maxPIDName {
			t.Errorf("site %q is PID %q, want %q", sites[i].name, names[i], want)
		}
	}
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(names) {
		t.Errorf("names are not unique: %q", names)
	}
}
