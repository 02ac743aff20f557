package datastore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const crowd = `module crowd { yang-version 1.1; namespace "urn:crowd"; prefix c;
  import altoam-limits { prefix lim; } import ietf-netconf-acm { prefix nacm; }
  augment /lim:request-limits { leaf note { type string; } }
  augment /nacm:nacm { leaf note { type string; } }
  container crowd {
    list person { key name; leaf name { type string; } leaf age { type uint8; default 30; }
      container seen { config false; leaf where { type string; } leaf often { type uint32; } } }
    list ghost { config false; key name; leaf name { type string; } leaf text { type string; } }
  } }`

// persons is how many there are in running, each with state, and ghosts in operational.
const persons = 2000

// haunted is the StateProvider of crowd. It counts the ghosts that it has made.
type haunted struct{ made int }

func (*haunted) Paths() []string { return []string{"/crowd:crowd/person/seen", "/crowd:crowd/ghost"} }

func (h *haunted) State(_ context.Context, req datastore.StateRequest, m *tree.Mut) error {
	root := datastore.NewWriter(m)
	c := root.In("crowd:crowd")
	at := m.Schema().Child("crowd", "crowd")
	for e := range req.Running.Root().Child(at).Entries(at.Child("crowd", "person")) {
		c.Existing("person", e.KeyValues()...).In("seen").Set("where", "at the place of "+e.Key()).Set("often", len(e.Key()))
	}
	for i := range persons {
		if c.Full() {
			break
		}
		h.made++
		c.Entry("ghost", fmt.Sprint("ghost", i)).Set("text", fmt.Sprintf("the ghost with the number %d is here", i))
	}
	return root.Err()
}

// startCrowd starts a store whose request-limits are given.
func startCrowd(t *testing.T, limits string) (*datastore.Store, *haunted) {
	t.Helper()
	schema := dstest.Schema(t, crowd)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Recovery: func(u datastore.User) bool { return u.Name != "ruled" }})
	if err != nil {
		t.Fatal(err)
	}
	h := &haunted{}
	s.AddStateProvider(h)
	text := `{"ietf-netconf-acm:nacm":{"rule-list":[{"name":"r","group":["*"],"rule":[{"name":"1","path":"/c:crowd/c:person/c:age","access-operations":"read","action":"deny"}]}]},` +
		`"altoam-limits:request-limits":{` + limits + `},"crowd:crowd":{"person":[`
	for i := range persons {
		text += fmt.Sprintf(`{"name":"p%d","age":40},`, i)
	}
	text = text[:len(text)-1] + `]}}`
	if err := s.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(t, schema, text), nil }); err != nil {
		t.Fatal(err)
	}
	return s, h
}

// readCrowd reads operational, as one request would.
func readCrowd(x *datastore.Session) (*tree.Tree, error) {
	return x.Read(ctx, datastore.Operational, datastore.Selection{})
}

// TestAnswersAtOnce: what is made for answers that clients do not have yet keeps others
// from being made, within the bounds of all and of a user.
func TestAnswersAtOnce(t *testing.T) {
	for _, limit := range []string{"memory-size", "memory-size-per-user"} {
		t.Run(limit, func(t *testing.T) {
			s, h := startCrowd(t, `"`+limit+`":"3000000"`)
			session := func(user string) *datastore.Session {
				x := s.NewSession(datastore.User{Name: user}, datastore.Source{})
				t.Cleanup(x.Close)
				return x
			}
			ann, again, bob := session("ann"), session("ann"), session("bob")
			held := 0
			var refused error
			h.made = 0
			for range 20 { // none of these has its answer
				if _, refused = readCrowd(session("ann")); refused != nil {
					break
				}
				held++
			}
			var busy *datastore.Busy
			if !errors.As(refused, &busy) || busy.Limit != limit || busy.User != (limit == "memory-size-per-user") {
				t.Fatalf("%d answers, then %v", held, refused)
			}
			if held == 0 || held > 5 {
				t.Errorf("%d answers of 2000 persons and 2000 ghosts in 3 MB", held)
			}
			if h.made >= (held+1)*persons {
				t.Errorf("the one that is refused is made to its end: %d ghosts", h.made)
			}
			if _, err := readCrowd(bob); (err == nil) != busy.User {
				t.Errorf("another user: %v", err)
			}
			small := datastore.Selection{Under: []tree.Path{{{Schema: s.Schema().Find("/altoam-limits:request-limits")}}}}
			if _, err := ann.Read(ctx, datastore.Operational, small); err != nil {
				t.Errorf("a small answer: %v", err)
			}
			if _, err := ann.Read(ctx, datastore.Running, datastore.Selection{}); err != nil {
				t.Errorf("what is stored: %v", err)
			}
			for _, x := range s.Sessions() {
				x.ReleaseAnswer()
			}
			for range 10 * held { // all of it is given back, each time
				if _, err := readCrowd(again); err != nil {
					t.Fatal(err)
				}
				again.ReleaseAnswer()
			}
		})
	}
}

