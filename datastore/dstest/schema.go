// Package dstest makes schemas and data for the tests of the packages below datastore.
package dstest

import (
	"fmt"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/altoam/altoam/yang"
)

var header = regexp.MustCompile(`^\s*module\s+([\w.-]+)`)

// Schema compiles module texts, all implemented with all features. They may import
// each other and the modules built in.
func Schema(t testing.TB, texts ...string) *yang.Schema {
	t.Helper()
	files := fstest.MapFS{}
	var o yang.Options
	for i, text := range texts {
		name := header.FindStringSubmatch(text)
		if name == nil {
			t.Fatalf("text %d starts with no module statement", i)
		}
		files[fmt.Sprintf("%s.yang", name[1])] = &fstest.MapFile{Data: []byte(text)}
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: name[1]})
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), files), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
