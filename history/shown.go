package history

import (
	"bytes"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// hidden stands for the value of a secret.
const hidden = "***"

// shown is the value of n as a change shows it; nil for no node and for one without a
// value of its own.
func shown(n *tree.Node) *string {
	if n == nil {
		return nil
	}
	text := ""
	switch s := n.Schema(); {
	case s.Kind == yang.Container || s.Kind == yang.List:
		return nil
	case s.Secret():
		text = hidden
	case s.IsLeafy():
		text = n.Value().String()
	default:
		text = content(n.Any())
	}
	return &text
}

// content is the content of an anydata or anyxml node as text, in the encoding that it
// came in.
func content(a *tree.Any) string {
	switch {
	case a.JSON != "":
		return a.JSON
	case a.Tree == nil:
		return a.XML
	}
	var b bytes.Buffer
	if err := codec.EncodeJSON(&b, a.Tree, codec.EncodeOptions{}); err != nil {
		panic(err) // a Buffer takes everything
	}
	return b.String()
}

// step is the step to n in a path. Of a leaf-list entry it holds the value, unless that
// is secret.
func step(n *tree.Node) tree.Step {
	if n.Schema().Kind == yang.LeafList && n.Schema().Secret() {
		return tree.Step{Schema: n.Schema()}
	}
	return tree.StepTo(n)
}
