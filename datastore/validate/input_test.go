package validate_test

import (
	"context"
	"slices"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
)

func TestInput(t *testing.T) {
	f := compile(t, `
	list item { key name; leaf name { type string; } leaf size { type uint8; }
	  action grow { input {
	    leaf by { type uint8; mandatory true; must ". + ../../size < 10"; }
	  } } }
	rpc paint { input {
	  must "color or item";
	  leaf item { type leafref { path "/m:item/m:name"; } }
	  leaf color { type string; must "not(. = 'red') or ../item"; }
	} output { leaf done { type boolean; mandatory true; } } }
	rpc knock;
	rpc ask { input { leaf q { type string; mandatory true; } } }`)
	running := f.data(`{"m:item":[{"name":"a","size":3}]}`)
	paint, ask := f.schema.RPC("m", "paint"), f.schema.RPC("m", "ask")
	grow := f.schema.Find("/m:item").Child("m", "grow")
	at, err := tree.ParsePath(f.schema, "/m:item[name='a']")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  func() []string
		want []string
	}{
		{"reference", func() []string {
			return lines(f.Input(context.Background(), paint, f.parse(paint.Input(), `{"m:item":"a","m:color":"red"}`), running))
		}, nil},
		{"dangling", func() []string {
			return lines(f.Input(context.Background(), paint, f.parse(paint.Input(), `{"m:item":"b"}`), running))
		}, []string{"data-missing instance-required /m:paint/item"}},
		{"nothing to refer to", func() []string {
			return lines(f.Input(context.Background(), paint, f.parse(paint.Input(), `{"m:item":"a"}`), nil))
		}, []string{"data-missing instance-required /m:paint/item"}},
		{"must", func() []string {
			return lines(f.Input(context.Background(), paint, f.parse(paint.Input(), `{"m:color":"red"}`), running))
		}, []string{"operation-failed must-violation /m:paint/color"}},
		{"must of the input", func() []string {
			return lines(f.Input(context.Background(), paint, nil, running))
		}, []string{"operation-failed must-violation /m:paint"}},
		{"output", func() []string {
			return lines(f.Input(context.Background(), paint, f.parse(paint.Output(), `{"m:done":true}`), running))
		}, nil},
		{"output incomplete", func() []string {
			return lines(f.Input(context.Background(), paint, tree.New(paint.Output()), running))
		}, []string{"missing-element /m:paint/done"}},
		{"no input at all", func() []string {
			return lines(f.Input(context.Background(), f.schema.RPC("m", "knock"), nil, running))
		}, nil},
		{
			"mandatory", func() []string { return lines(f.Input(context.Background(), ask, nil, running)) },
			[]string{"missing-element /m:ask/q"},
		},
		{"action", func() []string {
			return lines(f.InputAt(context.Background(), grow, at, f.parse(grow.Input(), `{"m:by":6}`), running))
		}, nil},
		{"action beyond", func() []string {
			return lines(f.InputAt(context.Background(), grow, at, f.parse(grow.Input(), `{"m:by":7}`), running))
		}, []string{"operation-failed must-violation /m:item[name='a']/grow/by"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.got(); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
