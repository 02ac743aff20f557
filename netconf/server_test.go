package netconf

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/yang"
)

var ctx = context.Background()

// clock is the time of everything in these tests.
func clock() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// testSchema is compiled once for each set of features: the protocol's modules and
// those of testdata.
var testSchema = struct {
	sync.Mutex
	of map[string]*yang.Schema
}{of: map[string]*yang.Schema{}}

// schema has besides the features that are always on those of ietf-netconf given.
func schema(t testing.TB, features ...string) *yang.Schema {
	t.Helper()
	testSchema.Lock()
	defer testSchema.Unlock()
	key := strings.Join(features, " ")
	if testSchema.of[key] == nil {
		s, err := compile(features)
		if err != nil {
			t.Fatal(err)
		}
		testSchema.of[key] = s
	}
	return testSchema.of[key]
}

// compile takes the names of modules for features too: of altoam, and those of
// testdata/rfc.
func compile(features []string) (*yang.Schema, error) {
	files := fstest.MapFS{}
	var modules []string
	for _, f := range features {
		text, err := os.ReadFile(filepath.Join("testdata/rfc", f+".yang"))
		if err == nil {
			files[f+".yang"] = &fstest.MapFile{Data: text}
		}
		if err == nil || strings.Contains(f, "altoam-") || strings.Contains(f, "ietf-") {
			modules = append(modules, f)
		}
	}
	features = slices.DeleteFunc(slices.Clone(features), func(f string) bool { return slices.Contains(modules, f) })
	o := yang.Options{Features: map[string][]string{
		"ietf-netconf": append(features, "writable-running", "candidate", "confirmed-commit", "rollback-on-error", "validate", "xpath"),
	}}
	for _, name := range []string{"config", "farm", "event"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".yang"))
		if err != nil {
			return nil, err
		}
		files[name+".yang"] = &fstest.MapFile{Data: text}
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
	}
	for _, name := range append(modules, []string{
		"ietf-netconf", "ietf-netconf-with-defaults", "ietf-netconf-monitoring",
		"ietf-netconf-nmda", "ietf-nmda-compare", "ietf-netconf-partial-lock", "ietf-datastores", "ietf-origin", "ietf-yang-library", "altoam-commit",
		"notifications", "nc-notifications", "ietf-netconf-notifications",
	}...) {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
	}
	return yang.Compile(yang.NewLibrary(yang.BuiltinFS(), files), o)
}

// fixture is a Server on a started Store of its own.
type fixture struct {
	testing.TB
	store       *datastore.Store
	server      *Server
	farm        *farm
	operational atomic.Pointer[string] // what operational has besides, in XML
	serve       sync.WaitGroup
}

// start starts a server whose running is the XML given, with further features of
// ietf-netconf.
func start(t testing.TB, running string, o Options, features ...string) *fixture {
	t.Helper()
	schema := schema(t, features...)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, farm: &farm{}}
	stored := datastore.Options{Schema: schema, Backend: backend, Now: clock}
	if slices.Contains(features, "startup") {
		startup, err := bolt.Open(filepath.Join(t.TempDir(), "startup.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { startup.Close() })
		stored.Startup = startup
	}
	if f.store, err = datastore.Open(stored); err != nil {
		t.Fatal(err)
	}
	o.Store, o.Now = f.store, clock
	f.server = New(o)
	f.farm.join(f.store)
	reporter(f.store)
	f.joinRFC()
	if err := f.store.Start(ctx, func() (*tree.Tree, error) { return parse(schema, running) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.serve.Wait()
		if n := len(f.store.Sessions()); n > 0 {
			t.Errorf("%d sessions outlive their connections", n)
		}
		backend.Close()
	})
	return f
}

// parse reads data in XML.
func parse(s *yang.Schema, text string) (*tree.Tree, error) {
	b := tree.NewBuilder(s.Root)
	x := codec.NewXMLReader(strings.NewReader("<data>"+text+"</data>"), codec.XMLLimits{})
	if _, err := x.Next(); err != nil {
		return nil, err
	}
	if err := codec.DecodeXML(x, s, s.Root, b, codec.DecodeOptions{}); err != nil {
		return nil, err
	}
	return b.Tree()
}

// farm is the state and the operations of the module farm.
type farm struct {
	mu    sync.Mutex
	asked int
}

func (*farm) Paths() []string {
	return []string{"/farm:farm/stall/warmth", "/farm:farm/weather", "/farm:field"}
}

func (m *farm) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	m.mu.Lock()
	m.asked++
	m.mu.Unlock()
	w := datastore.NewWriter(root)
	f := w.In("farm:farm")
	f.In("weather").Set("rain", false)
	n := root.Node().Child(root.Schema().Child("farm", "farm"))
	for e := range n.Entries(n.Schema().Child("farm", "stall")) {
		f.Existing("stall", e.KeyValues()...).Set("warmth", 12)
	}
	w.In("farm:field").Set("harvest", 7)
	return w.Err()
}

