package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/agent/driver"
	_ "github.com/altoam/altoam/agent/drivers/all"
	"github.com/altoam/altoam/alto/schema/schematest"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"go.uber.org/goleak"
)

// TestMain demands that Run ends all it starts; ygot's logger never ends. Nobody else may
// write to folders of tests, whatever the umask: no socket would be used there.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

var ctx = context.Background()

// schema is the one the program has, compiled once for all tests.
var schema = sync.OnceValues(func() (*yang.Schema, error) { return compile() })

// compile returns the schema of the program with further modules, given as texts of
// modules m1, m2 and so on.
func compile(texts ...string) (*yang.Schema, error) {
	names := append([]string{
		"ietf-alto", "ietf-alto-stats", "ietf-datastores", "ietf-origin", "iana-crypt-hash",
		"ietf-crypto-types", "ietf-keystore", "ietf-truststore",
		"ietf-tcp-common", "ietf-tcp-server", "ietf-tls-common", "ietf-tls-server", "ietf-http-server",
		"altoam-source-remote",
		"altoam-calendar", "altoam-cost-metric",
		"altoam-logging", "ietf-netconf-notifications", "altoam-source", "altoam-access", "altoam-discovery", "altoam-alarms", "altoam-guard", "altoam-map-size", "altoam-probe", "altoam-secrets",
		"altoam-commit", "altoam-map-change", "altoam-path-vector", "altoam-propmap", "altoam-statistics", "altoam-southbound", "altoam-update-stream", "altoam-tips", "altoam-resource-path", "ietf-system", "altoam-deviations",
	}, driver.ModuleNames()...)
	files := fstest.MapFS{}
	for i, text := range texts {
		name := fmt.Sprintf("m%d", i+1)
		names = append(names, name)
		files[name+".yang"] = &fstest.MapFile{Data: []byte(text)}
	}
	o := yang.Options{Features: map[string][]string{"ietf-alto": {
		"alto-client", "alto-server", "cdni", "cost-calendar", "http-listen", "incr-update", "multi-cost", "path-vector", "performance-metrics", "propmap", "xdom-disc",
	}, "ietf-crypto-types": {
		"cleartext-passwords", "cleartext-private-keys", "cleartext-symmetric-keys", "encrypted-passwords", "encrypted-private-keys",
		"encrypted-symmetric-keys", "one-asymmetric-key-format", "symmetrically-encrypted-value-format",
	}}}
	for _, name := range names {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
	}
	return yang.Compile(yang.NewLibrary(append(driver.Modules(), yang.BuiltinFS(), files)...), o)
}

// lab is an agent in a running Store with a file of its own.
type lab struct {
	*testing.T
	home   string // of the agent: its files alone are there
	schema *yang.Schema
	store  *datastore.Store
	agent  *agent.Agent
	clock  *clock
	veto   atomic.Bool   // whoever is asked after the agent refuses
	hold   chan struct{} // and waits before it does, where there is one
}

// last is a participant after the agent.
type last struct{ *lab }

func (last) Name() string { return "last" }

func (p last) Prepare(context.Context, datastore.Change) (datastore.Prepared, error) {
	if p.veto.Load() {
		if p.hold != nil {
			<-p.hold
		}
		return nil, errors.New("vetoed")
	}
	return p, nil
}

func (last) Apply() {}
func (last) Abort() {}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newLab starts the agent's Run too; everything ends with the test.
func newLab(t *testing.T) *lab { return labAt(t, filepath.Join(t.TempDir(), "store")) }

func labAt(t *testing.T, path string) *lab {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	return labOf(t, path, s)
}

func labOf(t *testing.T, path string, s *yang.Schema, with ...func(*agent.Options)) *lab {
	t.Helper()
	backend, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	sealer := testSealer(s)
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend, Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{T: t, home: filepath.Dir(path), schema: s, store: store, clock: &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}}
	log := l.addLogging()
	o := agent.Options{
		Store: store, Log: log, Now: l.clock.Now, Retry: 50 * time.Millisecond, StateDir: path + ".state",
		VerifyPassword: verify, Secrets: sealer, HomeFolder: l.home,
	}
	if apart {
		p := &plane{T: t, schema: s, now: l.clock.Now}
		t.Cleanup(p.kill)
		o.StartServer, o.ServerSocket = p.start, filepath.Join(t.TempDir(), "s")
	}
	for _, f := range with {
		f(&o)
	}
	l.agent = agent.New(o)
	store.AddParticipant(l.agent)
	store.AddParticipant(last{l})
	store.AddStateProvider(l.agent)
	if err := store.Start(ctx, nil); err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- l.agent.Run(run) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	l.settled()
	return l
}

// verify tells whether hash is that of password.
func verify(hash, password string) bool {
	if strings.HasPrefix(password, slowPassword) {
		time.Sleep(1500 * time.Millisecond)
	}
	return hash == hashOf(password)
}

// slowPassword begins those whose check takes its time.
const slowPassword = "slow"

// hashOf stands for a password hash: it only looks like one.
func hashOf(password string) string {
	return "$5$salt$" + password + strings.Repeat(".", 43-len(password))
}

// object is a JSON object of a test's configuration.
type object = map[string]any

// list is a JSON array.
type list = []any

// session opens a session that ends with the test.
func (l *lab) session() *datastore.Session {
	x := l.store.NewSession(datastore.User{Name: "test"}, datastore.Source{Protocol: "test", Address: "127.0.0.1"})
	l.Cleanup(x.Close)
	return x
}

