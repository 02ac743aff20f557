package openapi

import "testing"

// TestInstances checks what the schemas for the data of example-shop and example-annex accept, and
// what they do not. A text begins with the name of the schema.
func TestInstances(t *testing.T) {
	d := described(t, generate(t, Options{Schema: shop(t)}))
	item := func(members string) string { return `{"code":"AB","kind":"example-shop:fruit"` + members + `}` }
	for _, c := range []struct {
		name, schema string
		yes, no      []string
	}{
		{"keys are needed", "example-shop.item", []string{item("")}, []string{`{}`, `{"code":"AB"}`}},
		{"no other members", "example-shop.item", []string{item(`,"@":{}`), item(`,"@price":{}`)}, []string{item(`,"prize":1`)}},
		{
			"augmented names are qualified", "example-shop.item",
			[]string{item(`,"example-annex:warranty":{"years":1}`)},
			[]string{item(`,"warranty":{"years":1}`), item(`,"example-annex:warranty":{"example-annex:years":1}`), item(`,"example-shop:price":"1"`)},
		},
		{"string", "example-shop.code", []string{`"AB"`, `"A٣"`, `"ABCDEFGH"`}, []string{`"A"`, `"ABCDEFGHI"`, `"ab"`, `"XY"`, `1`, `null`}},
		{"length in parts", "example-shop.town.type", []string{`"a"`, `"漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢"`}, []string{`""`, `"123456789012345678901"`}},
		{"identity", "example-shop.kind.type", []string{`"example-shop:fruit"`, `"example-annex:toy"`}, []string{`"fruit"`, `"example-shop:ware"`, `"example-shop:toy"`}},
		{"decimal64", "example-shop.price.type", []string{`"1.5"`, `"-0.25"`, `"10"`, `"0.0"`}, []string{`1.5`, `"1.255"`, `"01"`, `".5"`, `"1."`}},
		{"uint64", "example-shop.revenue.type", []string{`"0"`, `"100"`}, []string{`100`, `"-1"`, `"01"`, `""`}},
		{"range in parts", "example-shop.stock.type", []string{`-5`, `9`}, []string{`0`, `10`, `-6`, `"1"`, `1.5`}},
		{"range of a typedef", "example-shop.item", []string{item(`,"discount":100`)}, []string{item(`,"discount":101`)}},
		{"empty", "example-shop.item", []string{item(`,"mark":[null]`)}, []string{item(`,"mark":null`), item(`,"mark":[]`), item(`,"mark":true`)}},
		{"bits", "example-shop.item", []string{item(`,"flags":""`), item(`,"flags":"b.c a"`)}, []string{item(`,"flags":"bxc"`), item(`,"flags":"a "`)}},
		{"binary", "example-shop.picture.type", []string{`"AQ=="`, `"AQIDBA=="`}, []string{`""`, `"AQ"`, `"AQIDBAUG/w=="`, `"A Q="`}},
		{"leafref", "example-shop.item", []string{item(`,"next":"CD"`)}, []string{item(`,"next":"c"`)}},
		{"instance-identifier", "example-shop.item", []string{item(`,"path":"/example-shop:shop"`)}, []string{item(`,"path":"shop"`)}},
		{"union", "example-shop.size.type", []string{`"12"`, `"big"`, `[null]`}, []string{`12`, `"small"`, `[]`}},
		{"choice", "example-shop.shop", []string{`{"coins":1,"notes":2}`, `{"number":"1"}`, `{}`}, []string{`{"coins":1,"number":"1"}`, `{"barter":{},"example-annex:credit":1}`}},
		{"anydata", "example-shop.shop", []string{`{"extra":{"x:y":[1]}}`}, []string{`{"extra":1}`}},
		{"array", "example-shop.shop", []string{`{"queue":[]}`, `{"item":[]}`}, []string{`{"queue":"a"}`, `{"item":{}}`}},
		{"mandatory", "example-shop.depot.complete", []string{`{"street":"1"}`}, []string{`{}`, `{"town":"a"}`}},
		{"not mandatory in parts", "example-shop.depot", []string{`{}`, `{"street":"1"}`}, []string{`{"street":1}`}},
		{"mandatory in the case", "example-shop.shop.complete", []string{whole(`"number":"1","expires":"2"`)}, []string{whole(`"expires":"2"`)}},
		{"mandatory choice", "example-shop.shop.complete", []string{whole(`"notes":1`), whole(`"barter":{}`)}, []string{whole(`"queue":["a"]`)}},
		{
			"container with a mandatory leaf", "example-shop.shop.complete",
			[]string{whole(`"notes":1`)},
			[]string{`{"name":"AB","notes":1,"item":[` + item("") + `]}`, `{"name":"AB","home":{},"notes":1,"item":[` + item("") + `]}`},
		},
		{"not mandatory with when", "example-shop.shop.complete", []string{whole(`"notes":1`), whole(`"notes":1,"note":"x"`)}, nil},
		{
			"number of entries", "example-shop.shop.complete",
			[]string{whole(`"notes":1`)},
			[]string{`{"name":"AB","home":{"street":"1"},"notes":1}`, `{"name":"AB","home":{"street":"1"},"notes":1,"item":[]}`},
		},
		{"max-elements, unique values", "example-shop.item.complete", []string{item(`,"label":["new"]`)}, []string{item(`,"label":["new","used"]`)}},
		{"unique values", "example-shop.shop.complete", []string{whole(`"notes":1,"queue":["a","b"]`)}, []string{whole(`"notes":1,"queue":["a","a"]`)}},
		{"state repeats values", "example-shop.visit", []string{`{"seen":["a","a"]}`, `{}`}, []string{`{"time":"1"}`}},
		{
			"one resource", "example-shop.item.body",
			[]string{`{"example-shop:item":[` + item("") + `]}`},
			[]string{`{"example-shop:item":[]}`, `{"item":[` + item("") + `]}`, `{}`, `{"example-shop:item":` + item("") + `}`},
		},
		{"one child", "example-shop.shop.child", []string{`{"example-shop:coins":1}`}, []string{`{}`, `{"example-shop:coins":1,"example-shop:notes":1}`, `{"example-shop:revenue":"1"}`}},
		{"input", "example-shop.close.input.body", []string{`{"example-shop:input":{"street":"1"}}`}, []string{`{"example-shop:input":{}}`, `{"input":{"street":"1"}}`}},
		{"output", "example-shop.close.output.body", []string{`{"example-shop:output":{"total":"1"}}`}, []string{`{"example-shop:output":{"total":1}}`}},
		{
			"errors", "ietf-restconf.yang-errors.body",
			[]string{`{"ietf-restconf:errors":{"error":[{"error-type":"protocol","error-tag":"invalid-value","error-info":{"a":1}}]}}`},
			[]string{`{"ietf-restconf:errors":{"error":[{"error-type":"other","error-tag":"invalid-value"}]}}`, `{"errors":{}}`},
		},
		{
			"YANG Patch", "ietf-yang-patch.yang-patch.body",
			[]string{`{"ietf-yang-patch:yang-patch":{"patch-id":"a","edit":[{"edit-id":"1","operation":"remove","target":"/x"}]}}`},
			[]string{`{"ietf-yang-patch:yang-patch":{"patch-id":"a","edit":[{"edit-id":"1","operation":"forget","target":"/x"}]}}`},
		},
		{
			"event", "notification.body",
			[]string{`{"ietf-restconf:notification":{"eventTime":"2026-11-22T20:00:00Z","example-shop:sold":{"code":"AB"}}}`},
			[]string{`{"ietf-restconf:notification":{"example-shop:sold":{}}}`, `{"ietf-restconf:notification":{"eventTime":"2026-11-22T20:00:00Z","example-shop:sold":{"code":1}}}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, text := range c.yes {
				if err := d.check(c.schema, text); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
			for _, text := range c.no {
				if d.check(c.schema, text) == nil {
					t.Errorf("%s is accepted", text)
				}
			}
		})
	}
}

// whole is a shop with what it must have and members besides.
func whole(members string) string {
	return `{"name":"AB","home":{"street":"1"},"item":[{"code":"AB","kind":"example-shop:tool"}],` + members + `}`
}