func (m *farm) reads() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

func (m *farm) join(s *datastore.Store) {
	s.AddStateProvider(m)
	s.HandleRPC("farm", "feed", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		out := tree.New(c.Node.Output()).Mutate()
		datastore.NewWriter(out).Set("eaten", c.Input.Root().Leaf("amount"))
		return out.Done(), nil
	})
	s.HandleRPC("farm", "rest", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	s.HandleRPC("farm", "sleep", func(ctx context.Context, _ datastore.Call) (*tree.Tree, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	s.HandleRPC("farm", "explode", func(context.Context, datastore.Call) (*tree.Tree, error) { panic("boom") })
	s.HandleAction("/farm:farm/stall/clean", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		out := tree.New(c.Node.Output()).Mutate()
		datastore.NewWriter(out).Set("buckets", len(c.Path[1].Keys[0].String()))
		return out.Done(), nil
	})
	s.HandleAction("/farm:farm/stall/air", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	s.HandleAction("/farm:farm/door/open", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		return nil, errors.New("the hinge at 10.0.0.7 is broken")
	})
}

// client is a NETCONF client on an in-process connection.
type client struct {
	t      testing.TB
	conn   net.Conn
	framer *transport.Framer
}

// connect opens a connection without saying hello.
func (f *fixture) connect() *client {
	if over != nil {
		near := over(f)
		f.Cleanup(func() { near.Close() })
		return &client{f, near, transport.NewFramer(near, transport.Limits{})}
	}
	near, far := net.Pipe()
	f.serve.Go(func() {
		f.server.Handle(ctx, &transport.Conn{
			ReadWriteCloser: far, User: "ann",
			Remote: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}, Transport: transport.NetconfSSH,
		})
	})
	f.Cleanup(func() { near.Close() })
	return &client{f, near, transport.NewFramer(near, transport.Limits{})}
}

const hello11 = `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>` +
	`<capability>urn:ietf:params:netconf:base:1.0</capability><capability>urn:ietf:params:netconf:base:1.1</capability>` +
	`</capabilities></hello>`

// session opens a session of base:1.1.
func (f *fixture) session() *client {
	c := f.connect()
	c.read()
	c.write(hello11)
	c.framer.SetChunked()
	return c
}

// write sends a message; when the session has ended it is lost.
func (c *client) write(text string) {
	m := c.framer.NewMessage()
	m.WriteString(text)
	if err := m.Close(); err != nil && over == nil && !errors.Is(err, io.ErrClosedPipe) {
		c.t.Errorf("write: %v", err)
	}
}

// read returns the next message, "" when the session has ended.
func (c *client) read() string {
	r, err := c.framer.Next()
	if err != nil {
		return ""
	}
	b, err := io.ReadAll(r)
	if err != nil {
		c.t.Error(err)
	}
	return string(b)
}

// rpc sends an operation and returns the content of its reply.
func (c *client) rpc(operation string) string {
	c.write(fmt.Sprintf(`<rpc xmlns="%s" message-id="1">%s</rpc>`, nsBase, operation))
	reply := c.read()
	if err := wellFormed(reply); err != nil {
		c.t.Errorf("%v: %s", err, reply)
	}
	content, ok := strings.CutPrefix(reply, `<rpc-reply xmlns="`+nsBase+`" message-id="1">`)
	if !ok {
		c.t.Errorf("no reply: %s", reply)
	}
	return strings.TrimSuffix(content, "</rpc-reply>")
}

func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (c *client) close() { c.conn.Close() }

// must fails the test unless the operation succeeds.
func (c *client) must(operation string) {
	c.t.Helper()
	if got := c.rpc(operation); got != "<ok/>" {
		c.t.Fatalf("%s: %s", operation, got)
	}
}
