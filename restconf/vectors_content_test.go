package restconf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

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

// swapped is the body of a request in the other encoding, as its Content-Type is from now
// on. What is wrong stays as it is.
func (v *vectors) swapped(method, target string, header map[string]string, body string) string {
	typ := header["Content-Type"]
	types := mediaTypes
	if slices.Contains(yangPatchTypes, typ) {
		types = yangPatchTypes
	}
	in := encoding(slices.Index(types, typ))
	if !slices.Contains(types, typ) {
		return body
	}
	c, err := v.read(method, target, in, body)
	if err != nil {
		return body
	}
	if patch := c.tree.Find(tree.Path{{Schema: v.server.patches.Child(patchModule, "yang-patch")}}); patch != nil {
		c.tree = v.withValues(target, c.tree, patch)
	}
	header["Content-Type"] = types[1-in]
	return c.text(1 - in)
}

// withValues is a YANG Patch with its values read by the schema: names in XML need their
// namespaces, which those of the RFC's in JSON leave open.
func (v *vectors) withValues(target string, t *tree.Tree, patch *tree.Node) *tree.Tree {
	res, err := dataResource(v.server, strings.TrimPrefix(target, "/restconf/data"))
	if err != nil {
		v.t.Fatal(err)
	}
	list := patch.Schema().Child(patchModule, "edit")
	q := &request{Server: v.server, res: res, r: new(http.Request), session: v.server.store.NewSession(datastore.User{Name: "reader"}, datastore.Source{})}
	defer q.session.Close()
	m := t.Mutate()
	for e := range patch.Entries(list) {
		x, _, err := q.patchEdit(e)
		if err != nil {
			v.t.Fatal(err)
		}
		if x.value != nil {
			m.Child(patch.Schema()).Entry(list, e.Key()).SetAny(list.Child(patchModule, "value"), &tree.Any{Tree: x.value})
		}
	}
	return m.Done()
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
