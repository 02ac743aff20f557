package agent_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// completeMap and incompleteMap are network maps as files hold them.
const (
	completeMap   = `{"meta":{"vtag":{"resource-id":"x","tag":"t"}},"network-map":{"a":{"ipv4":["0.0.0.0/0"]}}}`
	incompleteMap = `{"meta":{"vtag":{"resource-id":"x","tag":"u"}},"network-map":{"a":{"ipv4":["192.0.2.0/24"]}}}`
)

// mixedServer has resources of a file, and others that need no file.
func mixedServer(path string) object {
	s := campusServer()
	s["data-source"] = append(s["data-source"].(list), file("maps", path))
	s["resource"] = append(s["resource"].(list), networkMap("ext", "maps", nil), stream("of-ext", "ext"),
		object{"resource-id": "pids", "resource-type": "ietf-alto:endpoint-prop", "alto-endpointprop-params": object{
			"prop-type": list{"ext.pid"}, "altoam-algorithm-from-source:from-source": object{},
		}})
	return s
}

var ofExt = map[string]string{"ext": "networkmap/ext", "of-ext": "updates/of-ext", "pids": "endpointprop/pids"}

func (l *lab) sourceState(id, leaf string) string {
	l.Helper()
	return l.operational("/ietf-alto:alto/alto-server/data-source[source-id='" + id + "']/altoam-source:source-state/" + leaf)
}

// inService tells whether the resources of the file are in the IRD, all or none.
func (l *lab) inService() bool {
	l.Helper()
	listed := 0
	resources := l.directory().Resources
	for id := range ofExt {
		if _, ok := resources[id]; ok {
			listed++
		}
	}
	if listed != 0 && listed != len(ofExt) {
		l.Errorf("%d of %d dependent resources are in the IRD", listed, len(ofExt))
	}
	return listed > 0
}

// restarted runs f on an agent that takes what another one left after harm, without the
// data of sources that it kept.
func restarted(t *testing.T, server object, harm func(), f func(*lab)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store")
	t.Run("before", func(t *testing.T) { l := labAt(t, path); l.must(l.merge(server)) })
	harm()
	os.RemoveAll(filepath.Join(path+".state", "sources"))
	t.Run("after", func(t *testing.T) { f(labAt(t, path)) })
}

// TestDegradedSource restarts with a file that is gone, malformed or of no use: all else
// is served, and what is missing comes with the file.
func TestDegradedSource(t *testing.T) {
	for _, c := range []struct {
		name, words string
		harm        func(path string)
	}{
		{"deleted", "no such file", func(path string) { os.Remove(path) }},
		{"folder deleted", "no such file", func(path string) { os.RemoveAll(filepath.Dir(path)) }},
		{"malformed", "", func(path string) { write(t, path, "{") }},
		{"cannot be computed", "incomplete", func(path string) { write(t, path, incompleteMap) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "folder", "map.json")
			os.Mkdir(filepath.Dir(path), 0o700)
			write(t, path, completeMap)
			restarted(t, mixedServer(path), func() { c.harm(path) }, func(l *lab) {
				l.body("networkmap/net")
				if l.inService() {
					t.Error("resources of the file are in the IRD")
				}
				for _, path := range ofExt {
					if status, _ := l.get(path); status != 404 {
						t.Errorf("%s answers %d, expected 404", path, status)
					}
				}
				if l.sourceState("maps", "stale") != "true" || !strings.Contains(l.sourceState("maps", "last-error"), c.words) {
					t.Errorf("stale %s, last-error %q", l.sourceState("maps", "stale"), l.sourceState("maps", "last-error"))
				}
				l.untouched()
				edited := l.merge(object{"resource": list{object{"resource-id": "ext", "resource-type": "ietf-alto:network-map", "description": "of a file"}}})
				if blamed := c.words == "incomplete"; (edited != nil) != blamed {
					t.Errorf("an edit of what is out of service: %v", edited)
				}
				os.Mkdir(filepath.Dir(path), 0o700)
				replaceFile(t, path, completeMap)
				l.eventually("what is made of the file comes", l.inService)
				l.eventually("fresh", func() bool { return l.sourceState("maps", "stale") == "false" })
				if tag := l.vtag("networkmap/ext"); tag != "t" {
					t.Errorf("tag %q", tag)
				}
				replaceFile(t, path, strings.Replace(completeMap, `"t"`, `"t2"`, 1))
				l.eventually("the file is watched", func() bool { return l.vtag("networkmap/ext") == "t2" })
			})
		})
	}
}

