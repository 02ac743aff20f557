package edit_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// parent is the schema node that the content of a request on path stands below.
func (f fixture) parent(p tree.Path) *yang.Node {
	if len(p) > 1 {
		return p.Parent().Schema()
	}
	return f.Root
}

func TestRESTCONF(t *testing.T) {
	f := newFixture(t)
	const base = "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }"
	const missing = "invalid-value, no resource"
	for _, c := range []struct {
		name, method, path, content string
		insert                      string // first, or before/after and the point
		want                        string // the tree, or the tag and reason
	}{
		{
			name: "PUT an entry", method: "PUT", path: "/e:top/item[id='1']", content: "item{ id=1 size=s }",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 size=s } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PUT a new entry", method: "PUT", path: "/e:top/item[id='0']", content: "item{ id=0 }",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=0 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PUT an entry keeps its place", method: "PUT", path: "/e:top/step[id='1']", content: "step{ id=1 val=n }",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 val=n } step{ id=2 val=w } }",
		},
		{
			name: "PUT moves", method: "PUT", path: "/e:top/step[id='2']", content: "step{ id=2 }", insert: "first",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=2 } step{ id=1 } }",
		},
		{
			name: "PUT a leaf", method: "PUT", path: "/e:top/name", content: "name=b",
			want: "top{ name=b rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PUT a value", method: "PUT", path: "/e:top/rank[.='z']", content: "rank=z", insert: "before /e:top/rank[.='y']",
			want: "top{ name=a rank=x rank=z rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{name: "PUT the datastore", method: "PUT", path: "/", content: "top{ name=z }", want: "top{ name=z }"},
		{name: "PUT nothing", method: "PUT", path: "/", want: ""},
		{
			name: "PUT below an implied container", method: "PUT", path: "/e:top/np/deep/y", content: "y=2",
			want: "top{ name=a rank=x rank=y np{ x=1 deep{ y=2 } } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{name: "PUT below a missing entry", method: "PUT", path: "/e:top/item[id='7']/val", content: "val=x", want: missing},
		{name: "PUT another key", method: "PUT", path: "/e:top/item[id='1']", content: "item{ id=2 }", want: "invalid-value"},
		{name: "PUT another value", method: "PUT", path: "/e:top/rank[.='x']", content: "rank=z", want: "invalid-value"},
		{name: "PUT another node", method: "PUT", path: "/e:top/name", content: "count=1", want: "invalid-value"},
		{name: "PUT no content", method: "PUT", path: "/e:top/name", want: "invalid-value"},
		{name: "PUT a key", method: "PUT", path: "/e:top/item[id='1']/id", content: "id=1", want: "invalid-value, method"},
		{name: "PUT another value of a key", method: "PUT", path: "/e:top/item[id='1']/id", content: "id=2", want: "invalid-value, method"},
		{name: "PUT a key of nothing", method: "PUT", path: "/e:top/item[id='7']/id", content: "id=7", want: "invalid-value, method"},
		{name: "PUT several", method: "PUT", path: "/e:top/item[id='1']", content: "item{ id=1 } item{ id=2 }", want: "invalid-value"},
		{name: "PUT a whole list", method: "PUT", path: "/e:top/item", content: "item{ id=1 }", want: "invalid-value"},
		{name: "PUT state", method: "PUT", path: "/e:top/state", content: "state=x", want: "invalid-value, method"},
		{name: "insert where the system orders", method: "PUT", path: "/e:top/item[id='1']", content: "item{ id=1 }", insert: "first", want: "invalid-value"},
		{name: "a point that is missing", method: "PUT", path: "/e:top/step[id='3']", content: "step{ id=3 }", insert: "after /e:top/step[id='9']", want: "bad-attribute"},
		{name: "a point elsewhere", method: "PUT", path: "/e:top/step[id='3']", content: "step{ id=3 }", insert: "after /e:top/rank[.='x']", want: "invalid-value"},
		{name: "a point that is a list", method: "PUT", path: "/e:top/step[id='3']", content: "step{ id=3 }", insert: "after /e:top/step", want: "invalid-value"},

		{
			name: "POST an entry", method: "POST", path: "/e:top", content: "step{ id=3 }", insert: "after /e:top/step[id='1']",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=3 } step{ id=2 val=w } }",
		},
		{
			name: "POST presence", method: "POST", path: "/e:top", content: "on{ x=1 }",
			want: "top{ name=a rank=x rank=y np{ x=1 } on{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{name: "POST what exists", method: "POST", path: "/e:top", content: "item{ id=1 }", want: "data-exists"},
		{name: "POST an existing leaf", method: "POST", path: "/e:top", content: "name=a", want: "data-exists"},
		{name: "POST to the datastore", method: "POST", path: "/", content: "top{ }", want: "data-exists"},
		{name: "POST below what is missing", method: "POST", path: "/e:top/item[id='7']", content: "val=x", want: missing},
		{name: "POST a key", method: "POST", path: "/e:top/item[id='1']", content: "id=1", want: "data-exists"},
		{name: "POST another key", method: "POST", path: "/e:top/item[id='1']", content: "id=2", want: "data-exists"},
		{name: "POST several", method: "POST", path: "/e:top", content: "count=1 tag=2", want: "invalid-value"},
		{name: "POST nothing", method: "POST", path: "/e:top", want: "invalid-value"},
		{name: "POST state", method: "POST", path: "/e:top", content: "state=x", want: "invalid-value, method"},

		{
			name: "PATCH", method: "PATCH", path: "/e:top/item[id='1']", content: "item{ id=1 size=s part{ a=0 b=0 } }",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v size=s part{ a=0 b=0 } part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PATCH a leaf", method: "PATCH", path: "/e:top/name", content: "name=b",
			want: "top{ name=b rank=x rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PATCH the datastore", method: "PATCH", path: "/", content: "top{ item{ id=1 size=s } }",
			want: "top{ name=a rank=x rank=y np{ x=1 } item{ id=1 val=v size=s part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{
			name: "PATCH an implied container", method: "PATCH", path: "/e:top/np/deep", content: "deep{ y=2 }",
			want: "top{ name=a rank=x rank=y np{ x=1 deep{ y=2 } } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{name: "PATCH what is missing", method: "PATCH", path: "/e:top/item[id='7']", content: "item{ id=7 }", want: missing},
		{name: "PATCH a missing leaf", method: "PATCH", path: "/e:top/count", content: "count=1", want: missing},
		{name: "PATCH another key", method: "PATCH", path: "/e:top/item[id='1']", content: "item{ id=2 }", want: "invalid-value"},
		{name: "PATCH a key", method: "PATCH", path: "/e:top/item[id='1']/id", content: "id=2", want: "invalid-value, method"},

		{name: "DELETE an entry", method: "DELETE", path: "/e:top/item[id='1']", want: "top{ name=a rank=x rank=y np{ x=1 } step{ id=1 } step{ id=2 val=w } }"},
		{
			name: "DELETE a value", method: "DELETE", path: "/e:top/rank[.='x']",
			want: "top{ name=a rank=y np{ x=1 } item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }",
		},
		{name: "DELETE a container", method: "DELETE", path: "/e:top/np", want: "top{ name=a rank=x rank=y item{ id=1 val=v part{ a=1 b=2 c=3 } } step{ id=1 } step{ id=2 val=w } }"},
		{name: "DELETE what is missing", method: "DELETE", path: "/e:top/count", want: missing},
		{name: "DELETE below what is missing", method: "DELETE", path: "/e:top/item[id='7']/val", want: missing},
		{name: "DELETE a key", method: "DELETE", path: "/e:top/item[id='1']/id", want: "invalid-value, method"},
		{name: "DELETE a list", method: "DELETE", path: "/e:top/item", want: "invalid-value"},
		{name: "DELETE the datastore", method: "DELETE", path: "/", want: "operation-not-supported, method"},
	} {
		e, location, err := f.request(c.method, c.path, c.content, c.insert)
		var got string
		if err == nil {
			var after *tree.Tree
			if after, err = edit.Apply(f.tree(f.Root, base), e, edit.Options{}); err == nil {
				got = script(after.Root())
				if location != nil && after.Find(location) == nil {
					t.Errorf("%s: nothing at %s", c.name, location)
				}
			}
		}
		if err != nil {
			first := rpcerr.All(err)[0]
			got = string(first.Tag) + map[rpcerr.Reason]string{rpcerr.NoSuchResource: ", no resource", rpcerr.MethodForbidden: ", method"}[first.Reason]
		}
		if got != c.want {
			t.Errorf("%s: got\n%s (%v), want\n%s", c.name, got, err, c.want)
		}
	}
}

func (f fixture) request(method, path, content, insert string) (*edit.Edit, tree.Path, error) {
	p := f.path(path)
	below := f.parent(p)
	if method == "POST" && len(p) > 0 {
		below = p.Schema()
	}
	at := readInsert(f, insert)
	switch method {
	case "PUT":
		e, err := edit.Put(p, f.tree(below, content), at)
		return e, nil, err
	case "PATCH":
		e, err := edit.Patch(p, f.tree(below, content))
		return e, nil, err
	case "POST":
		return edit.Post(p, f.tree(below, content), at)
	}
	e, err := edit.DeleteResource(p)
	return e, nil, err
}

func readInsert(f fixture, text string) *edit.Insert {
	if text == "" {
		return nil
	}
	for where, word := range map[tree.Where]string{tree.Before: "before ", tree.After: "after "} {
		if len(text) > len(word) && text[:len(word)] == word {
			return &edit.Insert{Where: where, Point: f.path(text[len(word):])}
		}
	}
	return &edit.Insert{Where: tree.First}
}
