package agent_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// random is a configuration by list and key; few names, so that most entries meet.
type random map[string]map[string]object

func fair(t *rapid.T, n int, label string) int {
	number := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(t, label) {
		if number *= 2; bit {
			number++
		}
	}
	return number % n
}

var (
	resourceIDs = []string{"a", "b", "c", "d", "e", "a-filtered"}
	sourceIDs   = []string{"s", "t"}
	typeNames   = []string{"num", "ord"}
)

func drawSource(t *rapid.T, id string) object {
	return static(id, object{
		"pid":        list{pid("lan", fmt.Sprintf("192.0.2.%d/32", fair(t, 3, "prefix"))), pid([]string{"world", "rest"}[fair(t, 4, "name")/3], "0.0.0.0/0")},
		"cost-table": list{object{"metric": "routingcost", "mode": "numerical", "cost": list{cost("lan", "lan", fmt.Sprint(fair(t, 3, "cost")))}}},
		"entity":     list{object{"domain": "ipv4", "name": "192.0.2.1", "property": list{object{"name": "rack", "value": fmt.Sprint(fair(t, 2, "rack"))}}}},
	})
}

func drawResource(t *rapid.T, id string) object {
	other := func() string { return resourceIDs[fair(t, len(resourceIDs)-1, "other")] }
	source := sourceIDs[fair(t, 2, "source")]
	var r object
	switch fair(t, 8, "kind") {
	case 0, 1, 2:
		r = networkMap(id, source, object{"is-default": fair(t, 5, "default") == 4, "filtered": fair(t, 2, "filtered") == 1})
	case 3:
		r = costMap(id, source, other(), object{"cost-type-name": list{typeNames[fair(t, 2, "type")]}, "filtered": fair(t, 2, "filtered") == 1})
	case 4:
		r = object{"resource-id": id, "resource-type": "ietf-alto:endpoint-cost", "alto-endpointcost-params": object{
			"altoam-algorithm-from-map:from-map": object{"cost-map": list{other()}}, "cost-type-name": list{"num"},
		}}
	case 5:
		r = object{"resource-id": id, "resource-type": "ietf-alto:property-map", "alto-propmap-params": object{
			"altoam-algorithm-from-source:from-source": object{"source": source, "filtered": fair(t, 2, "filtered") == 1},
		}}
	case 6:
		r = stream(id, other())
	case 7:
		r = object{"resource-id": id, "resource-type": "ietf-alto:ird", "alto-ird-params": object{"delegation": "https://h/" + other()}}
	}
	if fair(t, 8, "more") == 7 {
		r["dependency"] = list{other()}
	}
	if fair(t, 8, "roles") == 7 {
		r["accepted-role"] = list{"r"}
	}
	return r
}

// draw changes some entries and returns the new configuration.
func (c random) draw(t *rapid.T) random {
	next := random{"resource": maps.Clone(c["resource"]), "data-source": maps.Clone(c["data-source"]), "cost-type": maps.Clone(c["cost-type"])}
	for range 1 + fair(t, 2, "edits") {
		switch fair(t, 12, "what") {
		case 0:
			id := sourceIDs[fair(t, 2, "source")]
			next["data-source"][id] = drawSource(t, id)
		case 1:
			name := typeNames[fair(t, 2, "type")]
			next["cost-type"][name] = costType(name, "numerical", []string{"routingcost", "hopcount"}[fair(t, 4, "metric")/3])
		case 2, 3:
			delete(next["resource"], resourceIDs[fair(t, len(resourceIDs), "delete")])
		default:
			id := resourceIDs[fair(t, len(resourceIDs), "put")]
			next["resource"][id] = drawResource(t, id)
		}
	}
	return next
}

