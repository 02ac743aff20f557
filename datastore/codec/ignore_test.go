package codec

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// ignore is a Sink that drops everything.
type ignore struct{}

func (ignore) Begin(*yang.Node, []tree.Attr) error            { return nil }
func (ignore) Leaf(*yang.Node, yang.Value, []tree.Attr) error { return nil }
func (ignore) Any(*yang.Node, *tree.Any, []tree.Attr) error   { return nil }
func (ignore) End() error                                     { return nil }
