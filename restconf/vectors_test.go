package restconf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestVectors plays the messages of the RFCs in testdata/rfc, as they stand and with the
// encodings exchanged: each "request" has the "answer" that follows, of which all headers
// shown and the data are compared. "*" is any value of a header, "none" its absence, $ETag
// in a request the entity tag that came last. An answer may have more "among others".
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, file := range files {
		for name, swap := range map[string]bool{"": false, ", encodings exchanged": true} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+name, func(t *testing.T) {
				a, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				v := &vectors{fixture: newVectorFixture(t), swap: swap}
				for i := 0; i+1 < len(a.Files); i += 2 {
					name, isRequest := strings.CutSuffix(a.Files[i].Name, " request")
					more, isAnswer := strings.CutPrefix(a.Files[i+1].Name, name+" answer")
					if !isRequest || !isAnswer {
						t.Fatalf("%s and %s are no request with its answer", a.Files[i].Name, a.Files[i+1].Name)
					}
					if err := v.play(string(a.Files[i].Data), string(a.Files[i+1].Data), more != ""); err != nil {
						t.Errorf("%s\n%s%v", name, a.Files[i].Data, err)
					}
				}
			})
		}
	}
}

// vectors is a walk through messages.
type vectors struct {
	*fixture
	swap bool
	etag string
}

// httpMessage is a message as the RFCs print it: lines that end in a backslash go on.
type httpMessage struct {
	start  string
	header map[string]string
	body   string
}

func parseMessage(text string) httpMessage {
	parts := strings.Split(text, "\\\n")
	for i := range parts[1:] {
		parts[i+1] = strings.TrimLeft(parts[i+1], " ")
	}
	head, body, _ := strings.Cut(strings.Join(parts, ""), "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	m := httpMessage{start: lines[0], header: map[string]string{}, body: body}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		m.header[name] = value
	}
	return m
}

// play sends a request and tells what its answer has other than want.
func (v *vectors) play(request, want string, among bool) error {
	ask, expect := parseMessage(request), parseMessage(want)
	method, target, _ := strings.Cut(strings.TrimSuffix(ask.start, " HTTP/1.1"), " ")
	body := ask.body
	if in, isData := encodingOf(ask.header["Content-Type"]); isData && v.swap {
		if c, err := v.read(method, target, in, body); err == nil { // what is wrong stays as it is
			body, ask.header["Content-Type"] = c.text(1-in), (1 - in).mediaType()
		}
	}
	if accept, isData := encodingOf(ask.header["Accept"]); isData && v.swap {
		ask.header["Accept"] = (1 - accept).mediaType()
	}
	r := httptest.NewRequest(method, "https://"+ask.header["Host"]+target, strings.NewReader(body))
	r.SetBasicAuth("admin", "secret")
	for name, value := range ask.header {
		r.Header.Set(name, strings.ReplaceAll(value, "$ETag", v.etag))
	}
	w := httptest.NewRecorder()
	v.server.ServeHTTP(w, r)
	if tag := w.Header().Get("ETag"); tag != "" {
		v.etag = tag
	}
	if got := fmt.Sprintf("HTTP/1.1 %d %s", w.Code, http.StatusText(w.Code)); got != expect.start {
		return fmt.Errorf("got %s, want %s\n%s", got, expect.start, w.Body)
	}
	if err := v.headers(w, expect); err != nil {
		return err
	}
	return v.body(method, target, w, expect, among)
}

