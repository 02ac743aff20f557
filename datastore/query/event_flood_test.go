package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// TestEventFilterLimits has a subscription whose filter takes a product of all nodes of an
// event: evaluating it ends with an error after the visits that clients have.
func TestEventFilterLimits(t *testing.T) {
	schema := dstest.Schema(t, `module told { yang-version 1.1; namespace "urn:told"; prefix t;
 notification changed { list edit { key n; leaf n { type int32; } } } }`)
	model, err := xpath.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	var entries strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&entries, `,{"n":%d}`, i)
	}
	n := schema.Find("/told:changed")
	b := tree.NewBuilder(n)
	if err := codec.DecodeJSON(strings.NewReader(`{"edit":[`+entries.String()[1:]+`]}`), schema, n, b, codec.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	event, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"/t:changed/t:edit/t:n = 2999":                             true,
		"count(//*[count(//*[. = 'none']) > 1]) > 1":               false,
		"/t:changed/t:edit[count(//t:edit[t:n > 3000]) > 0] = '1'": false,
	} {
		f, err := query.CompileEventXPath(text, query.ModulePrefixes(schema, yang.ModuleResolver{Prefixes: map[string]string{"t": "told"}}), model, xpath.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Matches(t.Context(), nil, event)
		var e *rpcerr.Error
		if want && (!got || err != nil) || !want && (!errors.As(err, &e) || e.Tag != rpcerr.ResourceDenied) {
			t.Errorf("%s: %t, %v", text, got, err)
		}
	}
}
