package openapi

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

func encodeJSON(t testing.TB, x *tree.Tree, s *yang.Schema) string {
	t.Helper()
	var b bytes.Buffer
	if err := codec.EncodeJSON(&b, x, codec.EncodeOptions{Schema: s}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestShapes checks that whatever tree there is, its JSON satisfies the schema for what can
// be read: it need not be complete.
func TestShapes(t *testing.T) {
	for name, s := range map[string]*yang.Schema{"shop": shop(t), "builtin": testSchema(t, builtin...)} {
		t.Run(name, func(t *testing.T) {
			d := described(t, generate(t, Options{Schema: s}))
			nodes, trees := 0, 0
			rapid.Check(t, func(r *rapid.T) {
				m := tree.New(s.Root).Mutate()
				(&draw{T: r, schema: s, within: 60, odds: 5, state: true}).fill(m)
				text := encodeJSON(t, m.Done(), s)
				nodes, trees = nodes+strings.Count(text, ":"), trees+1
				if err := d.check("data", text); err != nil {
					r.Fatalf("%v\n%s", err, text)
				}
			})
			if nodes < 10*trees {
				t.Errorf("only %d nodes in %d trees", nodes, trees)
			}
		})
	}
}

// TestComplete compares the schema for what must be complete with the validator: what
// the schema refuses is not valid, and what lacks something, or has too much of it, is
// refused.
func TestComplete(t *testing.T) {
	s := shop(t)
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	d := described(t, generate(t, Options{Schema: s}))
	accepted, refused := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		m := tree.New(s.Root).Mutate()
		(&draw{T: r, schema: s, within: 100, odds: 8}).fill(m)
		x := m.Done()
		text := encodeJSON(t, x, s)
		errs, invalid := v.Tree(context.Background(), x, validate.Options{}), d.check("data.complete", text)
		switch {
		case invalid != nil && len(errs) == 0:
			r.Fatalf("the validator has nothing against\n%s\n%v", text, invalid)
		case invalid == nil && counted(errs) != nil:
			r.Fatalf("the schema has nothing against\n%s\n%v", text, counted(errs))
		case invalid == nil:
			accepted++
		default:
			refused++
		}
	})
	t.Logf("%d accepted, %d refused", accepted, refused)
	if accepted < 5 || refused < 5 {
		t.Errorf("%d accepted and %d refused: not enough of both", accepted, refused)
	}
}

// counted is an error of what is missing or too many, without a when.
func counted(errs []*rpcerr.Error) *rpcerr.Error {
	for _, e := range errs {
		switch {
		case strings.HasSuffix(e.Path, "/note"):
		case e.AppTag == "too-few-elements", e.AppTag == "too-many-elements", e.AppTag == "missing-choice", e.Tag == rpcerr.DataMissing && e.AppTag == "":
			return e
		}
	}
	return nil
}
