package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The root of an instance data set (RFC 9195 Section 3).
const (
	instanceModule    = "ietf-yang-instance-data"
	instanceNamespace = "urn:ietf:params:xml:ns:yang:" + instanceModule
	instanceRoot      = "instance-data-set"
	instanceContent   = "content-data"
)

// readInstance reads configuration: an instance data set (RFC 9195) or its content
// alone, JSON when it starts with a brace, else XML with an element "data" or "config" around it. All
// errors in the data are in the error.
func readInstance(schema *yang.Schema, text []byte) (*tree.Tree, error) {
	b := tree.NewBuilder(schema.Root)
	text = bytes.TrimPrefix(text, []byte("\uFEFF")) // which editors write unasked
	var err error
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		err = readInstanceJSON(schema, trimmed, b)
	} else {
		err = readInstanceXML(schema, text, b)
	}
	var t *tree.Tree
	if err == nil {
		t, err = b.Tree()
	}
	if err != nil {
		return nil, rpcerr.Join(rpcerr.All(err))
	}
	return t, nil
}

func readInstanceJSON(schema *yang.Schema, text []byte, sink tree.Sink) error {
	content, err := jsonContent(text)
	if err != nil {
		return err
	}
	return codec.DecodeJSON(bytes.NewReader(content), schema, schema.Root, sink, codec.DecodeOptions{ConfigOnly: true})
}

// jsonContent is the content of the instance data set in text, or text when it is none.
func jsonContent(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return text, nil // the codec says what is wrong
	}
	if name, err := d.Token(); err != nil || name != instanceModule+":"+instanceRoot {
		return text, nil
	}
	var set map[string]json.RawMessage
	if err := d.Decode(&set); err != nil {
		return nil, fmt.Errorf("the instance data set: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("there is more than the %s", instanceRoot)
	}
	content, ok := set[instanceContent]
	if !ok {
		return nil, errors.New("the instance data set has no " + instanceContent)
	}
	return content, nil
}

// around are the elements that configuration in XML comes in: any other is likely part
// of it, and what is in it alone would replace all of running.
var around = []string{"data", "config", instanceContent}

func readInstanceXML(schema *yang.Schema, text []byte, sink tree.Sink) error {
	x := codec.NewXMLReader(bytes.NewReader(text), codec.XMLLimits{})
	o := codec.DecodeOptions{ConfigOnly: true}
	root, err := x.Next()
	if err != nil {
		return err
	}
	if root.Space != instanceNamespace || root.Local != instanceRoot {
		if !slices.Contains(around, root.Local) {
			return fmt.Errorf("the element around the data is %s; want an %s, or one of %s around the top-level nodes",
				root.Local, instanceRoot, strings.Join(around, ", "))
		}
		return codec.DecodeXML(x, schema, schema.Root, sink, o)
	}
	found := false
	for {
		t, err := x.Next()
		switch {
		case err != nil:
			return err
		case t.Kind == codec.XMLEOF && found:
			return nil
		case t.Kind == codec.XMLEOF:
			return errors.New("the instance data set has no " + instanceContent)
		case t.Kind != codec.XMLStart:
		case t.Space == instanceNamespace && t.Local == instanceContent && !found:
			found = true
			err = codec.DecodeXML(x, schema, schema.Root, sink, o)
		default:
			err = x.Skip()
		}
		if err != nil {
			return err
		}
	}
}
