package codec

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestNamespaceFlood reads documents that declare prefixes by the ten thousand, beside and
// within each other: what it takes grows as the document does.
func TestNamespaceFlood(t *testing.T) {
	for name, document := range map[string]func(n int) string{
		"beside": func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, `<p%d:a xmlns:p%[1]d="urn:%[1]d"/>`, i)
			}
			return "<r>" + b.String() + "</r>"
		},
		"within": func(n int) string {
			var b strings.Builder
			for i := range n / 10 {
				b.WriteString("<a")
				for k := range 10 {
					fmt.Fprintf(&b, ` xmlns:p%d_%d="urn:%[1]d:%d"`, i, k)
				}
				b.WriteString(">")
				if i%50 == 49 {
					b.WriteString(strings.Repeat("</a>", 50))
				}
			}
			return "<r>" + b.String() + "</r>"
		},
	} {
		cost := func(n int) uint64 {
			text := document(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := drained(NewXMLReader(strings.NewReader(text), XMLLimits{})); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		cost(1000) // what is made once is there
		if small, large := cost(5000), cost(50_000); large > 20*small+1<<20 {
			t.Errorf("%s: %d bytes for 5000 declarations, %d for ten times as many", name, small, large)
		}
	}
}

// drained counts the tokens of a document.
func drained(x *XMLReader) (n int, err error) {
	for {
		switch t, err := x.Next(); {
		case err != nil:
			return n, err
		case t.Kind != XMLStart && t.Kind != XMLEnd && t.Kind != XMLText:
			return n, nil
		}
		n++
	}
}
