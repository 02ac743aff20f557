package validate_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

func TestMandatory(t *testing.T) {
	compile(t, `
	container p { presence "there";
	  leaf a { type string; mandatory true; }
	  container np { leaf b { type string; mandatory true; } container deep { anydata any { mandatory true; } } }
	}
	container q {
	  choice c {
	    case one { leaf x { type string; } leaf y { type string; mandatory true; } container n { leaf z { type string; mandatory true; } } }
	    case two { leaf w { type string; } }
	  }
	}
	list l { key k; leaf k { type string; } leaf m { type string; mandatory true; } }
	container s { leaf on { type boolean; } leaf v { when "../on = 'true'"; type string; mandatory true; }
	  container sw { when "../on = 'true'"; leaf in { type string; mandatory true; } } }
	container state { presence x; leaf st { config false; type string; mandatory true; } }`).check(t, []rule{
		{name: "nothing", data: `{}`},
		{
			name: "presence container", data: `{"m:p":{}}`, want: []string{
				"data-missing /m:p/a", "data-missing /m:p/np/b", "data-missing /m:p/np/deep/any",
			},
			message: "container /m:p must have the mandatory leaf m:a",
		},
		{name: "all there", data: `{"m:p":{"a":"1","np":{"b":"2","deep":{"any":{}}}}}`},
		{name: "in a stored non-presence container", data: `{"m:p":{"a":"1","np":{"deep":{"any":{}}}}}`, want: []string{"data-missing /m:p/np/b"}},
		{name: "case not chosen", data: `{"m:q":{"w":"1"}}`},
		{name: "case chosen", data: `{"m:q":{"x":"1"}}`, want: []string{"data-missing /m:q/y", "data-missing /m:q/n/z"}},
		{name: "case complete", data: `{"m:q":{"y":"1","n":{"z":"2"}}}`},
		{name: "entry", data: `{"m:l":[{"k":"a","m":"1"},{"k":"b"}]}`, want: []string{"data-missing /m:l[k='b']/m"}},
		{name: "when false", data: `{"m:s":{"on":false}}`},
		{name: "when true", data: `{"m:s":{"on":true}}`, want: []string{"data-missing /m:s/v", "data-missing /m:s/sw/in"}},
		{name: "state is not judged", data: `{"m:state":{}}`},
	})
}

func TestChoice(t *testing.T) {
	f := compile(t, `
	container p { presence "there";
	  choice c { mandatory true;
	    case one { leaf a { type string; } choice inner { mandatory true; leaf i { type string; } leaf j { type string; } } }
	    leaf b { type string; }
	  }
	}
	container open { presence "there"; choice filled-by-others { mandatory true; } }
	container np { leaf on { type boolean; } choice d { when "on = 'true'"; mandatory true; leaf e { type string; } leaf f { type string; } } }`)
	missing := "data-missing missing-choice "
	f.check(t, []rule{
		{name: "none", data: `{"m:p":{}}`, want: []string{missing + "/m:p"}, message: "mandatory choice c: of case one, b"},
		{name: "no case to choose", data: `{"m:open":{}}`, want: []string{missing + "/m:open"}, message: "no module that is loaded gives it a case"},
		{name: "one", data: `{"m:p":{"b":"1"}}`},
		{name: "inner missing", data: `{"m:p":{"a":"1"}}`, want: []string{missing + "/m:p"}, message: "choice inner"},
		{name: "inner there", data: `{"m:p":{"a":"1","i":"2"}}`},
		{name: "when true", data: `{"m:np":{"on":true}}`, want: []string{missing + "/m:np"}},
		{name: "when false", data: `{"m:np":{"on":false}}`},
	})
	e := f.Tree(context.Background(), f.data(`{"m:p":{}}`), validate.Options{})[0]
	if want := []rpcerr.Info{{Module: "yang", Name: "missing-choice", Value: "c"}}; !reflect.DeepEqual(e.Info, want) {
		t.Errorf("info %v, want %v", e.Info, want)
	}

	m := f.data(`{"m:p":{"b":"1"}}`).Mutate()
	a := f.schema.Find("/m:p/a")
	v, _ := a.Type.Parse("x", nil)
	m.Child(f.schema.Find("/m:p")).SetLeaf(a, v)
	got := lines(f.Tree(context.Background(), m.Done(), validate.Options{}))
	if want := []string{"bad-element /m:p/b", "data-missing missing-choice /m:p"}; !reflect.DeepEqual(got, want) {
		t.Errorf("two cases: %q, want %q", got, want)
	}
}

