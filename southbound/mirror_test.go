package southbound

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto"
	"pgregory.net/rapid"
)

// freshOf are frames of data by digest.
func freshOf(data [][]byte) map[alto.Digest][]byte {
	fresh := make(map[alto.Digest][]byte)
	for _, form := range data {
		fresh[alto.DigestOf(form)] = form
	}
	return fresh
}

// TestFollow: whatever is published, whoever manages, and whatever was lost, after a step
// the server has what is wanted and no more, and what it is believed to have is true.
func TestFollow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMirror()
		s := newState(ServerOptions{Realise: realise})
		k := knownOf(s.hello())
		snapshot, has := emptySnapshot(), make(map[string]int)
		for range rapid.IntRange(1, 12).Draw(rt, "turns") {
			known := true
			switch rapid.SampledFrom([]string{"change", "change", "change", "connect", "manager", "server"}).Draw(rt, "turn") {
			case "connect":
				k, known = knownOf(s.hello()), false
			case "manager":
				m = newMirror()
				k, known = knownOf(s.hello()), false
			case "server":
				s = newState(ServerOptions{Realise: realise})
				k, known = knownOf(s.hello()), false
			}
			var c alto.Change
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 3, rapid.ID).Draw(rt, "ids") {
				if number := rapid.IntRange(-1, 3).Draw(rt, "number"); number >= 0 {
					c.Put, has[id] = append(c.Put, mapOf(t, id, number)), number
				} else if _, there := has[id]; there {
					c.Remove = append(c.Remove, id)
					delete(has, id)
				}
			}
			var err error
			if snapshot, err = snapshot.With(c); err != nil {
				rt.Fatal(err)
			}
			ids, err := m.follow(snapshot)
			if err != nil {
				rt.Fatal(err)
			}
			if ids == nil {
				ids = []string{}
			}
			if !known {
				ids = nil
			}
			x, data, err := m.stepFor(k, ids)
			if err != nil {
				rt.Fatal(err)
			}
			if a := s.advance(x, freshOf(data)); a.Error != "" {
				rt.Fatalf("refused: %s", a.Error)
			}
			k.made(x)
			checkAgreement(rt, m, k, s, snapshot)
		}
	})
}

func checkAgreement(t *rapid.T, m *mirror, k *known, s *state, want *alto.Snapshot) {
	if !reflect.DeepEqual(s.resources, m.resources) || !reflect.DeepEqual(k.resources, s.resources) {
		t.Fatalf("the server has %v, is believed to have %v, expected %v", s.resources, k.resources, m.resources)
	}
	if s.snapshot.NumResources() != want.NumResources() {
		t.Fatalf("the server serves %d resources, expected %d", s.snapshot.NumResources(), want.NumResources())
	}
	uses := make(map[alto.Digest]int)
	for _, r := range m.resources {
		for _, d := range r.Data {
			uses[d]++
		}
		a, _ := s.snapshot.VTag(r.ID)
		if b, _ := want.VTag(r.ID); a != b {
			t.Fatalf("resource %s has tag %v, expected %v", r.ID, a, b)
		}
	}
	if !maps.Equal(k.data, uses) || len(s.data) != len(uses) {
		t.Fatalf("data: %v believed, %d pieces there, expected %v", k.data, len(s.data), uses)
	}
	for d, n := range uses {
		if s.data[d].users != n {
			t.Fatalf("data %s has %d users, expected %d", d, s.data[d].users, n)
		}
	}
	shared := 0
	for _, u := range m.digests {
		shared += u.users
	}
	if shared != len(m.resources) {
		t.Fatalf("the mirror counts %d uses of data of %d resources", shared, len(m.resources))
	}
}

