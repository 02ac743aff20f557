package validate_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
)

func TestPrune(t *testing.T) {
	f := compile(t, `
	leaf a { type string; }
	leaf b { when "../a"; type string; }
	leaf c { when "../b"; type string; }
	leaf-list d { when "../c"; type string; }
	list l { key k; leaf k { type string; } leaf on { type boolean; default true; }
	  container in { when "../on = 'true'"; leaf v { type string; } } }
	container free { leaf x { type string; } }`)
	for _, c := range []struct{ name, data, want string }{
		{"nothing to do", `{"m:a":"1","m:b":"2","m:c":"3","m:d":["4","5"],"m:free":{"x":"y"}}`, ""},
		{"one after the other", `{"m:b":"2","m:c":"3","m:d":["4","5"],"m:free":{"x":"y"}}`, `{"m:free":{"x":"y"}}`},
		{"the last", `{"m:a":"1","m:b":"2","m:d":["4"]}`, `{"m:a":"1","m:b":"2"}`},
		{
			"in entries", `{"m:l":[{"k":"a","in":{"v":"1"}},{"k":"b","on":false,"in":{"v":"1"}},{"k":"c","on":true,"in":{"v":"1"}}]}`,
			`{"m:l":[{"k":"a","in":{"v":"1"}},{"k":"b","on":false},{"k":"c","on":true,"in":{"v":"1"}}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := f.data(c.data)
			got := f.Prune(data)
			if c.want == "" {
				if got != data {
					t.Error("a new tree though nothing changed")
				}
				return
			}
			var b strings.Builder
			if err := codec.EncodeJSON(&b, got, codec.EncodeOptions{}); err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(b.String()) != c.want {
				t.Errorf("got  %s\nwant %s", b.String(), c.want)
			}
		})
	}
}