func TestElements(t *testing.T) {
	few, many := "operation-failed too-few-elements ", "operation-failed too-many-elements "
	compile(t, `
	container p { presence x;
	  list l { key k; min-elements 1; max-elements 2; leaf k { type string; } }
	  container np { leaf-list v { type int8; min-elements 2; max-elements 3; } }
	  choice c { case a { leaf-list w { type int8; min-elements 2; } leaf o { type int8; } } leaf z { type int8; } }
	}`).check(t, []rule{
		{name: "none", data: `{}`},
		{
			name: "too few", data: `{"m:p":{}}`, want: []string{few + "/m:p/l", few + "/m:p/np/v"},
			message: "list /m:p/l has no entries, min-elements is 1",
		},
		{name: "just enough", data: `{"m:p":{"l":[{"k":"a"}],"np":{"v":[1,2]}}}`},
		{name: "not too many", data: `{"m:p":{"l":[{"k":"a"},{"k":"b"}],"np":{"v":[1,2,3]}}}`},
		{
			name: "too many", data: `{"m:p":{"l":[{"k":"a"},{"k":"b"},{"k":"c"}],"np":{"v":[1,2,3,4]}}}`,
			want: []string{many + "/m:p/l", many + "/m:p/np/v"}, message: "3 entries, max-elements is 2",
		},
		{name: "case", data: `{"m:p":{"l":[{"k":"a"}],"np":{"v":[1,2]},"o":1}}`, want: []string{few + "/m:p/w"}},
		{name: "other case", data: `{"m:p":{"l":[{"k":"a"}],"np":{"v":[1,2]},"z":1}}`},
	})
}

func TestUnique(t *testing.T) {
	f := compile(t, `
	list l { key k; unique "ip n/port"; leaf k { type string; } leaf ip { type string; }
	  container n { leaf port { type uint16; default 25; } } }
	list one { key k; unique v; leaf k { type string; } leaf v { type string; } }`)
	dup := "operation-failed data-not-unique "
	f.check(t, []rule{
		{name: "different", data: `{"m:l":[{"k":"a","ip":"x","n":{"port":1}},{"k":"b","ip":"x","n":{"port":2}}]}`},
		{
			name: "same", data: `{"m:l":[{"k":"a","ip":"x","n":{"port":1}},{"k":"b","ip":"x","n":{"port":1}}]}`, want: []string{dup + "/m:l[k='b']"},
			message: `list entry /m:l[k='b'] has the same values as /m:l[k='a'], expected unique values of "ip n/port"`,
		},
		{name: "incomplete do not count", data: `{"m:l":[{"k":"a"},{"k":"b"}]}`},
		{name: "defaults count", data: `{"m:l":[{"k":"a","ip":"x"},{"k":"b","ip":"x","n":{"port":25}}]}`, want: []string{dup + "/m:l[k='b']"}},
		{
			name: "each later one", data: `{"m:one":[{"k":"a","v":"1"},{"k":"b","v":"1"},{"k":"c","v":"2"},{"k":"d","v":"1"}]}`,
			want: []string{dup + "/m:one[k='b']", dup + "/m:one[k='d']"},
		},
	})
	e := f.Tree(context.Background(), f.data(`{"m:l":[{"k":"a","ip":"x"},{"k":"b","ip":"x"}]}`), validate.Options{})[0]
	var got []string
	for _, i := range e.Info {
		got = append(got, i.Module+":"+i.Name+" "+i.Value)
	}
	want := []string{
		"yang:non-unique /m:l[k='a']/ip", "yang:non-unique /m:l[k='a']/n/port",
		"yang:non-unique /m:l[k='b']/ip", "yang:non-unique /m:l[k='b']/n/port",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("info %q, want %q", got, want)
	}
}

