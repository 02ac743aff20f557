package restconf

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// editConfig is what the parameters default-operation and config of edit-config must be
// to mean the same as an edit over RESTCONF: ancestors that have to exist, and below them
// the nodes with an operation.
func (b *both) editConfig(method, target, body string) string {
	uri, query, _ := strings.Cut(target, "?")
	path, _, err := parsePath(b.rest.server.schema, strings.TrimPrefix(uri, "/restconf/data"))
	if err != nil {
		b.Fatal(err)
	}
	operation := map[string]string{"POST": "create", "PUT": "replace", "PATCH": "merge", "DELETE": "delete"}[method]
	if len(path) == 0 && method != "POST" {
		return fmt.Sprintf("<default-operation>%s</default-operation><config>%s</config>", operation, b.nodes(method, nil, body))
	}
	above, attributes := path, " nc:operation=\""+operation+`"`+b.position(query)
	if method != "POST" {
		above = path.Parent()
	}
	nodes := ""
	if method == "DELETE" {
		nodes = b.step(path)
	} else {
		nodes = b.nodes(method, path, body)
	}
	nodes = regexp.MustCompile(`^<[\w.-]+`).ReplaceAllString(nodes, "${0}"+attributes)
	before, after := b.ancestors(above)
	return `<default-operation>none</default-operation><config xmlns:nc="` + nsNetconf + `" xmlns:yang="` + nsYang + `">` +
		before + nodes + after + "</config>"
}

// nodes are the nodes of a body in XML.
func (b *both) nodes(method string, path tree.Path, body string) string {
	s := b.rest.server.schema
	q := &request{Server: b.rest.server}
	parent, around := s.Root, (*envelope)(nil)
	switch {
	case len(path) == 0 && method != "POST":
		around = &envelope{b.rest.server.own, "data"}
	case len(path) > 0 && method == "POST":
		parent = path.Schema()
	case len(path) > 0:
		parent = path.Schema().DataParent
	}
	sink := tree.NewBuilder(parent)
	if method == "PATCH" && len(path) > 0 {
		sink.Target = path[len(path)-1]
	}
	if err := q.readJSON(bufio.NewReader(strings.NewReader(body)), parent, sink, around, codec.DecodeOptions{}); err != nil {
		b.Fatal(err)
	}
	t, err := sink.Tree()
	if err != nil {
		b.Fatal(err)
	}
	return b.xml(t)
}

func (b *both) xml(t *tree.Tree) string {
	var text bytes.Buffer
	if err := codec.EncodeXMLNodes(&text, t.Root().Children(), codec.EncodeOptions{Schema: b.rest.server.schema}); err != nil {
		b.Fatal(err)
	}
	return text.String()
}

// step is the last node of path with its keys, or its value.
func (b *both) step(path tree.Path) string {
	last := path[len(path)-1]
	switch s := last.Schema; s.Kind {
	case yang.List, yang.Container:
		m := tree.New(s.DataParent).Mutate()
		enter(m, last)
		return b.xml(m.Done())
	case yang.LeafList:
		m := tree.New(s.DataParent).Mutate()
		m.AddValue(s, last.Keys[0], tree.Position{})
		return b.xml(m.Done())
	}
	return fmt.Sprintf("<%s xmlns=%q/>", last.Schema.Name, last.Schema.Module.Namespace)
}

// ancestors is what stands before and behind the nodes below path.
func (b *both) ancestors(path tree.Path) (before, after string) {
	for i, st := range path {
		text := b.step(path[:i+1])
		end := "</" + st.Schema.Name + ">"
		if open, empty := strings.CutSuffix(text, "/>"); empty {
			text = open + ">" + end
		}
		before, after = before+strings.TrimSuffix(text, end), end+after
	}
	return before, after
}

// position is the attributes for insert and point.
func (b *both) position(query string) string {
	p, err := parseQuery(query, insertParams)
	if err != nil {
		b.Fatal(err)
	}
	q := &request{Server: b.rest.server, params: p}
	at, err := q.insert()
	if err != nil {
		b.Fatal(err)
	}
	if at == nil {
		return ""
	}
	return ` yang:insert="` + p["insert"] + `"` + b.point(at)
}

func (b *both) point(at *edit.Insert) string {
	if len(at.Point) == 0 {
		return ""
	}
	last := at.Point[len(at.Point)-1]
	if last.Schema.Kind == yang.LeafList {
		return fmt.Sprintf(` yang:value=%q`, last.Keys[0].String())
	}
	text := ""
	for i, k := range last.Schema.Keys {
		text += fmt.Sprintf("[p:%s='%s']", k.Name, last.Keys[i])
	}
	return fmt.Sprintf(` xmlns:p=%q yang:key=%q`, last.Schema.Module.Namespace, text)
}
