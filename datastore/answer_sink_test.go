package datastore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
)

// TestDecodedCounts: what content is decoded to is charged, and decoding ends where it is
// refused.
func TestDecodedCounts(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"3000000"`)
	var text strings.Builder
	text.WriteString(`{"crowd:crowd":{"person":[`)
	for i := range 20_000 {
		fmt.Fprintf(&text, `{"name":"p%d"},`, i)
	}
	content := strings.TrimSuffix(text.String(), ",") + "]}}"
	read := func(x *datastore.Session, content string) error {
		b := edit.NewBuilder(s.Schema().Root, edit.Merge)
		return codec.DecodeJSON(strings.NewReader(content), s.Schema(), s.Schema().Root, x.Sink(ctx, b), codec.DecodeOptions{})
	}
	x, other := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{}), s.NewSession(datastore.User{Name: "bob"}, datastore.Source{})
	defer x.Close()
	defer other.Close()
	var busy *datastore.Busy
	if err := read(x, content); !errors.As(err, &busy) || busy.Limit != "memory-size" {
		t.Errorf("20 000 entries in 3 MB: %v", err)
	}
	some := content[:strings.Index(content, `,{"name":"p8000"}`)] + "]}}"
	x.ReleaseAnswer()
	if err := read(x, some); err != nil {
		t.Errorf("8000 entries: %v", err)
	}
	if err := read(other, some); !errors.As(err, &busy) {
		t.Errorf("8000 entries beside as many: %v", err)
	}
	x.ReleaseAnswer()
	other.ReleaseAnswer()
	if err := read(other, some); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