func TestMust(t *testing.T) {
	f := compile(t, `
	container p {
	  must "not(low > high)" { error-message "low above high"; error-app-tag "order"; }
	  leaf low { type int8; default 3; }
	  leaf high { type int8; must ". != 13"; }
	  leaf-list even { type int8; must ". mod 2 = 0"; }
	}
	container absent { must "/m:p/m:low < 100"; leaf d { type int8; default 5; must ". > /m:p/m:low or /m:p/m:low = 9"; } }`)
	f.check(t, []rule{
		{name: "holds", data: `{"m:p":{"low":1,"high":4}}`},
		{name: "own error", data: `{"m:p":{"low":4,"high":1}}`, want: []string{"operation-failed order /m:p"}, message: "low above high"},
		{name: "with a default", data: `{"m:p":{"high":1}}`, want: []string{"operation-failed order /m:p"}},
		{
			name: "own text", data: `{"m:p":{"high":13}}`, want: []string{"operation-failed must-violation /m:p/high"},
			message: `leaf /m:p/high must satisfy ". != 13"`,
		},
		{name: "leaf-list", data: `{"m:p":{"even":[2,3,4,5]}}`, want: []string{
			"operation-failed must-violation /m:p/even[.='3']", "operation-failed must-violation /m:p/even[.='5']",
		}},
		{name: "on a default", data: `{"m:p":{"low":8}}`, want: []string{"operation-failed must-violation /m:absent/d"}},
		{name: "on a container that is not stored", data: `{"m:p":{"low":100},"m:absent":{"d":101}}`, want: []string{"operation-failed must-violation /m:absent"}},
	})
}

func TestWhen(t *testing.T) {
	compile(t, `
	leaf kind { type string; default plain; }
	container fancy { when "../kind = 'fancy'"; leaf a { type int8; must ". > 0"; } }
	choice c { when "kind = 'fancy'"; case x { when "more"; leaf y { type string; } } }
	leaf more { type empty; }
	list l { when "kind = 'plain'" ; key k; leaf k { type string; } }
	list w { key k; leaf k { type string; } leaf on { type boolean; default true; } leaf v { when "../on = 'true'"; type string; } }`).check(t, []rule{
		{name: "true", data: `{"m:kind":"fancy","m:fancy":{"a":1}}`},
		{
			name: "false, and nothing else is said below", data: `{"m:fancy":{"a":-1}}`, want: []string{"unknown-element /m:fancy"},
			message: `container /m:fancy may exist only when "../kind = 'fancy'" is true`,
		},
		{name: "choice and case", data: `{"m:kind":"fancy","m:more":[null],"m:y":"1"}`},
		{name: "choice", data: `{"m:more":[null],"m:y":"1"}`, want: []string{"unknown-element /m:y"}},
		{name: "case", data: `{"m:kind":"fancy","m:y":"1"}`, want: []string{"unknown-element /m:y"}, message: `"more" and "kind = 'fancy'" are true`},
		{
			name: "per entry", data: `{"m:w":[{"k":"a","v":"1"},{"k":"b","on":false,"v":"1"},{"k":"c","on":false}]}`,
			want: []string{"unknown-element /m:w[k='b']/v"},
		},
	})
}

