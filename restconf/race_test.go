package restconf

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// rounds is how often the clients of TestRace meet; ALTOAM_ROUNDS sets another number.
func rounds(t *testing.T) int {
	text := os.Getenv("ALTOAM_ROUNDS")
	if text == "" {
		return 200
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("ALTOAM_ROUNDS: %v", err)
	}
	return n
}

// TestRace has two operators change a resource at once, each if it is still what both
// have read: one of them does, the other one learns that it is not.
func TestRace(t *testing.T) {
	f := newFixture(t, nil)
	served := httptest.NewTLSServer(f.server)
	defer served.Close()
	f.must(http.StatusCreated, "PUT /restconf/data/example-jukebox:jukebox"+jsonBody+
		`{"example-jukebox:jukebox":{"playlist":[{"name":"mine","description":"none"}]}}`)
	uri := served.URL + "/restconf/data/example-jukebox:jukebox/playlist=mine"
	ask := func(method, tag, body string) (*http.Response, error) {
		r, err := http.NewRequest(method, uri+map[bool]string{true: "?content=config", false: ""}[method == http.MethodGet], strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.SetBasicAuth("admin", "secret")
		r.Header.Set("Content-Type", "application/yang-data+json")
		if tag != "" {
			r.Header.Set("If-Match", tag)
		}
		a, err := served.Client().Do(r)
		if err == nil {
			a.Body.Close()
		}
		return a, err
	}
	for round := range rounds(t) {
		a, err := ask(http.MethodGet, "", "")
		if err != nil || a.Header.Get("ETag") == "" {
			t.Fatal(err, a)
		}
		tag := a.Header.Get("ETag")
		var codes [2]int
		var both sync.WaitGroup
		for i, method := range []string{http.MethodPatch, http.MethodPut} {
			both.Go(func() {
				a, err := ask(method, tag, fmt.Sprintf(`{"example-jukebox:playlist":[{"name":"mine","description":"round %d of %d"}]}`, round, i))
				if err != nil {
					t.Error(err)
					return
				}
				codes[i] = a.StatusCode
			})
		}
		both.Wait()
		winner := map[[2]int]int{
			{http.StatusNoContent, http.StatusPreconditionFailed}: 0,
			{http.StatusPreconditionFailed, http.StatusNoContent}: 1,
		}
		i, ok := winner[codes]
		if !ok {
			t.Fatalf("round %d: %v, want one 204 and one 412", round, codes)
		}
		want := fmt.Sprintf("round %d of %d", round, i)
		if got := f.must(http.StatusOK, "GET /restconf/data/example-jukebox:jukebox/playlist=mine/description").Body.String(); !strings.Contains(got, want) {
			t.Fatalf("round %d: running has %s, want %s", round, got, want)
		}
	}
}
