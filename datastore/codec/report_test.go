package codec

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/google/go-cmp/cmp"
)

// TestReport: what can be left out is reported and the rest is read; what cannot ends
// the reading.
func TestReport(t *testing.T) {
	s := schemaOf(t)
	type outcome struct {
		Reported []string
		Rest     string // as JSON, or the tag of the error
	}
	type build func(o DecodeOptions) (*tree.Tree, error)
	asXML := func(text string) build {
		return func(o DecodeOptions) (*tree.Tree, error) { return buildXML(s, s.Root, text, o) }
	}
	asJSON := func(text string) build {
		return func(o DecodeOptions) (*tree.Tree, error) { return buildJSON(s, s.Root, text, o) }
	}
	several := outcome{
		[]string{"invalid-value /codec-a:all/u8", "unknown-element /codec-a:all", "invalid-value /codec-a:all/flag", "unknown-namespace "},
		`{"codec-a:all":{"text":"x"}}`,
	}
	state := outcome{[]string{"unknown-element /codec-a:state"}, "{}"}
	for _, tt := range []struct {
		name string
		read build
		want outcome
	}{
		{"XML", asXML(`<all><u8>101</u8><no><u8>7</u8></no><text>x</text><flag>maybe</flag></all><all xmlns="urn:x"><u8>1</u8></all>`), several},
		{"JSON", asJSON(`{"codec-a:all":{"u8":101,"no":{"u8":7},"text":"x","flag":"maybe"},"x:all":{"u8":1}}`), several},
		{"state in XML", asXML(`<state><up>true</up></state>`), state},
		{"state in JSON", asJSON(`{"codec-a:state":{"up":true}}`), state},
		{"a key in XML", asXML(`<item><name>n</name><kind>no</kind></item>`), outcome{nil, "invalid-value"}},
		{"a key in JSON", asJSON(`{"codec-a:item":[{"name":"n","kind":"no"}]}`), outcome{nil, "invalid-value"}},
		{"broken XML", asXML(`<all><u8>101</u8></al>`), outcome{[]string{"invalid-value /codec-a:all/u8"}, "malformed-message"}},
		{"broken JSON", asJSON(`{"codec-a:all":{"u8":101]}`), outcome{[]string{"invalid-value /codec-a:all/u8"}, "malformed-message"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got outcome
			tr, err := tt.read(DecodeOptions{ConfigOnly: true, Report: func(e *rpcerr.Error) {
				got.Reported = append(got.Reported, string(e.Tag)+" "+e.Path)
			}})
			if err != nil {
				got.Rest = string(rpcerr.All(err)[0].Tag)
			} else {
				got.Rest = strings.TrimSpace(toJSON(t, tr, EncodeOptions{}))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if _, err := tt.read(DecodeOptions{ConfigOnly: true}); err == nil {
				t.Error("accepted where nobody is told")
			}
		})
	}
}
