package restconf

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// asked writes down what state of wheels is asked for.
type asked struct{ requests []datastore.StateRequest }

func (*asked) Paths() []string { return []string{"/example-top:machine/wheel/turns"} }

func (a *asked) State(_ context.Context, req datastore.StateRequest, _ *tree.Mut) error {
	a.requests = append(a.requests, req)
	return nil
}

// paths is how many paths each request was for, with "*" where one is of all wheels.
func (a *asked) paths() string {
	var out []string
	for _, req := range a.requests {
		text := fmt.Sprint(len(req.Under))
		if slices.ContainsFunc(req.Under, func(p tree.Path) bool { return len(p) < 2 || len(p[1].Keys) == 0 }) {
			text += "*"
		}
		out = append(out, text)
	}
	a.requests = nil
	return strings.Join(out, " ")
}

const wheels = "/restconf/data/example-top:machine/wheel"

func wheelsUpTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"name":"w%03d","size":%d}`, i, i%5)
	}
	return "PUT /restconf/data/example-top:machine" + jsonBody + `{"example-top:machine":{"wheel":[` + b.String()[1:] + "]}}"
}

// TestPageAsksForItsState says that the state of a page is produced for its entries only.
func TestPageAsksForItsState(t *testing.T) {
	state := &asked{}
	f := newFixture(t, func(o *Options) { o.Store.AddStateProvider(state) })
	f.must(201, wheelsUpTo(200))
	tests := []struct{ query, want string }{
		{"limit=20&offset=100", "20"},
		{"limit=20&cursor=dzEwMA==&direction=backwards", "20"},
		{"limit=70", "32 32 6"},
		{"limit=101", "1*"},
		{"", "1*"},
		{"limit=20&content=config", ""},
		{"limit=20&where=size=1", "20"},
		{"limit=20&sort-by=size&direction=backwards", "20"},
		{"limit=20&where=turns=7", "1*"},
		{"limit=20&sort-by=turns", "1*"},
		{"where=size=9", ""},
	}
	for _, tt := range tests {
		state.paths()
		f.must(200, "GET "+wheels+"?"+tt.query)
		if got := state.paths(); got != tt.want {
			t.Errorf("%s asks for the state of %q entries, want %q", tt.query, got, tt.want)
		}
	}
}

// TestPageOfMany compares a page that is read in several pieces with the whole list.
func TestPageOfMany(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, wheelsUpTo(200))
	names := func(query string) (out []string) {
		var list struct {
			Wheels []struct{ Name, Turns string } `json:"example-top:wheel"`
		}
		if err := json.Unmarshal(f.must(200, "GET "+wheels+query).Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		for _, w := range list.Wheels {
			out = append(out, w.Name+w.Turns)
		}
		return out
	}
	all := names("")
	if got := names("?offset=50&limit=90"); !slices.Equal(got, all[50:140]) {
		t.Errorf("got %q", got)
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	if got := names("?direction=backwards"); !slices.Equal(got, backwards) {
		t.Errorf("backwards: %q", got)
	}
}

// TestPageTags says which pages have an entity tag: those that nothing but the list decides.
func TestPageTags(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, wheelsUpTo(10))
	for query, tagged := range map[string]bool{
		"limit=2": true, "where=size=1&sort-by=size": true,
		"where=turns=7": false, "where=../temperature>1": false, "where=/example-top:top/Y": false, "sort-by=turns": false,
	} {
		uri := "GET " + wheels + "?content=config&" + query
		tag := f.must(200, uri).Header().Get("ETag")
		if (tag != "") != tagged {
			t.Errorf("%s has the tag %q", query, tag)
		}
		if tagged {
			f.must(304, uri+"\nIf-None-Match: "+tag)
		}
	}
}

func TestPrefersList(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, wheelsUpTo(2))
	f.must(201, "POST /restconf/data/example-top:top"+jsonBody+`{"example-top:queue":[{"id":"only"}]}`)
	const list = "application/yang-data+xml-list"
	tests := []struct {
		accept string
		code   int
		media  string
	}{
		{list, 200, list},
		{"application/yang-data+xml, " + list, 200, list},
		{"application/yang-data+json, " + list, 200, "application/yang-data+json"},
		{"application/yang-data+json;q=0.5, " + list, 200, list},
		{"*/*, " + list, 200, list},
		{"*/*", 200, "application/yang-data+json"},
		{"application/yang-data+xml, " + list + ";q=0.5", 400, "application/yang-data+xml"},
		{list + ";q=0", 406, "application/yang-data+json"},
		{"application/yang-data+xml", 400, "application/yang-data+xml"},
	}
	for _, tt := range tests {
		w := f.do("GET " + wheels + "\nAccept: " + tt.accept)
		if got := w.Header().Get("Content-Type"); w.Code != tt.code || got != tt.media {
			t.Errorf("%s: %d %s, want %d %s", tt.accept, w.Code, got, tt.code, tt.media)
		}
	}
	if got := f.must(200, "GET /restconf/data/example-top:top/queue"+wantXML).Body.String(); !strings.HasPrefix(got, "<queue ") {
		t.Errorf("a list of one entry in plain XML: %s", got)
	}
	f.must(406, "GET /restconf/data/example-top:machine\nAccept: "+list)
	f.must(405, "DELETE "+wheels+"\nAccept: "+list)
}

// FuzzPage asks for pages with any parameters: they are read or refused, in the encoding
// that was asked for.
func FuzzPage(f *testing.F) {
	for _, q := range []string{
		"limit=2&offset=1", "cursor=dzAwMQ==&limit=1&direction=backwards", "where=size>1&limit=3", "where=../temperature=61", "sort-by=size&locale=C",
		"sort-by=turns&where=turns=7", "cursor=AA==", "limit=-1", "where=%2F%2F*", "where=count(//*)>1", "sublist-limit=1&depth=1&fields=name", "offset=99999999999",
		"where=substring('a',1%20div%200)", "where=.%20|%20..", "where=current()/name", "content=nonconfig&limit=1&with-defaults=trim",
	} {
		f.Add(q)
	}
	x := newFixture(f, nil)
	x.must(201, wheelsUpTo(5))
	x.must(201, "PUT /restconf/data/example-top:top"+jsonBody+`{"example-top:top":{"names":["u","s"],"Y":[1,2]}}`)
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }) {
			return // no URI
		}
		x.t = t
		for _, path := range []string{wheels, "/restconf/data/example-top:machine/event", "/restconf/data/example-top:top/names", "/restconf/ds/ietf-datastores:running/example-top:top/Y"} {
			w := x.do("GET " + path + "?" + query + "\nAccept: application/yang-data+json")
			if w.Code >= 500 && w.Code != 501 || w.Code == 200 && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s?%s = %d %s", path, query, w.Code, w.Body)
			}
			w = x.do("GET " + path + "?" + query + "\nAccept: application/yang-data+xml-list")
			if err := wellFormed(w.Body.String()); w.Code >= 500 && w.Code != 501 || err != nil {
				t.Errorf("%s?%s = %d %s: %v", path, query, w.Code, w.Body, err)
			}
		}
	})
}

func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
