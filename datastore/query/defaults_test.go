package query_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/validate"
)

// TestDefaultLeafList has leaf-lists that hold their defaults and those that do not,
// in every mode.
func TestDefaultLeafList(t *testing.T) {
	s := dstest.Schema(t, `module l { yang-version 1.1; namespace "urn:l"; prefix l;
	  container top {
	    leaf-list set { type string; default a; default b; }
	    leaf-list order { type string; ordered-by user; default a; default b; }
	  } }`)
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, data, trim, all string }{
		{"none", `{"l:top":{}}`, `{"l:top":{}}`, `{"l:top":{"set":["a","b"],"order":["a","b"]}}`},
		{"the defaults", `{"l:top":{"set":["b","a"],"order":["a","b"]}}`, `{"l:top":{}}`, `{"l:top":{"set":["a","b"],"order":["a","b"]}}`},
		{"in another order", `{"l:top":{"order":["b","a"]}}`, `{"l:top":{"order":["b","a"]}}`, `{"l:top":{"set":["a","b"],"order":["b","a"]}}`},
		{"fewer", `{"l:top":{"set":["a"]}}`, `{"l:top":{"set":["a"]}}`, `{"l:top":{"set":["a"],"order":["a","b"]}}`},
		{"more", `{"l:top":{"set":["a","b","c"]}}`, `{"l:top":{"set":["a","b","c"]}}`, `{"l:top":{"set":["a","b","c"],"order":["a","b"]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := parse(t, s, tt.data)
			for mode, want := range map[query.Mode]string{query.Explicit: show(t, data, codec.EncodeOptions{}), query.Trim: tt.trim, query.ReportAll: tt.all} {
				if got := show(t, query.Defaults(data, data, mode, v.Model()), codec.EncodeOptions{}); got != want {
					t.Errorf("mode %d: got %s, want %s", mode, got, want)
				}
			}
		})
	}
}
