package edit_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

func TestApply(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ name, base, edit, want string }{
		// RFC 6241 Section 7.2: want is the tree or "tag path".
		{"merge into nothing", "", "top{ name=a item{ id=1 val=x } }", "top{ name=a item{ id=1 val=x } }"},
		{"merge", "top{ name=a item{ id=1 val=x } }", "top{ item{ id=1 size=2 } item{ id=0 } }", "top{ name=a item{ id=0 } item{ id=1 val=x size=2 } }"},
		{"merge a leaf", "top{ name=a }", "top{ name=b|merge }", "top{ name=b }"},
		{"merge leaf-list", "top{ tag=a }", "top{ tag=b tag=a }", "top{ tag=a tag=b }"},
		{"an entry twice", "", "top{ item{ id=1 val=a } item{ id=1 size=b } }", "top{ item{ id=1 val=a size=b } }"},
		{"an entry made twice", "top{ }", "top{ item{|create id=1 } item{|create id=1 } }", "data-exists /e:top/item[id='1']"},
		{"an entry made and deleted", "top{ name=a }", "top{ item{ id=1 val=x } item{|delete id=1 } }", "top{ name=a }"},
		{
			"operations deep down", "top{ item{ id=1 val=x } }", "top{ item{ id=1 val|delete part{ a=1 b=2 } } item{ id=2 val=y size=z|create } }",
			"top{ item{ id=1 part{ a=1 b=2 } } item{ id=2 val=y size=z } }",
		},
		{"merge anydata", "top{ blob=1 }", "top{ blob=2 }", "top{ blob=2 }"},
		{"replace a leaf", "top{ name=a }", "top{ name=b|replace }", "top{ name=b }"},
		{"replace an entry", "top{ item{ id=1 val=x part{ a=1 b=2 } } item{ id=2 } }", "top{ item{|replace id=1 size=s } }", "top{ item{ id=1 size=s } item{ id=2 } }"},
		{"replace what is not there", "", "top{|replace item{ id=1 } }", "top{ item{ id=1 } }"},
		{"replace a container", "top{ name=a np{ x=1 } }", "top{ np{|replace deep{ y=1 } } }", "top{ name=a np{ deep{ y=1 } } }"},
		{"replace is inherited", "top{ name=a item{ id=1 val=x } }", "top{|replace item{ id=1 } }", "top{ item{ id=1 } }"},
		{"replace leaves siblings", "top{ tag=a tag=b }", "top{ tag=c|replace }", "top{ tag=a tag=b tag=c }"},
		{"create a leaf", "top{ }", "top{ name=a|create }", "top{ name=a }"},
		{"create an existing leaf", "top{ name=a }", "top{ name=a|create }", "data-exists /e:top/name"},
		{"create a leaf with default", "", "top{ count=7|create }", "top{ count=7 }"},
		{"create an entry", "top{ item{ id=1 } }", "top{ item{|create id=2 val=x } }", "top{ item{ id=1 } item{ id=2 val=x } }"},
		{"create an existing entry", "top{ item{ id=1 } }", "top{ item{|create id=1 val=x } }", "data-exists /e:top/item[id='1']"},
		{"create within create", "top{ }", "top{ item{|create id=1 part{ a=1 b=2 } } }", "top{ item{ id=1 part{ a=1 b=2 } } }"},
		{"create an existing value", "top{ tag=a }", "top{ tag=a|create }", "data-exists /e:top/tag[.='a']"},
		{"create a value", "top{ tag=a }", "top{ tag=b|create }", "top{ tag=a tag=b }"},
		{"create presence", "top{ }", "top{ on{|create } }", "top{ on{ } }"},
		{"create existing presence", "top{ on{ } }", "top{ on{|create } }", "data-exists /e:top/on"},
		{"create a container with content", "top{ np{ x=1 } }", "top{ np{|create x=2 } }", "data-exists /e:top/np"},
		{"create a container that is empty", "top{ np{ } }", "top{ np{|create x=2 } }", "top{ np{ x=2 } }"},
		{"create existing anydata", "top{ blob=1 }", "top{ blob=2|create }", "data-exists /e:top/blob"},
		{"delete a leaf by another value", "top{ name=a tag=x }", "top{ name=b|delete }", "top{ tag=x }"},
		{"delete a leaf without value", "top{ name=a tag=x }", "top{ name|delete }", "top{ tag=x }"},
		{"delete a missing leaf", "top{ }", "top{ name|delete }", "data-missing /e:top/name"},
		{"delete a default", "top{ }", "top{ count|delete }", "data-missing /e:top/count"},
		{"delete a value", "top{ tag=a tag=b }", "top{ tag=a|delete }", "top{ tag=b }"},
		{"delete a missing value", "top{ tag=a }", "top{ tag=b|delete }", "data-missing /e:top/tag[.='b']"},
		{"delete no value", "top{ tag=a }", "top{ tag|delete }", "invalid-value /e:top/tag"},
		{"delete an entry", "top{ item{ id=1 val=x } item{ id=2 } }", "top{ item{|delete id=1 } }", "top{ item{ id=2 } }"},
		{"delete a missing entry", "top{ item{ id=1 } }", "top{ item{|delete id=2 } }", "data-missing /e:top/item[id='2']"},
		{"delete a container", "top{ name=a on{ x=1 } }", "top{ on{|delete } }", "top{ name=a }"},
		{"delete all", "top{ name=a }", "top{|delete }", ""},
		{"remove", "top{ name=a tag=a item{ id=1 } on{ } blob=1 np{ x=1 } }", "top{ tag=a|remove item{|remove id=1 } on{|remove } blob|remove np{|remove } }", "top{ name=a }"},
		{"remove what is missing", "top{ name=a }", "top{ tag=a|remove item{|remove id=1 } on{|remove } blob|remove np{|remove } count|remove }", "top{ name=a }"},
		{"the last child takes its container along", "top{ name=a np{ deep{ y=1 } } }", "top{ np{ deep{ y|delete } } }", "top{ name=a }"},
		{"presence stays", "top{ on{ x=1 } }", "top{ on{ x|delete } }", "top{ on{ } }"},
		{"an empty container can be made", "", "top{ }", "top{ }"},
		{"none", "top{ item{ id=1 val=x } }", "none:top{ item{ id=1 val=y } }", "top{ item{ id=1 val=x } }"},
		{"none with operation", "top{ item{ id=1 } }", "none:top{ item{ id=1 val=y|merge } }", "top{ item{ id=1 val=y } }"},
		{"none without parent", "top{ }", "none:top{ item{ id=1 val=y|merge } }", "data-missing /e:top/item[id='1']"},
		{"none without presence", "top{ }", "none:top{ on{ x=1|merge } }", "data-missing /e:top/on"},
		{"none in an implied container", "", "none:top{ np{ x=1|create } }", "top{ np{ x=1 } }"},
		{"none makes nothing", "", "none:top{ np{ deep{ } } }", ""},
		{"none delete in nothing", "", "none:top{ np{ x|delete } }", "data-missing /e:top/np/x"},
		{"none with a missing leaf", "top{ }", "none:top{ name=a }", "data-missing /e:top/name"},
		{"none with a missing value", "top{ tag=a }", "none:top{ tag=b }", "data-missing /e:top/tag[.='b']"},
		{"none with anydata", "top{ blob=1 }", "none:top{ blob=2 }", "top{ blob=1 }"},
		{"default replace", "top{ name=a item{ id=1 } }", "replace:top{ tag=a }", "top{ tag=a }"},
		{"default replace with nothing", "top{ name=a }", "replace:", ""},
		// RFC 7950 Section 7.9: choice.
		{"another case", "top{ one=1 uno{ x=1 } }", "top{ duo=1 }", "top{ duo=1 }"},
		{"another case by create", "top{ one=1 }", "top{ two{|create k=1 } }", "top{ two{ k=1 } }"},
		{"the same case", "top{ one=1 }", "top{ uno{ x=1 } }", "top{ one=1 uno{ x=1 } }"},
		{"an inner case", "top{ duo=1 ia=1 }", "top{ ib=1 }", "top{ duo=1 ib=1 }"},
		{"from inner to outer", "top{ duo=1 ia=1 two{ k=1 } }", "top{ one=1 }", "top{ one=1 }"},
		{"delete one case, create the other", "top{ one=1 }", "top{ duo=1 one|delete }", "top{ duo=1 }"},
		{"deleting a case makes no other", "top{ one=1 }", "top{ one|delete }", ""},
		{"none does not switch", "top{ one=1 }", "none:top{ two{|remove k=1 } }", "top{ one=1 }"},
		{"none switches through", "top{ duo=1 }", "none:top{ uno{ x=1|merge } }", "top{ uno{ x=1 } }"},
		// RFC 6243 Section 4.5.2.
		{"back to the default", "top{ name=a count=9 }", "top{ count=7|default=true }", "top{ name=a }"},
		{"back to the default, create", "top{ count=9 }", "top{ count=7|default=1|create }", "invalid-value /e:top/count"},
		{"not marked as default", "top{ count=9 }", "top{ count=7|default=false }", "top{ count=7 }"},
	} {
		base := f.tree(f.Root, c.base)
		before := script(base.Root())
		if got := applied(f, base, c.edit, edit.Options{}); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if script(base.Root()) != before {
			t.Errorf("%s: the base has changed to %s", c.name, script(base.Root()))
		}
	}
}