func TestReferences(t *testing.T) {
	gone := "data-missing instance-required "
	compile(t, `
	list item { key name; leaf name { type string; } leaf tag { type string; } leaf-list also { type string; }
	  leaf-list shade { type string; default dark; default light; }
	  list part { key id; leaf id { type string; } leaf weight { type uint8; default 7; } } }
	leaf-list color { type string; }
	container r {
	  leaf key { type leafref { path "/m:item/m:name"; } }
	  leaf tag { type leafref { path "../../item/tag"; } }
	  leaf part { type leafref { path "/m:item[m:name=current()/../key]/m:part/m:id"; } }
	  leaf shade { type leafref { path "/m:item[m:name=current()/../key]/m:shade"; } }
	  leaf any-part { type leafref { path "/m:item/m:part/m:id"; } }
	  leaf weight { type leafref { path "/m:item/m:part/m:weight"; } }
	  leaf color { type leafref { path "/m:color"; } }
	  leaf-list many { type leafref { path "/m:item/m:name"; } }
	  leaf free { type leafref { path "/m:item/m:name"; require-instance false; } }
	  leaf either { type union { type leafref { path "/m:item/m:name"; } type uint8; type instance-identifier; } }
	  leaf at { type instance-identifier; }
	  leaf chain { type leafref { path "../key"; } }
	}`).check(t, []rule{
		{name: "key", data: `{"m:item":[{"name":"a"}],"m:r":{"key":"a","chain":"a"}}`},
		{
			name: "no key", data: `{"m:item":[{"name":"a"}],"m:r":{"key":"b","chain":"a"}}`, want: []string{gone + "/m:r/key", gone + "/m:r/chain"},
			message: `leaf /m:r/key has the value "b", expected that of an existing /m:item/name (leafref path "/m:item/m:name")`,
		},
		{name: "leaf", data: `{"m:item":[{"name":"a","tag":"t"}],"m:r":{"tag":"t"}}`},
		{name: "no leaf", data: `{"m:item":[{"name":"a","tag":"t"}],"m:r":{"tag":"a"}}`, want: []string{gone + "/m:r/tag"}},
		{name: "predicate", data: `{"m:item":[{"name":"a","part":[{"id":"1"}]}],"m:r":{"key":"a","part":"1"}}`},
		{name: "other entry", data: `{"m:item":[{"name":"a","part":[{"id":"1"}]},{"name":"b"}],"m:r":{"key":"b","part":"1"}}`, want: []string{gone + "/m:r/part"}},
		{name: "predicate, default", data: `{"m:item":[{"name":"a"}],"m:r":{"key":"a","shade":"light"}}`},
		{name: "predicate, no default", data: `{"m:item":[{"name":"a"}],"m:r":{"key":"a","shade":"red"}}`, want: []string{gone + "/m:r/shade"}},
		{name: "predicate, value", data: `{"m:item":[{"name":"a","shade":["red"]}],"m:r":{"key":"a","shade":"red"}}`},
		{name: "across lists", data: `{"m:item":[{"name":"a"},{"name":"b","part":[{"id":"1"}]}],"m:r":{"any-part":"1","weight":7}}`},
		{
			name: "nowhere", data: `{"m:item":[{"name":"a"},{"name":"b","part":[{"id":"1","weight":8}]}],"m:r":{"any-part":"2","weight":7}}`,
			want: []string{gone + "/m:r/any-part", gone + "/m:r/weight"},
		},
		{name: "leaf-lists", data: `{"m:color":["red"],"m:item":[{"name":"a"}],"m:r":{"color":"red","many":["a"]}}`},
		{
			name: "no value", data: `{"m:color":["red"],"m:item":[{"name":"a"}],"m:r":{"color":"blue","many":["a","b"]}}`,
			want: []string{gone + "/m:r/color", gone + "/m:r/many[.='b']"},
		},
		{name: "not required", data: `{"m:r":{"free":"x"}}`},
		{name: "union by instance", data: `{"m:item":[{"name":"a"}],"m:r":{"either":"a"}}`},
		{name: "union by type", data: `{"m:r":{"either":5}}`},
		{name: "union by neither", data: `{"m:r":{"either":"a"}}`, want: []string{gone + "/m:r/either"}},
		{name: "instance", data: `{"m:item":[{"name":"a"}],"m:r":{"at":"/m:item[name='a']"}}`},
		{name: "default instance", data: `{"m:item":[{"name":"a","part":[{"id":"1"}]}],"m:r":{"at":"/m:item[name='a']/part[id='1']/weight"}}`},
		{
			name: "no instance", data: `{"m:item":[{"name":"a"}],"m:r":{"at":"/m:item[name='b']"}}`, want: []string{gone + "/m:r/at"},
			message: "refers to /m:item[name='b'], which does not exist",
		},
	})
}

func TestMax(t *testing.T) {
	f := compile(t, `leaf-list v { type uint16; must ". < 3"; }`)
	data := f.data(`{"m:v":[1,2,3,4,5,6]}`)
	for max, want := range map[int]int{0: 4, 1: 1, 3: 3, 4: 4, 9: 4} {
		if got := f.Tree(context.Background(), data, validate.Options{Max: max}); len(got) != want {
			t.Errorf("Max %d: %d errors, want %d", max, len(got), want)
		}
	}
}

func TestInterrupted(t *testing.T) {
	f := compile(t, `leaf-list v { type uint16; must ". >= 0"; }`)
	m := tree.New(f.schema.Root).Mutate()
	s := f.schema.Find("/m:v")
	for i := range 3000 {
		v, err := s.Type.Parse(string(rune('0'+i/1000))+string(rune('0'+i/100%10))+string(rune('0'+i/10%10))+string(rune('0'+i%10)), nil)
		if err != nil {
			t.Fatal(err)
		}
		m.AddValue(s, v, tree.Position{})
	}
	data := m.Done()
	ctx, cancel := context.WithCancel(context.Background())
	if errs := f.Tree(ctx, data, validate.Options{}); len(errs) != 0 {
		t.Fatal(errs)
	}
	cancel()
	if errs := f.Tree(ctx, data, validate.Options{}); len(errs) != 1 || errs[0].Err != context.Canceled {
		t.Errorf("cancelled: %v", errs)
	}
}
