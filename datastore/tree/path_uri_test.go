package tree_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/tree"
)

func TestAppendURI(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ path, want string }{
		{"/", ""},
		{"/t:top", "/t:top"},
		{"/t:top/item[id='x']/u:extra", "/t:top/item=x/u:extra"},
		{"/t:top/item[id='x']/part[a='1'][b='2']/c", "/t:top/item=x/part=1,2/c"},
		{"/t:top/item[id='']/part[a=''][b='']", "/t:top/item=/part=,"},
		{"/t:top/item", "/t:top/item"},
		{`/t:top/item[id=",'/%=: "]`, "/t:top/item=%2C%27%2F%25%3D%3A%20"},
		{"/t:top/item[id='Az09-._~']", "/t:top/item=Az09-._~"},
		{"/t:top/item[id='a+b;c&d?#[]@']", "/t:top/item=a%2Bb%3Bc%26d%3F%23%5B%5D%40"},
		{"/t:top/item[id='é日']", "/t:top/item=%C3%A9%E6%97%A5"},
		{"/t:top/u:typed[n='+5'][k='good']", "/t:top/u:typed=5,u%3Agood"},
		{"/t:top/tag[.='a,b']", "/t:top/tag=a%2Cb"},
		{"/t:top/event[3]/what", "/t:top/event/what"},
	} {
		p, err := tree.ParsePath(f.Schema, c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.AppendURI([]byte("x"))); got != "x"+c.want {
			t.Errorf("%s = %s, want x%s", c.path, got, c.want)
		}
	}
}
