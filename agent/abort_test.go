package agent_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
)

// TestAbort has changes that the agent agrees to and another participant refuses: no
// socket stays open, nothing is served, and the next change goes through.
func TestAbort(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	directory, base := l.body("directory"), l.base()
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	more := object{"listen": object{"http": httpStack(port)}, "resource": list{networkMap("second", "campus", nil)}}

	l.veto.Store(true)
	for range 3 {
		if err := l.merge(more); err == nil || !strings.Contains(err.Error(), "vetoed") {
			t.Fatalf("error %v, expected the veto", err)
		}
	}
	if l.base() != base || l.body("directory") != directory {
		t.Error("what is served has changed")
	}
	again, err := net.Listen("tcp4", free.Addr().String())
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	again.Close()

	l.veto.Store(false)
	l.must(l.merge(more))
	if !strings.Contains(l.base(), free.Addr().String()) {
		t.Errorf("it listens at %s, expected %s", l.base(), free.Addr())
	}
	l.body("networkmap/second")
}

// TestPanicInPrepare has a fault in the middle of a change: the next one goes through.
func TestPanicInPrepare(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a change to no tree at all does not panic")
			}
		}()
		now := l.store.Running().Tree
		_, _ = l.agent.Prepare(t.Context(), datastore.Change{Old: now, Diff: tree.Compare(tree.New(l.schema.Root), now)})
	}()
	done := make(chan error, 1)
	go func() { done <- l.merge(object{"resource": list{networkMap("second", "campus", nil)}}) }()
	select {
	case err := <-done:
		l.must(err)
	case <-time.After(5 * time.Second):
		t.Fatal("the agent is locked")
	}
}

// TestOtherModules has a module of a user's own: its metric and its kind of network
// map are served, its leafs read by nobody, its kind of source refused.
func TestOtherModules(t *testing.T) {
	s, err := compile(`module m1 {
  yang-version 1.1;
  namespace "urn:m1";
  prefix m1;
  import ietf-alto { prefix alto; }
  identity fun { base alto:cost-metric; }
  identity a-metric-whose-name-is-longer-than-alto-has-it { base alto:cost-metric; }
  identity a.mode { base alto:cost-mode; }
  identity my-map { base alto:network-map; }
  identity oracle { base alto:source-type; }
  identity poem { base alto:resource-type; }
  augment "/alto:alto/alto:alto-server/alto:resource" { leaf colour { type string; } container paint { leaf coats { type int8; } } }
}`)
	if err != nil {
		t.Fatal(err)
	}
	l := labOf(t, t.TempDir()+"/store", s)
	server := campusServer()
	server["cost-type"] = append(server["cost-type"].(list), object{"cost-type-name": "fun", "cost-mode": "ietf-alto:numerical", "cost-metric": "m1:fun", "cost-context": object{"cost-source": "ietf-alto:sla"}})
	mine := networkMap("mine", "campus", nil)
	mine["resource-type"], mine["m1:colour"], mine["m1:paint"] = "m1:my-map", "red", object{"coats": 2}
	server["resource"] = append(server["resource"].(list), mine)
	l.must(l.merge(server))
	l.body("networkmap/mine")
	if ird := l.body("directory"); !strings.Contains(ird, `"cost-metric":"fun"`) {
		t.Errorf("the root IRD lacks the metric: %s", ird)
	}
	l.refusal(l.merge(object{"data-source": list{object{"source-id": "o", "source-type": "m1:oracle"}}}),
		"operation-failed", "/data-source[source-id='o']/source-type", "m1:oracle")
	l.refusal(l.merge(object{"resource": list{object{"resource-id": "p", "resource-type": "m1:poem"}}}),
		"invalid-value", "/resource[resource-id='p']/resource-type", "m1:poem")
	for _, c := range []struct{ mode, metric, leaf string }{
		{"ietf-alto:numerical", "m1:a-metric-whose-name-is-longer-than-alto-has-it", "cost-metric"},
		{"m1:a.mode", "m1:fun", "cost-mode"},
	} {
		l.refusal(l.merge(object{"cost-type": list{object{
			"cost-type-name": "odd", "cost-mode": c.mode, "cost-metric": c.metric, "cost-context": object{"cost-source": "ietf-alto:sla"},
		}}}),
			"invalid-value", "/cost-type[cost-type-name='odd']/"+c.leaf, "")
	}
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-alto:alto": object{"alto-client": list{object{"client-id": "c"}}}}), noOptions))
}
