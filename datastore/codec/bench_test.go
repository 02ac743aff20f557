package codec

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
)

// largeTree has n list entries of seven leafs each.
func largeTree(t testing.TB, n int) *tree.Tree {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<item><name>resource-%06d</name><kind>round</kind><value>https://alto.example/%d?a=1&amp;b=2</value>`, i, i)
		fmt.Fprintf(&b, `<nested><id>%d</id><text>some text of a description</text></nested><nested><id>%d</id></nested></item>`, i, i+1)
	}
	tr, err := fromXML(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func benchmarkEncode(b *testing.B, encode func(io.Writer, *tree.Tree, EncodeOptions) error) {
	tr := largeTree(b, 10_000)
	var buf bytes.Buffer
	if err := encode(&buf, tr, EncodeOptions{}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(buf.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := encode(io.Discard, tr, EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeXML(b *testing.B)  { benchmarkEncode(b, EncodeXML) }
func BenchmarkEncodeJSON(b *testing.B) { benchmarkEncode(b, EncodeJSON) }

func BenchmarkDecodeXML(b *testing.B) {
	s := schemaOf(b)
	in := "<data>" + toXML(b, largeTree(b, 10_000), EncodeOptions{}) + "</data>"
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		x := NewXMLReader(strings.NewReader(in), XMLLimits{})
		x.Next()
		if err := DecodeXML(x, s, s.Root, ignore{}, DecodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeJSON(b *testing.B) {
	s := schemaOf(b)
	in := toJSON(b, largeTree(b, 10_000), EncodeOptions{})
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := DecodeJSON(strings.NewReader(in), s, s.Root, ignore{}, DecodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkXMLReader(b *testing.B) {
	in := "<data>" + toXML(b, largeTree(b, 10_000), EncodeOptions{}) + "</data>"
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		x := NewXMLReader(strings.NewReader(in), XMLLimits{})
		for {
			t, err := x.Next()
			if err != nil {
				b.Fatal(err)
			}
			if t.Kind == XMLEOF {
				break
			}
		}
	}
}
