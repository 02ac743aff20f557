package listeners

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
)

// figuresEndpoint is an endpoint of metrics.
func figuresEndpoint(name string, port int, server, ca *identity, byHTTP string) string {
	stack := webStack(server, ca, byHTTP)
	stack, _, _ = strings.Cut(stack, `,
		"restconf-server-parameters"`)
	return fmt.Sprintf(`{"name":%q,"https":{%s,%s}}`, name, bindJSON(port), stack)
}

func figuresListen(endpoints ...string) string {
	return `"altoam-metrics:metrics-server":{"listen":{"endpoints":{"endpoint":[` + strings.Join(endpoints, ",") + `]}}}`
}

// TestMetricsReaders shows that a certificate that the endpoint trusts is enough, whomever it
// names, and so is the password of a user of the endpoint; and that there is no endpoint
// without one of the two.
func TestMetricsReaders(t *testing.T) {
	ca, other := newIdentity(t, nil, "ca"), newIdentity(t, nil, "other")
	server, reader, stranger := newIdentity(t, ca, "server"), newIdentity(t, ca, ""), newIdentity(t, other, "stranger")
	eva := strings.Replace(evaJSON, "HASH", hashOfLocal, 1)
	portA, a := freeAddr(t)
	portB, b := freeAddr(t)
	portC, c := freeAddr(t)
	f := startFigures(t, figuresListen(figuresEndpoint("strict", portA, server, ca, ""),
		figuresEndpoint("both", portB, server, ca, eva), figuresEndpoint("passwords", portC, server, nil, eva)))
	for _, tt := range []struct {
		addr           string
		client         *identity
		user, password string
		want           string // "" where the handshake fails
	}{
		{a, reader, "", "", "yes"},
		{a, nil, "eva", "local", ""},
		{a, stranger, "", "", ""},
		{b, reader, "", "", "yes"},
		{b, nil, "", "", "no"},
		{b, nil, "eva", "local", "yes"},
		{b, nil, "eva", "wrong", "no"},
		{b, stranger, "eva", "local", ""},
		{c, nil, "eva", "local", "yes"},
		{c, reader, "", "", "no"}, // a certificate that nobody asked for
		{c, nil, "ann", "central", "no"},
	} {
		got, _, err := fetch(browser(t, ca, tt.client), "https://"+tt.addr+"/metrics", tt.user, tt.password)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
	}
	err := f.replace(figuresListen(figuresEndpoint("open", portA, server, nil, "")))
	if err == nil || !strings.Contains(err.Error(), "nobody may read metrics") {
		t.Errorf("an endpoint for nobody: %v", err)
	}
	f.mustReplace("")
	eventually(t, "the endpoints end", func() bool {
		_, _, err := fetch(browser(t, ca, reader), "https://"+a+"/metrics", "", "")
		return err != nil
	})
}

// startFigures starts the server of metrics with a handler that tells whether one may read.
func startFigures(t *testing.T, config string) *fixture {
	t.Helper()
	return startWith(t, t.TempDir(), config, func(o Options) *Listeners {
		o.HTTP = func() *http.Server {
			return &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				name, password, _ := r.BasicAuth()
				if Certified(r) || PasswordUser(r.Context(), name, password) {
					fmt.Fprint(w, "yes")
				} else {
					fmt.Fprint(w, "no")
				}
			})}
		}
		return NewMetrics(o)
	})
}

// TestMetricsApart shows that the two kinds of Listeners do not take each other's
// endpoints.
func TestMetricsApart(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	port, _ := freeAddr(t)
	f := startFigures(t, "")
	tree := f.parse(webListen(webEndpoint("a", port, newIdentity(t, ca, "s"), nil, "", "")))
	r := &reader{l: f.Listeners, change: datastore.Change{New: tree}}
	all, err := r.listen(nil)
	if err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
	r = &reader{l: New(Options{HTTP: f.o.HTTP}), change: datastore.Change{New: tree}}
	if all, err = r.listen(nil); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}
