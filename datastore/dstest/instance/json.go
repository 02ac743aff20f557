// Package instance makes trees of data for tests. It is apart from dstest, which the
// tests of package codec need too.
package instance

import (
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// T is a test, benchmark, fuzz target or property test.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// JSON decodes text, an object with the top-level nodes of s (RFC 7951), or ends the test.
func JSON(t T, s *yang.Schema, text string) *tree.Tree {
	t.Helper()
	b := tree.NewBuilder(s.Root)
	err := codec.DecodeJSON(strings.NewReader(text), s, s.Root, b, codec.DecodeOptions{})
	if err != nil {
		t.Fatalf("%v in %.1000s", err, text)
	}
	data, err := b.Tree()
	if err != nil {
		t.Fatalf("%v in %.1000s", err, text)
	}
	return data
}
