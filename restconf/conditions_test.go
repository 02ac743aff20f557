package restconf

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

const gap = "/restconf/data/example-jukebox:jukebox/player/gap"

func TestConditions(t *testing.T) {
	const when = "2006-01-02T15:04:05Z"
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-jukebox:jukebox": {"player": {"gap": "0.5"}}}`)
	old := f.must(200, "GET /restconf/data").Header()
	f.now = f.now.Add(time.Hour)
	now := f.must(204, "PATCH "+gap+jsonBody+`{"example-jukebox:gap": "0.6"}`).Header()
	xml := f.must(200, "GET "+gap+wantXML).Header()
	if now.Get("ETag") == old.Get("ETag") || now.Get("ETag") == xml.Get("ETag") || now.Get("ETag") == "" {
		t.Fatalf("entity tags: %s before, %s now, %s in XML", old.Get("ETag"), now.Get("ETag"), xml.Get("ETag"))
	}
	const put = "PUT " + gap
	const body = jsonBody + `{"example-jukebox:gap": "0.6"}`
	for _, c := range []struct {
		name, request string
		code          int
	}{
		{"the right tag", put + "\nIf-Match: " + now.Get("ETag") + body, 204},
		{"the right tag, of the other encoding", put + "\nIf-Match: " + xml.Get("ETag") + body, 204},
		{"the right tag among others", put + "\nIf-Match: \"x, y\", W/\"z\", " + now.Get("ETag") + body, 204},
		{"anything there", put + "\nIf-Match: *" + body, 204},
		{"the wrong tag", put + "\nIf-Match: " + old.Get("ETag") + body, 412},
		{"a weak tag", put + "\nIf-Match: W/" + now.Get("ETag") + body, 412},
		{"no tag", put + "\nIf-Match: nonsense" + body, 412},
		{"anything, where nothing is", "PUT /restconf/data/example-top:top\nIf-Match: *" + jsonBody + `{"example-top:top": {}}`, 412},
		{"only where nothing is", put + "\nIf-None-Match: *" + body, 412},
		{"not this tag", put + "\nIf-None-Match: " + now.Get("ETag") + body, 412},
		{"not the old tag", put + "\nIf-None-Match: " + old.Get("ETag") + body, 204},
		{"not changed", put + "\nIf-Unmodified-Since: " + now.Get("Last-Modified") + body, 204},
		{"changed", put + "\nIf-Unmodified-Since: " + old.Get("Last-Modified") + body, 412},
		{"no date", put + "\nIf-Unmodified-Since: yesterday" + body, 204},
		{"the tag goes before the date", put + "\nIf-Unmodified-Since: " + old.Get("Last-Modified") + "\nIf-Match: " + now.Get("ETag") + body, 204},
		{"patch", "PATCH " + gap + "\nIf-Match: " + old.Get("ETag") + body, 412},
		{"delete", "DELETE " + gap + "\nIf-Match: " + old.Get("ETag"), 412},
		{"post", "POST /restconf/data\nIf-Match: " + old.Get("ETag") + jsonBody + `{"example-top:top": {}}`, 412},
		{"replace all", "PUT /restconf/data\nIf-Match: " + old.Get("ETag") + jsonBody + `{"ietf-restconf:data": {}}`, 412},

		{"known", "GET /restconf/data?content=config\nIf-None-Match: " + now.Get("ETag"), 304},
		{"known, weakly", "GET /restconf/data?content=config\nIf-None-Match: W/" + now.Get("ETag"), 304},
		{"known, one resource", "HEAD " + gap + "\nIf-None-Match: " + now.Get("ETag"), 304},
		{"known in another encoding", "GET /restconf/data\nIf-None-Match: " + xml.Get("ETag"), 200},
		{"known before", "GET /restconf/data\nIf-None-Match: " + old.Get("ETag"), 200},
		{"read while it is this", "GET " + gap + "\nIf-Match: " + now.Get("ETag"), 200},
		{"read while it is this, in the other encoding", "GET " + gap + "\nIf-Match: " + xml.Get("ETag"), 200},
		{"read while it is there", "HEAD " + gap + "\nIf-Match: *", 200},
		{"read what it was", "GET " + gap + "\nIf-Match: " + old.Get("ETag"), 412},
		{"read what it was, with state", "GET /restconf/data\nIf-Match: " + old.Get("ETag"), 412},
		{"read what it was then", "GET " + gap + "\nIf-Unmodified-Since: " + old.Get("Last-Modified"), 412},
		{"read what it is since", "GET " + gap + "\nIf-Unmodified-Since: " + now.Get("Last-Modified"), 200},
		{"refused before it is known", "GET " + gap + "\nIf-Match: " + old.Get("ETag") + "\nIf-None-Match: " + now.Get("ETag"), 412},
		{"any state is news", "GET /restconf/data?content=nonconfig\nIf-None-Match: " + now.Get("ETag"), 200},
		{"not there, known or not", "GET /restconf/data/example-top:top\nIf-None-Match: " + now.Get("ETag"), 404},
		{"state may be news", "GET /restconf/data\nIf-None-Match: " + now.Get("ETag"), 200},
		{"state may be news since", "GET /restconf/data\nIf-Modified-Since: " + now.Get("Last-Modified"), 200},
		{"state below may be news", "GET /restconf/data/example-jukebox:jukebox\nIf-None-Match: " + now.Get("ETag"), 200},
		{"since now", "GET /restconf/data?content=config\nIf-Modified-Since: " + now.Get("Last-Modified"), 304},
		{"since before", "GET /restconf/data\nIf-Modified-Since: " + old.Get("Last-Modified"), 200},
		{"the tag goes before since", "GET /restconf/data\nIf-Modified-Since: " + now.Get("Last-Modified") + "\nIf-None-Match: " + old.Get("ETag"), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := f.do(c.request)
			if w.Code != c.code {
				t.Errorf("%s\n= %d %s, want %d", c.request, w.Code, w.Body, c.code)
			}
			want := now.Get("ETag")
			if strings.Contains(c.request, "example-top:top\nIf-Match: *") {
				want = "" // there is no resource
			}
			if got := w.Header().Get("ETag"); c.code == 412 && got != want {
				t.Errorf("412 with ETag %s, want %s", got, want)
			}
			if c.code == 304 && w.Body.Len() > 0 {
				t.Errorf("304 with a body: %s", w.Body)
			}
		})
	}
	if got := f.store.Running().Head.Time.Format(when); got != "2026-11-22T13:00:00Z" {
		t.Errorf("running is of %s: a refused or empty edit made a commit", got)
	}
}

