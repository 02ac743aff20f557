package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// dataSet is an instance data set of configuration (RFC 9195 Section 3).
type dataSet struct {
	Name        string
	Description string
	Time        time.Time
	Schema      *yang.Schema
	Library     *tree.Node // the schema as /ietf-yang-library:yang-library
	Content     *tree.Tree
}

// modulesOf are the implemented modules as "name@revision", sorted.
func modulesOf(s *yang.Schema) []string { return keys(implemented(s)) }

// schemaLibrary describes the schema with its features and deviations, which a list
// of modules alone does not give (RFC 9195 Section 2.1.2).
func schemaLibrary(ctx context.Context, schema *yang.Schema) (*tree.Node, error) {
	const path = "/ietf-yang-library:yang-library"
	s, err := datastore.Open(datastore.Options{Schema: schema})
	if err != nil {
		return nil, err
	}
	library := schema.Find(path)
	x := s.NewSession(datastore.User{}, datastore.Source{})
	defer x.Close()
	t, err := x.Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{{{Schema: library}}}})
	if err != nil {
		return nil, err
	}
	return t.Root().Child(library), nil
}

// write writes the set in the format "json" or "xml". What is not set is left out:
// the data hold no defaults but those that were written.
func (d dataSet) write(w io.Writer, format string) error {
	b := bufio.NewWriter(w)
	write := d.json
	if format == "xml" {
		write = d.xml
	}
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

func (d dataSet) json(w io.Writer) error {
	quote := func(s string) []byte {
		b, _ := json.Marshal(s) // a string always can be
		return b
	}
	fmt.Fprintf(w, "{\n  %q: {\n", instanceModule+":"+instanceRoot)
	fmt.Fprintf(w, "    \"name\": %s,\n    \"includes-defaults\": \"explicit\",\n", quote(d.Name))
	fmt.Fprintf(w, "    \"content-schema\": {\n      \"inline-yang-library\": ")
	o := codec.EncodeOptions{Indent: "  ", Schema: d.Schema}
	if err := codec.EncodeJSONNodes(&shifted{w: w, line: "\n      "}, one(d.Library), o); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n    },\n    \"description\": [%s],\n    \"datastore\": \"ietf-datastores:running\",\n", quote(d.Description))
	fmt.Fprintf(w, "    \"timestamp\": \"%s\",\n    %q: ", d.Time.UTC().Format(time.RFC3339Nano), instanceContent)
	if err := codec.EncodeJSON(&shifted{w: w, line: "\n    "}, d.Content, o); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n  }\n}\n")
	return err
}

func (d dataSet) xml(w io.Writer) error {
	o := codec.EncodeOptions{Indent: "  ", Schema: d.Schema}
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=%q>\n", instanceRoot, instanceNamespace)
	fmt.Fprintf(w, "<name>%s</name>\n<includes-defaults>explicit</includes-defaults>\n", escaped(d.Name))
	fmt.Fprint(w, "<content-schema>\n<inline-yang-library>\n")
	if err := codec.EncodeXMLNodes(&shifted{w: w, line: "\n"}, one(d.Library), o); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n</inline-yang-library>\n</content-schema>\n<description>%s</description>\n", escaped(d.Description))
	fmt.Fprint(w, "<datastore xmlns:ds=\"urn:ietf:params:xml:ns:yang:ietf-datastores\">ds:running</datastore>\n")
	fmt.Fprintf(w, "<timestamp>%s</timestamp>\n<%s>\n", d.Time.UTC().Format(time.RFC3339Nano), instanceContent)
	if err := codec.EncodeXML(&shifted{w: w, line: "\n"}, d.Content, o); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n</%s>\n</%s>\n", instanceContent, instanceRoot)
	return err
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes all
	return b.String()
}

func one(n *tree.Node) iter.Seq[*tree.Node] { return slices.Values([]*tree.Node{n}) }

// shifted replaces line breaks by line, and leaves out the last one.
type shifted struct {
	w    io.Writer
	line string
	held bool // a line break that was the last so far
}

func (s *shifted) Write(b []byte) (int, error) {
	text := strings.ReplaceAll(string(b), "\n", s.line)
	if s.held {
		text = s.line + text
	}
	text, s.held = strings.CutSuffix(text, s.line)
	if _, err := io.WriteString(s.w, text); err != nil {
		return 0, err
	}
	return len(b), nil
}
