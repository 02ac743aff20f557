package restconf

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/netconf"
	"github.com/altoam/altoam/netconf/transport"
)

// TestBoth makes the edits of testdata/both over RESTCONF and, as the edit-config that
// means the same, over NETCONF: configuration, errors and events must be the same, and
// those of the section "outcome". An edit is "METHOD URI" and a body in JSON, YANG-PATCH
// one of RFC 8072; the section "edit-config" is for what cannot be said of a body.
func TestBoth(t *testing.T) {
	files, err := filepath.Glob("testdata/both/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no edits", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { playBoth(t, file) })
	}
}

func playBoth(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := newBoth(t)
	var out []txtar.File
	for i := 0; i < len(a.Files); {
		step, config, want := a.Files[i], "", ""
		out = append(out, step)
		if i++; i < len(a.Files) && a.Files[i].Name == "edit-config" {
			config = string(a.Files[i].Data)
			out = append(out, a.Files[i])
			i++
		}
		if i < len(a.Files) && a.Files[i].Name == "outcome" {
			want = string(a.Files[i].Data)
			i++
		}
		head, body, _ := strings.Cut(string(step.Data), "\n")
		method, target, _ := strings.Cut(head, " ")
		if config == "" {
			config = b.editConfig(method, target, body)
		}
		got := b.make(step.Name, method, target, body, config)
		if out = append(out, txtar.File{Name: "outcome", Data: []byte(got)}); got != want && !*update {
			t.Errorf("%s\n%s%s\ngot:\n%swant:\n%s", step.Name, step.Data, config, got, want)
		}
	}
	if *update {
		a.Files = out
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// both is two servers that should do the same, each with the events of its own.
type both struct {
	testing.TB
	rest, nc *side
	framer   *transport.Framer
}

type side struct {
	*fixture
	events *notify.Subscription
}

func newBoth(t testing.TB) *both {
	b := &both{TB: t}
	start := func(with func(*Options)) *side {
		f := newFixture(t, with, "ietf-netconf", "ietf-netconf-notifications")
		events, err := f.store.Events().Subscribe(notify.Request{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(events.Close)
		return &side{f, events}
	}
	var server *netconf.Server
	b.rest = start(nil)
	b.nc = start(func(o *Options) { server = netconf.New(netconf.Options{Store: o.Store}) })
	near, far := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Handle(context.Background(), &transport.Conn{
			ReadWriteCloser: far, User: "admin",
			Remote: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}, Transport: transport.NetconfSSH,
		})
	}()
	t.Cleanup(func() {
		near.Close()
		<-served
	})
	b.framer = transport.NewFramer(near, transport.Limits{})
	b.read()
	b.write(`<hello xmlns="` + nsNetconf + `"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>`)
	return b
}

func (b *both) write(text string) {
	m := b.framer.NewMessage()
	m.WriteString(text)
	if err := m.Close(); err != nil {
		b.Fatal(err)
	}
}

func (b *both) read() string {
	r, err := b.framer.Next()
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// make makes an edit on both sides and compares what came of it, which it returns.
func (b *both) make(name, method, target, body, config string) string {
	b.Helper()
	var out strings.Builder
	code, errs := b.overRESTCONF(method, target, body)
	fmt.Fprintln(&out, code)
	for _, e := range errs {
		fmt.Fprintln(&out, e)
	}
	if others := b.overNETCONF(config); !slices.Equal(others, errs) {
		b.Errorf("%s: the errors differ\nRESTCONF %q\nNETCONF  %q\n%s", name, errs, others, config)
	}
	events := b.rest.news(b)
	for _, e := range events {
		fmt.Fprintln(&out, e)
	}
	if others := b.nc.news(b); !slices.Equal(others, events) {
		b.Errorf("%s: the events differ\nRESTCONF %q\nNETCONF  %q\n%s", name, events, others, config)
	}
	if one, other := b.rest.running(b), b.nc.running(b); one != other {
		b.Fatalf("%s: running differs\nRESTCONF %s\nNETCONF  %s\n%s", name, one, other, config)
	}
	return out.String()
}

func (x *side) running(b *both) string {
	var text bytes.Buffer
	if err := codec.EncodeJSON(&text, x.store.Running().Tree, codec.EncodeOptions{}); err != nil {
		b.Fatal(err)
	}
	return text.String()
}

// news are the edits in the events since it was last called: publish marks their end.
func (x *side) news(b *both) (edits []string) {
	x.must(204, "POST /restconf/operations/example-mod:report"+jsonBody+`{"example-mod:input": {"event-class": "mark"}}`)
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	for {
		e, err := x.events.Next(ctx)
		if err != nil {
			b.Fatal(err)
		}
		switch e.Node().Name {
		case "event":
			return edits
		case "netconf-config-change":
			for edit := range e.Tree.Root().Entries(e.Node().Child("ietf-netconf-notifications", "edit")) {
				edits = append(edits, "event "+edit.Leaf("operation").String()+" "+edit.Leaf("target").String())
			}
		}
	}
}

// overRESTCONF returns the status code and the errors, each a line.
func (b *both) overRESTCONF(method, target, body string) (code int, errs []string) {
	header := jsonBody
	if method == "YANG-PATCH" {
		method, header = "PATCH", "\nContent-Type: "+yangPatchTypes[inJSON]+"\n\n"
	}
	w := b.rest.do(method + " " + target + header + body)
	if w.Code < 400 {
		return w.Code, nil
	}
	for _, text := range errorObjects(b, w.Body.Bytes()) {
		var e jsonError
		if err := json.Unmarshal(text, &e); err != nil {
			b.Fatal(err)
		}
		if w.Code == 404 { // what is missing is an error of the URI, and one of the data in NETCONF
			e.Tag = "data-missing"
		}
		path, _ := codec.XMLPath(e.Path, b.rest.server.schema)
		errs = append(errs, fmt.Sprintln(e.Type, e.Tag, e.AppTag, path))
	}
	return w.Code, trimmed(errs)
}

// errorObjects are the members of all arrays "error" in a body.
func errorObjects(b *both, body []byte) (out []json.RawMessage) {
	var object map[string]json.RawMessage
	var array []json.RawMessage
	if json.Unmarshal(body, &object) == nil {
		if object["error-tag"] != nil {
			return []json.RawMessage{body}
		}
		for _, name := range []string{"ietf-restconf:errors", "ietf-yang-patch:yang-patch-status", "errors", "error", "edit-status", "edit"} {
			out = append(out, errorObjects(b, object[name])...)
		}
	}
	if json.Unmarshal(body, &array) == nil {
		for _, x := range array {
			out = append(out, errorObjects(b, x)...)
		}
	}
	return out
}

func (b *both) overNETCONF(config string) (errs []string) {
	b.write(`<rpc xmlns="` + nsNetconf + `" message-id="1"><edit-config><target><running/></target>` + config + `</edit-config></rpc>`)
	var reply struct {
		Error []struct {
			Type   string `xml:"error-type"`
			Tag    string `xml:"error-tag"`
			AppTag string `xml:"error-app-tag"`
			Path   string `xml:"error-path"`
		} `xml:"rpc-error"`
	}
	if err := xml.Unmarshal([]byte(b.read()), &reply); err != nil {
		b.Fatal(err)
	}
	for _, e := range reply.Error {
		errs = append(errs, fmt.Sprintln(e.Type, e.Tag, e.AppTag, e.Path))
	}
	return trimmed(errs)
}

func trimmed(lines []string) []string {
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return lines
}