// TestNothingTwice: a manager that comes anew sends only what differs, and data that the
// server has once.
func TestNothingTwice(t *testing.T) {
	s := newState(ServerOptions{Realise: realise})
	send := func(maps map[string]int) (put, remove []string, pieces int) {
		t.Helper()
		m := newMirror()
		if _, err := m.follow(snapshotOf(t, maps)); err != nil {
			t.Fatal(err)
		}
		x, data, err := m.stepFor(knownOf(s.hello()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := s.advance(x, freshOf(data)); a.Error != "" {
			t.Fatal(a.Error)
		}
		for _, p := range x.Put {
			put = append(put, p.Held.ID)
		}
		slices.Sort(put)
		return put, x.Remove, len(data)
	}
	for _, c := range []struct {
		maps   map[string]int
		want   string
		pieces int
	}{
		{map[string]int{"a": 1, "b": 1, "c": 2}, "[a b c] []", 2},
		{map[string]int{"a": 1, "b": 1, "c": 2}, "[] []", 0},
		{map[string]int{"a": 1, "b": 2}, "[b] [c]", 0},
		{map[string]int{"a": 2, "b": 2}, "[a] []", 0},
		{map[string]int{"a": 1, "b": 2}, "[a] []", 1},
	} {
		put, remove, pieces := send(c.maps)
		if got := fmt.Sprint(put, remove); got != c.want || pieces != c.pieces {
			t.Errorf("%v: %s with %d pieces of data, expected %s with %d", c.maps, got, pieces, c.want, c.pieces)
		}
	}
}

// TestRefusedSteps: a step that cannot be made changes nothing.
func TestRefusedSteps(t *testing.T) {
	s := newState(ServerOptions{Realise: realise})
	m := newMirror()
	if _, err := m.follow(snapshotOf(t, map[string]int{"a": 1})); err != nil {
		t.Fatal(err)
	}
	good, data, err := m.stepFor(knownOf(s.hello()), nil)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(change func(*put)) *step {
		p := good.Put[0]
		change(&p)
		return &step{Put: []put{p}}
	}
	for _, c := range []struct {
		name  string
		step  *step
		fresh map[alto.Digest][]byte
		want  string
	}{
		{"data that is missing", good, nil, "there is no data with digest"},
		{"data that is none", good, map[alto.Digest][]byte{{1}: []byte("?")}, "no data of kind"},
		{"data of another kind", bad(func(p *put) { p.Form = []byte(strings.Replace(string(p.Form), "network-map", "cost-map", 1)) }), freshOf(data), `"a"`},
		{"no service", bad(func(p *put) { p.Form = []byte(`{"id":"a","kind":"?","service":{}}`) }), freshOf(data), "no service"},
		{"no form", bad(func(p *put) { p.Form = []byte(`[]`) }), freshOf(data), "JSON"},
		{"settings", &step{Settings: &settings{Access: []byte(`{"refused":"no"}`)}}, nil, "no"},
		{"half settings", &step{Settings: &settings{Access: []byte(`{`)}}, nil, "JSON"},
	} {
		before := s.snapshot
		if a := s.advance(c.step, c.fresh); !contains(a.Error, c.want) || s.snapshot != before || len(s.data)+len(s.resources) > 0 {
			t.Errorf("%s: %q, expected %q; %d resources", c.name, a.Error, c.want, len(s.resources))
		}
	}
	if a := s.advance(good, freshOf(data)); a.Error != "" || s.snapshot.NumResources() != 1 {
		t.Errorf("the good step: %q", a.Error)
	}
}

// TestForgottenClients: who is not configured any more is counted no longer.
func TestForgottenClients(t *testing.T) {
	v := &Version{Step: stepOf(t, nil)}
	x, err := settingsOf(v)
	if err != nil {
		t.Fatal(err)
	}
	x.ALTO.DenyByDefault = true // clients are asked who they are
	s := newState(ServerOptions{Realise: realise})
	settle := func() {
		if a := s.advance(&step{Settings: x}, nil); a.Error != "" {
			t.Fatal(a.Error)
		}
	}
	settle()
	s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/directory", nil))
	before := s.server.Clients()
	settle()
	if after := s.server.Clients(); !slices.Equal(before, []string{"gone", "here"}) || !slices.Equal(after, []string{"here"}) {
		t.Errorf("counted: %q, after another configuration %q", before, after)
	}
}