// untouched commits what does not touch a failing source, and what builds on it.
func (l *lab) untouched() {
	l.Helper()
	l.must(l.merge(object{"cost-type": list{costType("more", "numerical", "routingcost")}}))
	l.must(l.merge(object{"resource": list{networkMap("other", "campus", nil)}}))
	l.must(l.merge(object{"role": list{object{"role-name": "r"}}}))
	l.body("networkmap/other")
	err := l.merge(object{"resource": list{stream("late", "ext")}})
	l.refusal(err, rpcerr.InvalidValue, "/resource[resource-id='late']/dependency[.='ext']", "out of service")
}

// TestDegradedRepair mends by configuration what a restart left out.
func TestDegradedRepair(t *testing.T) {
	path := filepath.Join(t.TempDir(), "map.json")
	gone := func() { os.Remove(path) }
	for _, c := range []struct {
		name string
		f    func(*lab)
	}{
		{"refused while it fails", func(l *lab) {
			l.refusal(l.merge(object{"data-source": list{with(file("maps", path), object{
				"source-params": object{"altoam-source-file:file": object{"poll-interval": 7}},
			})}}), rpcerr.OperationFailed, "/data-source[source-id='maps']/source-params/altoam-source-file:file/path[.='"+path+"']", "no such file")
		}},
		{"another file", func(l *lab) {
			other := filepath.Join(filepath.Dir(path), "other.json")
			write(l.T, other, completeMap)
			l.must(l.replaceServer(mixedServer(other)))
			if !l.inService() {
				l.Error("the repaired resources are not in the IRD")
			}
		}},
		{"another source", func(l *lab) {
			l.must(l.merge(object{"resource": list{networkMap("ext", "campus", nil)}}))
			if !l.inService() {
				l.Error("the repaired resources are not in the IRD")
			}
		}},
		{"removed", func(l *lab) {
			l.must(l.replaceServer(campusServer()))
			if l.inService() {
				l.Error("removed resources are in the IRD")
			}
			write(l.T, path, completeMap)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, path, completeMap)
			restarted(t, mixedServer(path), gone, c.f)
		})
	}
}

// TestDegradedSites restarts the sites of LHCONE without their list.
func TestDegradedSites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sites.json")
	text := "{" + site("Alpha", "50", "10", `"192.0.2.0/24"`) + "}"
	write(t, path, text)
	restarted(t, sitesServer(path), func() { os.Remove(path) }, func(l *lab) {
		if n := len(l.directory().Resources); n != 0 {
			t.Errorf("%d resources in the IRD", n)
		}
		replaceFile(t, path, text)
		l.eventually("the sites are back", func() bool { return len(l.directory().Resources) == 3 })
		l.body("costmap/km")
		l.body("propmap/about")
	})
}

// TestDegradedPort restarts while another program has one of the ports.
func TestDegradedPort(t *testing.T) {
	reserve := func() *net.TCPListener {
		ln, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return ln.(*net.TCPListener)
	}
	free := reserve()
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	server := campusServer()
	stack := httpStack(port)
	stack["tcp-server-parameters"] = object{"local-bind": list{
		object{"local-address": "127.0.0.1", "local-port": port}, object{"local-address": "127.0.0.2", "local-port": 0},
	}}
	server["listen"] = object{"http": stack}
	var taken net.Listener
	restarted(t, server, func() {
		var err error
		if taken, err = net.Listen("tcp4", free.Addr().String()); err != nil {
			t.Fatal(err)
		}
	}, func(l *lab) {
		defer taken.Close()
		if irds := l.agent.IRDs(); len(irds) != 1 || !strings.Contains(irds[0], "127.0.0.2") {
			t.Fatalf("it listens at %q", irds)
		}
		l.body("networkmap/net")
		l.must(l.merge(object{"role": list{object{"role-name": "r"}}})) // binds anew, too
		other := reserve()
		defer other.Close()
		l.refusal(l.merge(object{"listen": object{"http": object{"tcp-server-parameters": object{"local-bind": list{
			object{"local-address": "127.0.0.1", "local-port": other.Addr().(*net.TCPAddr).Port},
		}}}}}), rpcerr.OperationFailed, "/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.1']/local-port", "cannot listen")
		taken.Close()
		l.eventually("it listens at the port", func() bool { return len(l.agent.IRDs()) == 2 })
		if !strings.Contains(l.base(), free.Addr().String()) {
			t.Errorf("it listens at %s", l.base())
		}
		l.body("networkmap/net")
	})
}
