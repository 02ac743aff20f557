package persist_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// FuzzRecords loads and applies arbitrary records. What the loader takes it writes
// again as the same tree; nothing panics or hangs.
func FuzzRecords(f *testing.F) {
	schema := dstest.Schema(f, shop)
	b := tree.NewBuilder(schema.Root)
	const text = `{"shop:top":{"name":"n","tag":["b","a"],"flag":{"note":"x"},"item":[{"id":"1","price":"1.5","more":{"part":[{"a":"x","b":7},{"a":"a","b":1}]}}],"step":[{"n":"z"},{"n":"a","extra":{"x":1}}]}}`
	must(f, codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}))
	full, err := b.Tree()
	must(f, err)
	for _, r := range persist.Records(tree.Compare(tree.New(schema.Root), full)) {
		f.Add(r.Key, r.Value, "/shop:top/step[n='a']", []byte("p\x07[n='z']l\x01n\x01a"))
		f.Add("/shop:top/step[n='y']", []byte("p\x00l\x01n\x01y"), r.Key, r.Value)
	}
	f.Fuzz(func(t *testing.T, key1 string, value1 []byte, key2 string, value2 []byte) {
		records := []persist.Record{{Key: key1, Value: value1}, {Key: key2, Value: value2}}
		l := persist.NewLoader(schema)
		for _, r := range records {
			if r.Value != nil {
				l.Add(r)
			}
		}
		loaded, _ := l.Tree()
		again := persist.NewLoader(schema)
		all := persist.Records(tree.Compare(tree.New(schema.Root), loaded))
		sortRecords(all)
		for _, r := range all {
			again.Add(r)
		}
		got, problems := again.Tree()
		if d := tree.Compare(loaded, got); len(problems) > 0 || !d.Empty() {
			t.Errorf("what was loaded is not the same once stored: %v", problems)
		}
		onto, _ := persist.Apply(schema, full, records)
		applied(t, schema, full, onto, persist.Records(tree.Compare(full, onto)))
		applied(t, schema, onto, full, persist.Records(tree.Compare(onto, full)))
		_, _ = persist.Upgrade1(records)
	})
}