// TestEntityTagsOfResources: an edit changes the tags of what it changes and of what
// that is in, and no others; of each resource one of two clients who have read the same wins.
func TestEntityTagsOfResources(t *testing.T) {
	f := newFixture(t, nil)
	const jukebox, library = "/restconf/data/example-jukebox:jukebox", "/restconf/data/example-jukebox:jukebox/library"
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-jukebox:jukebox": {"player": {"gap": "0.5"}, "library": {
		"artist": [{"name": "A", "album": [{"name": "one", "year": 2000}, {"name": "two"}]}, {"name": "B"}]}}}`)
	uris := []string{
		"/restconf/data", jukebox, jukebox + "/player", gap, library, library + "/artist=A", library + "/artist=A/album=one",
		library + "/artist=A/album=one/year", library + "/artist=A/album=two", library + "/artist=B",
	}
	tags := func() (out []string) {
		for _, uri := range uris {
			out = append(out, f.must(200, "GET "+uri+"?content=config").Header().Get("ETag"))
		}
		return out
	}
	for _, c := range []struct {
		request string
		code    int
		changes string // of uris, by index
	}{
		{"PUT " + gap + jsonBody + `{"example-jukebox:gap": "0.7"}`, 204, "0123"},
		{"PUT " + gap + jsonBody + `{"example-jukebox:gap": "0.7"}`, 204, ""},
		{"PATCH " + library + "/artist=A/album=one" + jsonBody + `{"example-jukebox:album": [{"year": 2001}]}`, 204, "014567"},
		{"POST " + library + "/artist=A" + jsonBody + `{"example-jukebox:album": [{"name": "three"}]}`, 201, "0145"},
		{"DELETE " + library + "/artist=A/album=three", 204, "0145"},
		{"PUT " + library + "/artist=B" + jsonBody + `{"example-jukebox:artist": [{"name": "B", "album": [{"name": "x"}]}]}`, 204, "0149"},
		{"PUT " + library + "/artist=A/album=two" + jsonBody + `{"example-jukebox:album": [{"name": "two", "year": 1999}]}`, 204, "01458"},
	} {
		before := tags()
		f.now = f.now.Add(time.Minute)
		f.must(c.code, c.request)
		changed := ""
		for i, tag := range tags() {
			if tag != before[i] {
				changed += strconv.Itoa(i)
			}
		}
		if changed != c.changes {
			t.Errorf("%s\nchanged the tags of %s, want %s", c.request, changed, c.changes)
		}
	}
	tag := f.must(200, "GET "+library+"/artist=B").Header().Get("ETag")
	f.must(204, "PUT "+gap+jsonBody+`{"example-jukebox:gap": "0.8"}`)
	f.must(204, "DELETE "+library+"/artist=B/album=x\nAltoam-Comment: not for sale")
	w := f.must(412, "PATCH "+library+"/artist=B\nIf-Match: "+tag+jsonBody+`{"example-jukebox:artist": [{"album": [{"name": "y"}]}]}`)
	for _, want := range []string{
		"of admin changed it last", `"altoam-commit:comment":"not for sale"`,
		`"altoam-commit:change":"delete /example-jukebox:jukebox/library/artist[name='B']/album[name='x']"`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("412 does not say %s: %s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "gap") {
		t.Errorf("412 tells of what is elsewhere: %s", w.Body)
	}
}

func TestStateHasNoEntityTag(t *testing.T) {
	f := newFixture(t, nil)
	if h := f.must(200, "GET /restconf/data/example-top:machine/temperature").Header(); h.Get("ETag") != "" || h.Get("Last-Modified") != "" {
		t.Errorf("%v", h)
	}
	if h := f.must(200, "GET /restconf/data").Header(); h.Get("ETag") == "" || h.Get("Last-Modified") != "" {
		t.Errorf("before the first commit: %v", h)
	}
}

// Of many who edit what they read, all lose but one.
func TestConditionsAreAtomic(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-jukebox:jukebox": {"player": {"gap": "0.5"}}}`)
	tag := f.must(200, "GET "+gap).Header().Get("ETag")
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			switch w := f.do(fmt.Sprintf("PUT "+gap+"\nIf-Match: "+tag+jsonBody+`{"example-jukebox:gap": "1.%d"}`, i)); w.Code {
			case 204:
				won.Add(1)
			case 412:
				lost.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 7 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add(`"a", W/"b",,"c`, "text/html;q=0.1, */*;q=", "content=all&fields=a(b;c)&x=%zz")
	f.Add(`*`, ";,;", "&&=&depth")
	f.Fuzz(func(t *testing.T, tags, accept, query string) {
		for _, tag := range entityTags(tags) {
			if !strings.Contains(tags, tag) || strings.Count(tag, `"`) != 2 {
				t.Fatalf("%q has the tag %q", tags, tag)
			}
		}
		if p := preferenceFor(accept, inJSON.mediaType()); p.q < 0 || p.q > 1 {
			t.Fatalf("%q weighs %v", accept, p)
		}
		p, err := parseQuery(query, readParams)
		if err == nil {
			_, err = p.reading()
		}
		if err != nil && status(rpcerr.All(err)[0]) != 400 {
			t.Fatalf("%q: %v", query, err)
		}
	})
}