func (v *vectors) headers(w *httptest.ResponseRecorder, expect httpMessage) error {
	for _, name := range slices.Sorted(maps.Keys(expect.header)) {
		got, want := w.Header().Get(name), expect.header[name]
		if _, isData := encodingOf(want); isData && v.swap {
			continue
		}
		if want == "*" && got == "" || want == "none" && got != "" || want != "*" && want != "none" && want != got {
			return fmt.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	return nil
}

func (v *vectors) body(method, target string, w *httptest.ResponseRecorder, expect httpMessage, among bool) error {
	in, isData := encodingOf(expect.header["Content-Type"])
	switch {
	case expect.body == "":
		return nil
	case !isData:
		if tidy(w.Body.String()) != tidy(expect.body) {
			return fmt.Errorf("got %s, want %s", w.Body, expect.body)
		}
		return nil
	}
	want, err := v.read(method, target, in, expect.body)
	if err != nil {
		return fmt.Errorf("the vector: %w", err)
	}
	out, _ := encodingOf(w.Header().Get("Content-Type"))
	if _, asked := expect.header["Accept"]; v.swap && asked && out == in {
		return fmt.Errorf("Content-Type is %s", out.mediaType())
	}
	got, err := v.read(method, target, out, w.Body.String())
	if err != nil {
		return err
	}
	if !like(want.value(), got.value(), among) {
		return fmt.Errorf("got %s\nwant %s", got.text(inJSON), want.text(inJSON))
	}
	return nil
}

// tidy is XML with one kind of quotes and no white space between elements.
func tidy(text string) string {
	return strings.NewReplacer("'", `"`, "\n", "", "  ", "").Replace(text)
}

func encodingOf(mediaType string) (encoding, bool) {
	i := slices.Index(mediaTypes, mediaType)
	return encoding(max(i, 0)), i >= 0
}

// content is the data in a message: what is below a schema node, and around it if that
// is shown too.
type content struct {
	schema *yang.Schema
	tree   *tree.Tree
	around *envelope
}

// read reads the data in the body of a request to target or of its answer.
func (v *vectors) read(method, target string, in encoding, body string) (content, error) {
	module, name, err := v.outermost(in, body)
	if err != nil {
		return content{}, err
	}
	parent, around, last := v.parent(target, module, name)
	if parent == nil {
		return content{}, fmt.Errorf("no place for %s:%s in %s", module, name, target)
	}
	b := tree.NewBuilder(parent)
	if method == http.MethodPatch {
		b.Target = last
	}
	q, o := &request{Server: v.server}, codec.DecodeOptions{}
	if name == "errors" {
		o.Report = func(*rpcerr.Error) {} // an error-path to the input of an operation is no instance-identifier
	}
	if in == inJSON {
		err = q.readJSON(bufio.NewReader(strings.NewReader(body)), parent, b, around, o)
	} else {
		err = q.readXML(strings.NewReader(body), parent, b, around, o)
	}
	if err != nil {
		return content{}, fmt.Errorf("%w in\n%s", err, body)
	}
	t, err := b.Tree()
	return content{v.server.schema, t, around}, err
}

// outermost is the name of the node that a body is.
func (v *vectors) outermost(in encoding, body string) (module, name string, err error) {
	if in == inXML {
		var top struct{ XMLName xml.Name }
		err = xml.Unmarshal([]byte(body), &top)
		for _, m := range v.server.schema.Modules {
			if m.Namespace == top.XMLName.Space {
				module = m.Name
			}
		}
		return module, top.XMLName.Local, err
	}
	var top map[string]json.RawMessage
	err = json.Unmarshal([]byte(body), &top)
	for qualified := range top {
		module, name, _ = strings.Cut(qualified, ":")
	}
	return module, name, err
}

// parent is the schema node that the outermost node, or what is within an envelope, is
// a child of; last is the step of the target to it.
func (v *vectors) parent(target, module, name string) (parent *yang.Node, around *envelope, last tree.Step) {
	s := v.server.schema
	for _, m := range []*yang.Module{v.server.own, v.server.patches.Module} {
		for _, n := range m.Structures {
			switch api := n.Child(module, "restconf"); {
			case n.Child(module, name) != nil:
				return n, nil, last
			case api != nil && api.Child(module, name) != nil && name == "yang-library-version":
				return api, nil, last
			}
		}
	}
	path, _, _ := strings.Cut(target, "?")
	find := dataResource
	path, isData := strings.CutPrefix(path, "/restconf/data")
	if !isData {
		path, find = strings.TrimPrefix(path, "/restconf/operations"), operationResource
	}
	res, err := find(v.server, path)
	op, steps := res.operation, res.path
	switch {
	case err != nil:
		return nil, nil, last
	case op != nil && name == "input":
		return op.Input(), &envelope{op.Module, name}, last
	case op != nil:
		return op.Output(), &envelope{op.Module, name}, last
	case name == "data":
		return s.Root, &envelope{v.server.own, name}, last
	case len(steps) == 0:
		return s.Root, nil, last
	case steps.Schema().DataParent.Child(module, name) != nil:
		return steps.Schema().DataParent, nil, steps[len(steps)-1]
	}
	return steps.Schema(), nil, last
}

// text is c in an encoding.
func (c content) text(e encoding) string {
	var b bytes.Buffer
	o := codec.EncodeOptions{Schema: c.schema, TagDefaults: true, Origin: true}
	encode, before, after := codec.EncodeJSON, "", ""
	switch {
	case c.around == nil && e == inJSON:
		encode = func(w io.Writer, t *tree.Tree, o codec.EncodeOptions) error {
			return codec.EncodeJSONNodes(w, t.Root().Children(), o)
		}
	case e == inXML:
		encode = codec.EncodeXML
	}
	switch {
	case c.around != nil && e == inXML:
		before, after = fmt.Sprintf("<%s xmlns=%q>", c.around.name, c.around.module.Namespace), "</"+c.around.name+">"
	case c.around != nil:
		before, after = "{"+strconv.Quote(c.around.module.Name+":"+c.around.name)+":", "}"
	}
	b.WriteString(before)
	if err := encode(&b, c.tree, o); err != nil {
		panic(err) // a Buffer takes everything
	}
	return b.String() + after
}

func (c content) value() (value any) {
	if err := json.Unmarshal([]byte(c.text(inJSON)), &value); err != nil {
		panic(err)
	}
	return value
}

// like compares data but for the text of error messages. Where others are allowed got may
// have more members and entries.
func like(want, got any, among bool) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		for name := range want {
			ok = ok && (name == "error-message" && got[name] != nil || like(want[name], got[name], among))
		}
		return ok && (among || len(want) == len(got))
	case []any:
		got, ok := got.([]any)
		if !among {
			return ok && slices.EqualFunc(want, got, func(x, y any) bool { return like(x, y, false) })
		}
		for _, x := range want {
			ok = ok && slices.ContainsFunc(got, func(y any) bool { return like(x, y, true) })
		}
		return ok
	}
	return want == got
}
