package agent_test

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

const below = "/ietf-alto:alto/alto-server"

// pathsOf lists where the errors of a change are, below alto-server.
func pathsOf(err error) (paths []string) {
	for _, e := range rpcerr.All(err) {
		paths = append(paths, strings.TrimPrefix(e.Path, below))
	}
	return paths
}

// everythingWrong has a fault of each kind that is found at a time of its own: sources,
// parameters of resources, plans, outputs, what is offered, how it fits together, the
// server's settings, sockets. What follows from these is wrong too.
func everythingWrong(t *testing.T) (server object, paths []string) {
	t.Helper()
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	none := filepath.Join(t.TempDir(), "none.json")
	open := static("open", object{"pid": list{pid("p", "192.0.2.0/24")}})
	s := campusServer()
	stack := httpStack(taken.Addr().(*net.TCPAddr).Port)
	stack["alto-server-parameters"] = object{"base-uri": "ftp://example.com/"}
	s["listen"] = object{"http": stack}
	s["meta"] = list{object{"meta-key": "k", "meta-value": "e3t9"}, object{"meta-key": "cost-types", "meta-value": "e30="}}
	s["data-source"] = append(s["data-source"].(list), file("f", none), open)
	s["resource"] = append(
		s["resource"].(list),
		networkMap("of-f", "f", nil), costMap("of-f-costs", "campus", "of-f", nil), // as "f" is refused
		networkMap("incomplete", "open", nil),
		costMap("rc2", "campus", "net", nil),
		costMap("rc3", "campus", "net", nil),
		networkMap("net-filtered", "campus", nil),
		networkMap("second", "campus", object{"is-default": true}),
		dependent("self", "self"),
		stream("uncovered", "rc"),
	)
	return s, []string{
		"/data-source[source-id='f']/source-params/altoam-source-file:file/path[.='" + none + "']",
		"/listen/http/alto-server-parameters/base-uri",
		"/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.1']/local-port",
		"/meta[meta-key='cost-types']/meta-key",
		"/meta[meta-key='k']/meta-value",
		"/resource[resource-id='incomplete']/alto-networkmap-params/altoam-algorithm-from-source:from-source/default-pid",
		"/resource[resource-id='net']/alto-networkmap-params/filtered",
		"/resource[resource-id='rc2']/alto-costmap-params/cost-type-name[.='num']",
		"/resource[resource-id='rc3']/alto-costmap-params/cost-type-name[.='num']",
		"/resource[resource-id='second']/alto-networkmap-params/is-default",
		"/resource[resource-id='self']/dependency[.='self']",
		"/resource[resource-id='uncovered']/alto-update-params",
	}
}

// TestRefuseAll demands that everything that is wrong with a change is told at once, and
// nothing that only follows from it: by an edit, by validate and by a dry run.
func TestRefuseAll(t *testing.T) {
	server, want := everythingWrong(t)
	l := newLab(t)
	check := func(how string, err error) {
		t.Helper()
		if got := pathsOf(err); !slices.Equal(got, want) {
			t.Errorf("%s: errors at\n%s\nexpected\n%s\n%v", how, strings.Join(got, "\n"), strings.Join(want, "\n"), err)
		}
	}
	check("edit", l.merge(server))
	x := l.session()
	check("dry run", rpcerr.Join(x.TryEdit(ctx, l.change(edit.Merge, server), datastore.EditOptions{}).Errors))
	l.must(x.Edit(ctx, datastore.Candidate, l.change(edit.Merge, server), datastore.EditOptions{}))
	check("validate", x.Validate(ctx, datastore.Candidate))
	check("dry run of the candidate", rpcerr.Join(x.TryCommit(ctx).Errors))
	check("commit", x.Commit(ctx, datastore.CommitOptions{}))

	l.must(x.Discard(ctx))
	l.must(l.merge(campusServer())) // nothing of what was refused is in the way
	l.body("costmap/rc")
}

// TestRefuseAllLater has faults in a change of a server that works: resources that were
// not edited and do not fit any more are told of too.
func TestRefuseAllLater(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	running := l.store.Running().Tree
	err := l.merge(object{
		"role": list{object{"role-name": "few"}},
		"resource": list{
			with(networkMap("net", "campus", nil), object{"accepted-role": list{"few"}}),
			costMap("rc", "campus", "net", object{"cost-type-name": list{"num", "ord"}, "filtered": false}),
		},
	})
	want := []string{
		"/resource[resource-id='both']/accepted-role", // uses net
		"/resource[resource-id='props']/accepted-role",
		"/resource[resource-id='rc']/alto-costmap-params/cost-type-name",
	}
	if got := pathsOf(err); !slices.Equal(got, want) {
		t.Errorf("errors at\n%s\n%v", strings.Join(got, "\n"), err)
	}
	if l.store.Running().Tree != running {
		t.Error("running has changed")
	}
}

// TestRefuseMany has more faults than are told.
func TestRefuseMany(t *testing.T) {
	l := newLab(t)
	var many list
	for i := range 120 {
		id := fmt.Sprintf("self%03d", i)
		many = append(many, dependent(id, id))
	}
	all := rpcerr.All(l.merge(with(campusServer(), object{"resource": many})))
	if len(all) != 101 || all[99].Path != below+"/resource[resource-id='self099']/dependency[.='self099']" || !strings.HasPrefix(all[100].Message, "20 more") {
		t.Errorf("%d errors, the last of them %v", len(all), all[len(all)-1])
	}
}