func (c random) tree(t testing.TB) *tree.Tree {
	server := object{"role": list{object{"role-name": "r"}}}
	for name, entries := range c {
		l := list{}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			l = append(l, entries[key])
		}
		server[name] = l
	}
	text, err := json.Marshal(object{"ietf-alto:alto": object{"alto-server": server}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	return instance.JSON(t, s, string(text))
}

// drawFirst is a configuration with sources and cost types, and no resources.
func drawFirst(rt *rapid.T) random {
	config := random{"resource": {}, "data-source": {}, "cost-type": {}}
	for _, id := range sourceIDs {
		config["data-source"][id] = drawSource(rt, id)
	}
	for _, name := range typeNames {
		config["cost-type"][name] = costType(name, "numerical", map[string]string{"num": "routingcost", "ord": "hopcount"}[name])
	}
	return config
}

// TestIncremental demands that an agent that took many changes serves what one does
// that took the last configuration at once, and refuses what that one refuses.
func TestIncremental(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: nil})
	if err != nil {
		t.Fatal(err)
	}
	empty := tree.New(s.Root)
	rapid.Check(t, func(rt *rapid.T) {
		a := agent.New(agent.Options{Store: store})
		now, config := empty, drawFirst(rt)
		for range 1 + fair(rt, 20, "steps") {
			next := config.draw(rt)
			to := next.tree(t)
			fresh := agent.New(agent.Options{Store: store})
			want, wantErr := fresh.Prepare(ctx, datastore.Change{Old: empty, New: to, Diff: tree.Compare(empty, to)})
			got, err := a.Prepare(ctx, datastore.Change{Old: now, New: to, Diff: tree.Compare(now, to)})
			checkSameRefusal(rt, err, wantErr)
			if err != nil {
				continue
			}
			if fair(rt, 4, "abort") == 3 {
				facts := a.Facts()
				got.Abort()
				want.Abort()
				if diff := cmp.Diff(facts, a.Facts()); diff != "" {
					rt.Fatalf("abandoned, and yet: %s", diff)
				}
				continue
			}
			got.Apply()
			want.Apply()
			if diff := cmp.Diff(fresh.Facts(), a.Facts()); diff != "" {
				rt.Fatalf("another world: -want +got\n%s", diff)
			}
			if d := agent.Differences(fresh, a); len(d) > 0 || !a.Published() {
				rt.Fatalf("serves %+v", d)
			}
			now, config = to, next
		}
	})
}

// TestIncrementalResumed is TestIncremental after a restart with a configuration that has
// faults: what is out of service then is what a restart with the last one leaves out.
func TestIncrementalResumed(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: nil})
	if err != nil {
		t.Fatal(err)
	}
	empty := tree.New(s.Root)
	rapid.Check(t, func(rt *rapid.T) {
		a := agent.New(agent.Options{Store: store})
		now, config := empty, drawFirst(rt)
		for range 8 {
			config = config.draw(rt)
		}
		for step := range 1 + fair(rt, 8, "steps") {
			next := config.draw(rt)
			to := next.tree(t)
			got, err := a.Prepare(ctx, datastore.Change{Old: now, New: to, Diff: tree.Compare(now, to), Resumed: step == 0})
			if err != nil {
				continue
			}
			got.Apply()
			fresh := agent.New(agent.Options{Store: store})
			want, err := fresh.Prepare(ctx, datastore.Change{Old: empty, New: to, Diff: tree.Compare(empty, to), Resumed: true})
			if err != nil {
				rt.Fatal(err)
			}
			want.Apply()
			if diff := cmp.Diff(fresh.Facts(), a.Facts()); diff != "" {
				rt.Fatalf("another world: -want +got\n%s", diff)
			}
			if d := agent.Differences(fresh, a); len(d) > 0 || !a.Published() {
				rt.Fatalf("serves %+v", d)
			}
			now, config = to, next
		}
	})
}

// checkSameRefusal allows another one of a circle to be blamed, and a change that is
// wrong in several ways to be refused for those that concern what changed.
func checkSameRefusal(t *rapid.T, got, want error) {
	if (got == nil) != (want == nil) {
		t.Fatalf("got error %v, want %v", got, want)
	}
	text := func(err error) (list []string) {
		for _, e := range rpcerr.All(err) {
			list = append(list, e.Path+": "+e.Message)
		}
		return list
	}
	a, b := text(got), text(want)
	if strings.Contains(fmt.Sprint(a), "circle") && strings.Contains(fmt.Sprint(b), "circle") {
		return
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Fatalf("other errors: -want +got\n%s", diff)
	}
}

// TestPastIsForgotten demands that no world keeps the one it follows from.
func TestPastIsForgotten(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	gone := l.agent.WhenForgotten()
	l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", "203.0.113.0/24")}})}}))
	l.must(l.merge(object{"resource": list{networkMap("second", "campus", nil)}}))
	l.eventually("the first world is forgotten", func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	})
}