// applied is the tree after an edit, or "tag path" of the first error.
func applied(f fixture, base *tree.Tree, script_ string, o edit.Options) string {
	e, err := f.edit(script_)
	if err == nil {
		var got *tree.Tree
		if got, err = edit.Apply(base, e, o); err == nil {
			return script(got.Root())
		}
	}
	first := rpcerr.All(err)[0]
	text := string(first.Tag) + " " + first.Path
	if first.AppTag != "" {
		text += " " + first.AppTag
	}
	return text
}

func TestInsert(t *testing.T) {
	f := newFixture(t)
	const base = "top{ rank=a rank=b rank=c step{ id=1 } step{ id=2 } step{ id=3 val=v } pair{ a=x b=y } }"
	list := func(ranks, steps, pairs string) string {
		var words []string
		for _, r := range strings.Fields(ranks) {
			words = append(words, "rank="+r)
		}
		for _, s := range strings.Fields(steps) {
			id, val, _ := strings.Cut(s, "=")
			if val != "" {
				val = " val=" + val
			}
			words = append(words, "step{ id="+id+val+" }")
		}
		for _, p := range strings.Fields(pairs) {
			words = append(words, "pair{ a="+p[:1]+" b="+p[1:]+" }")
		}
		return "top{ " + strings.Join(words, " ") + " }"
	}
	for _, c := range []struct{ edit, want string }{
		{"rank=d", list("a b c d", "1 2 3=v", "xy")},
		{"rank=d|create", list("a b c d", "1 2 3=v", "xy")},
		{"rank=d|insert=first", list("d a b c", "1 2 3=v", "xy")},
		{"rank=d|insert=last|create", list("a b c d", "1 2 3=v", "xy")},
		{"rank=d|insert=before|value=b", list("a d b c", "1 2 3=v", "xy")},
		{"rank=d|insert=after|value=b|replace", list("a b d c", "1 2 3=v", "xy")},
		{"rank=c", list("a b c", "1 2 3=v", "xy")},
		{"rank=c|insert=first", list("c a b", "1 2 3=v", "xy")},
		{"rank=a|insert=after|value=b", list("b a c", "1 2 3=v", "xy")},
		{"rank=d|insert=first rank=e|insert=first", list("e d a b c", "1 2 3=v", "xy")},
		{"rank=a|insert=first|create", "data-exists /e:top/rank[.='a']"},
		{"rank=d|insert=before|value=z", "bad-attribute /e:top/rank[.='d'] missing-instance"},
		{"rank=d|insert=before|value=d", "bad-attribute /e:top/rank[.='d'] missing-instance"},
		{"rank=d|insert=before", "missing-attribute /e:top/rank[.='d']"},
		{"rank=d|value=a", "missing-attribute /e:top/rank[.='d']"},
		{"rank=d|insert=middle", "bad-attribute /e:top/rank[.='d']"},
		{"rank=d|insert=before|key=a", "unknown-attribute /e:top/rank[.='d']"},
		{"step{|insert=first id=9 }", list("a b c", "9 1 2 3=v", "xy")},
		{"step{|insert=before|key=[p:id='2'] id=9 val=w }", list("a b c", "1 9=w 2 3=v", "xy")},
		{"step{|insert=after|key=[id='02'] id=3 }", list("a b c", "1 2 3=v", "xy")},
		{"step{|insert=first id=3 }", list("a b c", "3=v 1 2", "xy")},
		{"step{|insert=first|replace id=3 }", list("a b c", "3 1 2", "xy")},
		{"step{|replace id=2 val=w }", list("a b c", "1 2=w 3=v", "xy")},
		{"step{|delete id=2 }", list("a b c", "1 3=v", "xy")},
		{"pair{|insert=before|key=[p:b='y']__[p:a='x'] a=q b=r }", list("a b c", "1 2 3=v", "qr xy")},
		{"step{|insert=before|key=[p:id='8'] id=9 }", "bad-attribute /e:top/step[id='9'] missing-instance"},
		{"step{|insert=before|key=[p:id='999'] id=9 }", "bad-attribute /e:top/step"},
		{"step{|insert=before|key=[q:id='1'] id=9 }", "bad-attribute /e:top/step"},
		{"step{|insert=before|key=2 id=9 }", "bad-attribute /e:top/step"},
		{"step{|insert=before|value=2 id=9 }", "unknown-attribute /e:top/step"},
		{"item{|insert=first id=9 }", "unknown-attribute /e:top/item"},
		{"name=a|insert=first", "unknown-attribute /e:top/name"},
		{"tag=a|insert=before|value=x", "unknown-attribute /e:top/tag[.='a']"},
	} {
		if got := applied(f, f.tree(f.Root, base), "top{ "+c.edit+" }", edit.Options{}); got != c.want {
			t.Errorf("%s: got\n%s, want\n%s", c.edit, got, c.want)
		}
	}
	// A replace that covers the list takes over the order of the request (RFC 7950 Section 7.8.6).
	if got, want := applied(f, f.tree(f.Root, base), "top{|replace rank=c rank=a step{ id=3 } step{ id=1 } }", edit.Options{}),
		list("c a", "3 1", ""); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBuilderRefuses(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ name, edit, want string }{
		{"state", "top{ state=x }", "unknown-element /e:top/state"},
		{"state, deleted", "top{ state|remove }", "unknown-element /e:top/state"},
		{"unknown operation", "top{ name=x|destroy }", "bad-attribute /e:top/name"},
		{"none as operation", "top{ name=x|none }", "bad-attribute /e:top/name"},
		{"unknown attribute of NETCONF", "top{ name=x|ietf-netconf:op=merge }", "unknown-attribute /e:top/name"},
		{"unknown attribute of YANG", "top{ name=x|where=first }", "unknown-attribute /e:top/name"},
		{"no key", "top{ item{ val=x } }", "missing-element /e:top/item"},
		{"no key to delete", "top{ item{|delete } }", "missing-element /e:top/item"},
		{"key twice", "top{ item{ id=1 id=1 } }", "bad-element /e:top/item[id='1']/id"},
		{"deleted key", "top{ item{ id=1|delete } }", "bad-attribute /e:top/item/id"},
		{"leaf twice", "top{ name=a name=b }", "bad-element /e:top/name"},
		{"leaf deleted and set", "top{ name|delete name=b }", "bad-element /e:top/name"},
		{"container twice", "top{ } top{ }", "bad-element /e:top"},
		{"two cases", "top{ one=1 duo=1 }", "bad-element /e:top/duo"},
		{"two cases, entries between", "top{ two{ k=1 } two{ k=2 } tag=a uno{ x=1 } }", "bad-element /e:top/uno"},
		{"two inner cases", "top{ ia=1 ib=1 }", "bad-element /e:top/ib"},
		{"a default that is none", "top{ count=8|default=true }", "invalid-value /e:top/count"},
		{"a default without default", "top{ name=8|default=true }", "invalid-value /e:top/name"},
		{"a default that is no boolean", "top{ count=7|default=yes }", "bad-attribute /e:top/count"},
		{"no default to delete", "top{ count=7|default=false|delete }", "invalid-value /e:top/count"},
		{"a default to delete", "top{ count=7|default=true|delete }", "invalid-value /e:top/count"},
		{"not ended", "top{ item{ id=1", "malformed-message /e:top/item[id='1']"},
		{"not ended, no key", "top{ pair{ a=1", "malformed-message /e:top/pair"},
	} {
		if got := applied(f, f.tree(f.Root, "top{ name=x count=7 one=1 }"), c.edit, edit.Options{}); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for _, fine := range []string{"top{ item{ id=1|create } }", "top{ name=x|other:note=y }", "top{ item{|delete id=1 val=x } }"} {
		if e, err := f.edit(fine); err != nil || len(e.Root.Children) != 1 {
			t.Errorf("%s: %v", fine, err)
		}
	}
}

func TestContinueOnError(t *testing.T) {
	f := newFixture(t)
	base := f.tree(f.Root, "top{ name=a item{ id=1 } }")
	e, err := f.edit("top{ name=b|create count=1 item{|create id=1 val=x } item{ id=2 val|delete size=s } tag=t|delete rank=r }")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := edit.Apply(base, e, edit.Options{}); got != nil || len(rpcerr.All(err)) != 1 {
		t.Errorf("stop on error: %v %v", got, err)
	}
	got, err := edit.Apply(base, e, edit.Options{ContinueOnError: true})
	var tags []string
	for _, e := range rpcerr.All(err) {
		tags = append(tags, string(e.Tag)+" "+e.Path)
	}
	want := []string{"data-exists /e:top/name", "data-exists /e:top/item[id='1']", "data-missing /e:top/item[id='2']/val", "data-missing /e:top/tag[.='t']"}
	if strings.Join(tags, "\n") != strings.Join(want, "\n") {
		t.Errorf("errors\n%s", strings.Join(tags, "\n"))
	}
	if want := "top{ name=a count=1 rank=r item{ id=1 } item{ id=2 size=s } }"; script(got.Root()) != want {
		t.Errorf("got %s", script(got.Root()))
	}
}

func TestApplyShares(t *testing.T) {
	f := newFixture(t)
	base := f.tree(f.Root, "top{ name=a item{ id=1 val=x } item{ id=2 val=y } np{ x=1 } }")
	e, _ := f.edit("top{ item{ id=2 val=z } }")
	got, err := edit.Apply(base, e, edit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/e:top/item[id='1']", "/e:top/np", "/e:top/name"} {
		if got.Find(f.path(p)) != base.Find(f.path(p)) {
			t.Errorf("%s is not shared", p)
		}
	}
	same, _ := f.edit("top{ name=a item{ id=2 val=y } }")
	if got, _ := edit.Apply(base, same, edit.Options{}); got.Root() != base.Root() {
		t.Error("an edit that changes nothing makes a new tree")
	}
}
