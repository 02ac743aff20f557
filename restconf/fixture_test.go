package restconf

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/history"
	"github.com/altoam/altoam/yang"
)

// testSchema holds the modules of testdata, those named, and what a RESTCONF server has.
func testSchema(t testing.TB, more ...string) *yang.Schema {
	t.Helper()
	var o yang.Options
	for _, m := range append(more,
		"ietf-datastores", "ietf-origin", "ietf-yang-library", "ietf-restconf", "ietf-restconf-monitoring", "ietf-yang-patch",
		"ietf-netconf-with-defaults", "altoam-commit", "example-jukebox", "example-top", "example-more", "example-rules",
		"nc-notifications", "example-mod",
	) {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: m})
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), os.DirFS("testdata/yang"), os.DirFS("testdata/yang-rfc")), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fixture is a Server over a Store in a file of its own.
type fixture struct {
	t      testing.TB
	server *Server
	store  *datastore.Store
	now    time.Time
	client *http.Client // of live
	wheels int          // how often the state of wheels was asked for
}

// newFixture starts a Server with the modules named beside those of testdata/yang.
func newFixture(t testing.TB, with func(*Options), modules ...string) *fixture {
	t.Helper()
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	f := &fixture{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	f.store, err = datastore.Open(datastore.Options{Schema: testSchema(t, modules...), Backend: backend, Now: func() time.Time { return f.now }})
	if err != nil {
		t.Fatal(err)
	}
	f.handle()
	f.publish()
	o := Options{Store: f.store, Report: history.Report(f.store), Now: func() time.Time { return f.now }, Authenticate: func(r *http.Request) (datastore.User, error) {
		name, password, ok := r.BasicAuth()
		if !ok || password != "secret" {
			return datastore.User{}, rpcerr.New(rpcerr.AccessDenied, "", "no")
		}
		return datastore.User{Name: name}, nil
	}}
	if with != nil {
		with(&o)
	}
	f.server = New(o)
	if err := f.store.Start(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// handle registers the operations and the state.
func (f *fixture) handle() {
	f.store.AddStateProvider(machine{f})
	f.store.HandleRPC("example-jukebox", "play", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	f.store.HandleRPC("example-top", "reset", func(context.Context, datastore.Call) (*tree.Tree, error) {
		return nil, rpcerr.New(rpcerr.OperationFailed, "", "the machine is hot")
	})
	f.store.HandleRPC("example-top", "measure", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		m := tree.New(c.Node.Output()).Mutate()
		datastore.NewWriter(m).Set("result", "2.50").Set("unit", "example-more:square")
		return m.Done(), nil
	})
	f.store.HandleAction("/example-top:defaults/inner/restore", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		m := tree.New(c.Node.Output()).Mutate()
		datastore.NewWriter(m).Set("done", true)
		return m.Done(), nil
	})
	f.store.HandleAction("/example-top:machine/wheel/spin", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		m := tree.New(c.Node.Output()).Mutate()
		datastore.NewWriter(m).Set("turns", c.Input.Root().Leaf("times"))
		return m.Done(), nil
	})
}

// publish registers the operations that make events happen.
func (f *fixture) publish() {
	s := f.store.Schema()
	f.store.HandleRPC("example-mod", "report", func(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
		m := tree.New(s.Find("/example-mod:event")).Mutate()
		w := datastore.NewWriter(m)
		in := c.Input.Root()
		for _, name := range []string{"event-class", "severity"} {
			if v := in.Leaf(name); !v.IsZero() {
				w.Set(name, v)
			}
		}
		if e := in.Child(c.Node.Input().Child("example-mod", "reporting-entity")); e != nil {
			w.In("reporting-entity").Set("card", e.Leaf("card"))
		}
		return nil, f.store.Publish(ctx, notify.Event{Tree: m.Done()})
	})
	f.store.HandleRPC("example-mod", "ring", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		rack, slot := s.Find("/example-mod:rack"), s.Find("/example-mod:rack/slot")
		m := tree.New(s.Find("/example-mod:rack/slot/alarm")).Mutate()
		datastore.NewWriter(m).Set("bell", c.Input.Root().Leaf("bell"))
		path := tree.Path{{Schema: rack}, {Schema: slot, Keys: []yang.Value{c.Input.Root().Leaf("slot")}}}
		return nil, f.store.Events().Publish(notify.Event{Path: path, Tree: m.Done()})
	})
}

// machine is the state of example-top and the counts of the jukebox.
type machine struct{ f *fixture }

func (machine) Paths() []string {
	return []string{
		"/example-top:machine/temperature", "/example-top:machine/event", "/example-top:machine/wheel/turns",
		"/example-jukebox:jukebox/library/artist-count",
	}
}

func (p machine) State(_ context.Context, req datastore.StateRequest, m *tree.Mut) error {
	p.f.wheels++
	w := datastore.NewWriter(m)
	c := w.In("example-top:machine").Set("temperature", 61)
	for _, text := range []string{"started", "stopped"} {
		c.Entry("event").Set("text", text)
	}
	s := p.f.store.Schema()
	if n := req.Running.Root().Child(s.Find("/example-top:machine")); n != nil {
		for e := range n.Entries(s.Find("/example-top:machine/wheel")) {
			c.Existing("wheel", e.KeyValues()...).Set("turns", 7)
		}
	}
	if n := req.Running.Root().Child(s.Find("/example-jukebox:jukebox")); n != nil {
		artists := 0
		if l := n.Child(s.Find("/example-jukebox:jukebox/library")); l != nil {
			artists = l.Len(s.Find("/example-jukebox:jukebox/library/artist"))
		}
		w.In("example-jukebox:jukebox").In("library").Set("artist-count", artists)
	}
	return w.Err()
}

// do sends a request: a line "METHOD URI", header lines, an empty line, the body.
// The user is admin unless there is an Authorization line.
func (f *fixture) do(text string) *httptest.ResponseRecorder {
	f.t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, uri, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, uri, strings.NewReader(body))
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("admin:secret")))
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ":")
		if name == "Authorization" {
			r.Header.Del(name)
		}
		if value = strings.TrimSpace(value); value != "" {
			r.Header.Add(name, value)
		}
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	return w
}

// must sends a request that has to end with that status.
func (f *fixture) must(code int, text string) *httptest.ResponseRecorder {
	f.t.Helper()
	w := f.do(text)
	if w.Code != code {
		f.t.Fatalf("%s\n= %d %s, want %d", text, w.Code, w.Body, code)
	}
	return w
}

const (
	jsonBody = "\nContent-Type: application/yang-data+json\n\n"
	xmlBody  = "\nContent-Type: application/yang-data+xml\n\n"
	wantJSON = "\nAccept: application/yang-data+json"
	wantXML  = "\nAccept: application/yang-data+xml"
)
