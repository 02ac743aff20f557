package client

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestRedirected: credentials go along within the server, and to no other, also where only
// the port differs.
func TestRedirected(t *testing.T) {
	var got []string
	answer := func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", mediaDirectory)
		_, _ = w.Write([]byte(`{"resources":{}}`))
	}
	other := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/here", answer)
	mux.Handle("/within", http.RedirectHandler("/here", http.StatusFound))
	mux.Handle("/out", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	home := httptest.NewServer(mux)
	t.Cleanup(home.Close)
	for _, c := range []*Client{{User: "ann", Password: "secret"}, {Token: "tok"}} {
		c.HTTP = home.Client()
		for path, sent := range map[string]bool{"/here": true, "/within": true, "/out": false} {
			got = nil
			if _, err := c.Directory(t.Context(), home.URL+path); err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || (got[0] != "") != sent {
				t.Errorf("%s: %q, expected credentials: %t", path, got, sent)
			}
		}
		if _, err := c.Directory(t.Context(), home.URL+"/round"); err == nil {
			t.Error("redirected for ever")
		}
		c.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		if _, err := c.Directory(t.Context(), home.URL+"/within"); err == nil {
			t.Error("redirected although the HTTP client does not want to be")
		}
	}
}
