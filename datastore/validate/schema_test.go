package validate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

// fixture is a schema with its validator.
type fixture struct {
	t      testing.TB
	schema *yang.Schema
	*validate.Validator
}

func compile(t testing.TB, body string) *fixture {
	t.Helper()
	s := dstest.Schema(t, "module m { yang-version 1.1; namespace urn:m; prefix m;\n"+body+"\n}")
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{t, s, v}
}

// parse reads the content of parent from JSON; top-level names without module are of m.
func (f *fixture) parse(parent *yang.Node, text string) *tree.Tree {
	f.t.Helper()
	b := tree.NewBuilder(parent)
	if err := codec.DecodeJSON(strings.NewReader(text), f.schema, parent, b, codec.DecodeOptions{}); err != nil {
		f.t.Fatalf("%s: %v", text, err)
	}
	t, err := b.Tree()
	if err != nil {
		f.t.Fatalf("%s: %v", text, err)
	}
	return t
}

func (f *fixture) data(text string) *tree.Tree {
	f.t.Helper()
	return f.parse(f.schema.Root, text)
}

// lines renders errors as "tag app-tag path".
func lines(errs []*rpcerr.Error) []string {
	var out []string
	for _, e := range errs {
		out = append(out, strings.Join(strings.Fields(fmt.Sprint(e.Tag, " ", e.AppTag, " ", e.Path)), " "))
	}
	return out
}

// rule is one case of a table: JSON data and the errors it has, none if it is valid.
type rule struct {
	name, data string
	want       []string
	message    string // part of the first one's
}

func (f *fixture) check(t *testing.T, table []rule) {
	t.Helper()
	for _, r := range table {
		t.Run(r.name, func(t *testing.T) {
			errs := f.Tree(context.Background(), f.data(r.data), validate.Options{})
			if got := lines(errs); !slices.Equal(got, r.want) {
				t.Fatalf("got  %q\nwant %q\n%v", got, r.want, errs)
			}
			if r.message != "" && !strings.Contains(errs[0].Message, r.message) {
				t.Errorf("message %q lacks %q", errs[0].Message, r.message)
			}
		})
	}
}