// TestAnswerOfClosed: a session that ends gives back what its answer takes, and what is
// made of it later is no matter.
func TestAnswerOfClosed(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"2000000"`)
	for range 20 {
		x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
		got, err := readCrowd(x)
		if err != nil {
			t.Fatal(err)
		}
		x.Close()
		query.OfContent(got, query.NonConfig)
	}
}

// TestAnswerRefusedOfClosed: an answer that lacks something for a refusal is no answer, also
// where another session ends the one that makes it before that asks.
func TestAnswerRefusedOfClosed(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"200000"`)
	x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
	if _, err := readCrowd(x); err == nil {
		t.Fatal("nothing was refused")
	}
	x.Close()
	if x.Denied() == nil {
		t.Error("the refusal is forgotten")
	}
	x.ReleaseAnswer()
	y := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
	defer y.Close()
	if !y.Spare(200_000) {
		t.Error("something is charged still, or was given back twice")
	}
	if y.Spare(100_000) {
		t.Error("more was given back than was charged")
	}
}

// TestAnswerIsReduced: what is made of what was read counts too.
func TestAnswerIsReduced(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"2000000"`)
	x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
	defer x.Close()
	full, err := x.Read(ctx, datastore.Running, datastore.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	part := x.Metered(ctx, full)
	for range 20 {
		if part = query.Depth(part, nil, 3); x.Denied() != nil {
			break
		}
	}
	var busy *datastore.Busy
	if !errors.As(x.Denied(), &busy) {
		t.Errorf("20 copies of 2000 persons in 2 MB: %v", x.Denied())
	}
	x.ReleaseAnswer()
	if err := x.Denied(); err != nil {
		t.Errorf("the next answer: %v", err)
	}
}

// TestAnswerUnderRules: the copy that a user under rules sees counts.
func TestAnswerUnderRules(t *testing.T) {
	count := func(user string) (n int) {
		s, _ := startCrowd(t, `"memory-size":"9000000"`)
		for ; n < 100; n++ {
			x := s.NewSession(datastore.User{Name: user}, datastore.Source{})
			defer x.Close()
			if _, err := readCrowd(x); err != nil {
				break
			}
		}
		return n
	}
	if free, ruled := count("free"), count("ruled"); ruled == 0 || ruled > free*2/3 {
		t.Errorf("%d answers without rules, %d with rules", free, ruled)
	}
}

// TestAnswerOfTheGone: nothing more is made for a request that has ended.
func TestAnswerOfTheGone(t *testing.T) {
	s, h := startCrowd(t, "")
	x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
	defer x.Close()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := x.Read(gone, datastore.Operational, datastore.Selection{})
	var e *rpcerr.Error
	if !errors.As(err, &e) || e.Tag != rpcerr.OperationFailed || h.made == persons {
		t.Errorf("%v after %d ghosts", err, h.made)
	}
}

// TestAnswerEstimate: what is charged is about the memory.
func TestAnswerEstimate(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"20000000"`)
	heapNow := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heapNow()
	var held []*tree.Tree
	for {
		x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
		defer x.Close()
		got, err := readCrowd(x)
		if err != nil {
			break
		}
		held = append(held, got)
	}
	took := heapNow() - before
	runtime.KeepAlive(held)
	if took < 10_000_000 || took > 30_000_000 {
		t.Errorf("%d answers, charged with 20 MB, take %d bytes", len(held), took)
	}
}

// TestAnswerXPath: the memory of an evaluation counts, beyond the first of it.
func TestAnswerXPath(t *testing.T) {
	s, _ := startCrowd(t, `"memory-size":"1000000"`)
	for text, refused := range map[string]bool{"//c:name | //c:age": true, "/c:crowd/c:person[c:name = 'p7']": false, "//c:seen": false} {
		x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
		full, err := x.Read(ctx, datastore.Running, datastore.Selection{})
		if err != nil {
			t.Fatal(err)
		}
		module := func(string) (string, bool) { return "crowd", true }
		filter, err := query.CompileXPath(text, yang.XPathOptions{Default: yang.AnyModule, Resolve: module}, s.Validator().Model())
		if err != nil {
			t.Fatal(err)
		}
		_, err = filter.Apply(ctx, x.Metered(ctx, full), query.Explicit)
		var busy *datastore.Busy
		if is := errors.As(x.Denied(), &busy); is != refused {
			t.Errorf("%s: %v, %v", text, err, x.Denied())
		}
		if _, err = filter.Apply(ctx, full, query.Explicit); err != nil {
			t.Errorf("%s for nobody: %v", text, err)
		}
		x.Close()
	}
}

// TestReleasedAsItIsMade: what is charged to an answer may be given back at any moment of the
// making of it.
func TestReleasedAsItIsMade(t *testing.T) {
	s, _ := startCrowd(t, "")
	x := s.NewSession(datastore.User{Name: "ann"}, datastore.Source{})
	defer x.Close()
	made := make(chan struct{})
	var over sync.WaitGroup
	over.Go(func() {
		for {
			select {
			case <-made:
				return
			default:
				x.ReleaseAnswer()
			}
		}
	})
	defer over.Wait()
	defer close(made)
	for range 100_000 {
		x.Spare(1)
	}
}