// TestEntityTagOfXMLList: one entry in XML and the list of that one entry are two
// representations; an edit may name either.
func TestEntityTagOfXMLList(t *testing.T) {
	f := newFixture(t, nil)
	const artist = "/restconf/data/example-jukebox:jukebox/library/artist"
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-jukebox:jukebox": {"library": {"artist": [{"name": "A"}]}}}`)
	const wantList = "\nAccept: application/yang-data+xml-list"
	one, list := f.must(200, "GET "+artist+wantXML).Header().Get("ETag"), f.must(200, "GET "+artist+wantList).Header().Get("ETag")
	if one == "" || one == list {
		t.Errorf("xml has the entity tag %s, xml-list %s", one, list)
	}
	f.must(304, "GET "+artist+"?content=config"+wantList+"\nIf-None-Match: "+list)
	f.must(200, "GET "+artist+"?content=config"+wantList+"\nIf-None-Match: "+one)
	f.must(204, "PUT "+artist+"=A\nIf-Match: "+list+jsonBody+`{"example-jukebox:artist": [{"name": "A"}]}`)
}

// TestRefusalWhereNothingIs: a commit that changed something else is not told as one
// that changed what is not there.
func TestRefusalWhereNothingIs(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "POST /restconf/data"+jsonBody+`{"example-jukebox:jukebox": {"library": {"artist": [{"name": "A"}]}}}`)
	w := f.must(412, "PUT /restconf/data/example-jukebox:jukebox/library/artist=B\nIf-Match: *"+jsonBody+`{"example-jukebox:artist": [{"name": "B"}]}`)
	if got := w.Body.String(); !strings.Contains(got, "the resource does not exist; commit 1 of") || strings.Contains(got, "changed it last") {
		t.Errorf("told %s", got)
	}
}