// change makes an edit of content below the container alto-server.
func (l *lab) change(op edit.Op, server object) *edit.Edit {
	l.Helper()
	if apart && op != edit.Remove && server["altoam-southbound:southbound"] == nil {
		server = maps.Clone(server)
		server["altoam-southbound:southbound"] = object{"process": object{}}
	}
	return l.edit(op, object{"ietf-alto:alto": object{"alto-server": server}})
}

func (l *lab) edit(op edit.Op, content object) *edit.Edit {
	l.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		l.Fatal(err)
	}
	b := edit.NewBuilder(l.schema.Root, op)
	if err := codec.DecodeJSON(bytes.NewReader(text), l.schema, l.schema.Root, b, codec.DecodeOptions{ConfigOnly: true}); err != nil {
		l.Fatal(err)
	}
	e, err := b.Edit()
	if err != nil {
		l.Fatal(err)
	}
	return e
}

func (l *lab) merge(server object) error {
	l.Helper()
	err := l.session().Edit(ctx, datastore.Running, l.change(edit.Merge, server), datastore.EditOptions{})
	l.settled()
	return err
}

func (l *lab) delete(path string) error {
	l.Helper()
	e, err := edit.DeleteResource(l.path(path))
	if err != nil {
		l.Fatal(err)
	}
	err = l.session().Edit(ctx, datastore.Running, e, datastore.EditOptions{})
	l.settled()
	return err
}

func (l *lab) path(text string) tree.Path {
	l.Helper()
	p, err := tree.ParsePath(l.schema, text)
	if err != nil {
		l.Fatal(err)
	}
	return p
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// base is the URI of the root IRD without "directory".
func (l *lab) base() string {
	l.Helper()
	irds := l.agent.IRDs()
	if len(irds) == 0 {
		l.Fatal("the ALTO server listens nowhere")
	}
	base, ok := strings.CutSuffix(irds[0], "directory")
	if !ok {
		l.Fatalf("root IRD at %s", irds[0])
	}
	return base
}

// get fetches a path below the base URI.
func (l *lab) get(path string, with ...func(*http.Request)) (status int, body string) {
	l.Helper()
	return l.request(http.MethodGet, path, "", "", with...)
}

func (l *lab) request(method, path, media, content string, with ...func(*http.Request)) (status int, body string) {
	l.Helper()
	r, err := http.NewRequest(method, l.base()+path, strings.NewReader(content))
	if err != nil {
		l.Fatal(err)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for _, f := range with {
		f(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.Fatal(err)
	}
	if method != http.MethodHead && resp.Header.Get("Content-Encoding") == "" && resp.Header.Get("Content-Type") != "" {
		if err := schematest.Check(resp.Header.Get("Content-Type"), text); err != nil {
			l.Errorf("%s %s: %v\n%.2000s", method, path, err, text)
		}
	}
	return resp.StatusCode, string(text)
}

// vtag fetches a map and returns its tag.
func (l *lab) vtag(path string) string {
	l.Helper()
	status, body := l.get(path)
	var m struct {
		Meta struct {
			VTag struct {
				Tag string `json:"tag"`
			} `json:"vtag"`
		} `json:"meta"`
	}
	if err := json.Unmarshal([]byte(body), &m); err != nil || status != 200 || m.Meta.VTag.Tag == "" {
		l.Fatalf("GET %s: %d %s", path, status, body)
	}
	return m.Meta.VTag.Tag
}

// operational reads a leaf of operational, "" where it is absent.
func (l *lab) operational(path string) string {
	l.Helper()
	p := l.path(path)
	t, err := l.session().Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{p}})
	if err != nil {
		l.Fatal(err)
	}
	n := t.Find(p)
	if n == nil {
		return ""
	}
	return n.Value().String()
}

// eventually waits until f is true.
func (l *lab) eventually(what string, f func() bool) {
	l.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) { // the machine may be busy
		if f() {
			return
		}
	}
	l.Fatalf("did not happen: %s", what)
}

// refusal checks that err is one rpcerr.Error about the node at path, below
// alto-server, and running what it was.
func (l *lab) refusal(err error, tag rpcerr.Tag, path, words string) {
	l.Helper()
	if err == nil {
		l.Fatal("the change was made, expected a refusal")
	}
	var first *rpcerr.Error
	if all := rpcerr.All(err); len(all) != 1 {
		l.Fatalf("%d errors: %v, expected one", len(all), err)
	} else {
		first = all[0]
	}
	if want := "/ietf-alto:alto/alto-server" + path; first.Tag != tag || first.Path != want || !strings.Contains(first.Message, words) {
		l.Errorf("got %s at %s: %s\nexpected %s at %s: …%s…", first.Tag, first.Path, first.Message, tag, want, words)
	}
	if first.Path != "" {
		if _, err := tree.ParsePath(l.schema, first.Path); err != nil {
			l.Errorf("path of the error: %v", err)
		}
	}
	if errors.Is(err, context.Canceled) {
		l.Error("canceled")
	}
}

var noOptions datastore.EditOptions

// replaceServer puts another container alto-server in the place of the one there is.
func (l *lab) replaceServer(server object) error {
	l.Helper()
	e := l.change(edit.Merge, server)
	t, err := edit.Apply(tree.New(l.schema.Root), e, edit.Options{})
	if err != nil {
		l.Fatal(err)
	}
	m := l.store.Running().Tree.Mutate()
	m.Put(t.Root().Child(l.schema.Find("/ietf-alto:alto")), tree.Position{})
	err = l.session().Replace(ctx, datastore.Running, m.Done(), noOptions)
	l.settled()
	return err
}
