package agent_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/google/go-cmp/cmp"
)

// TestEffects has what a change would do told before it is made; it is never made.
func TestEffects(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	for _, c := range []struct {
		name   string
		change object
		want   []string // action and resource; where there is none, what
	}{
		{"nothing", object{"auth-client": list{}}, nil},
		{"a description", object{"resource": list{object{"resource-id": "rc", "resource-type": "ietf-alto:cost-map", "description": "x"}}}, []string{
			"change rc: clients see no difference", "change rc-filtered: clients see no difference",
		}},
		{"one more", object{"resource": list{networkMap("second", "campus", object{"filtered": true})}}, []string{
			"add second: at URI; version tag TAG", "add second-filtered: at URI",
		}},
		{"a source", object{"data-source": list{static("campus", object{"pid": list{pid("lan", "203.0.113.0/24")}})}}, []string{
			"change : data source \"campus\" with 6 records, before 6",
			"rebuild both: it answers otherwise", "rebuild net: version tag TAG, before TAG", "rebuild net-filtered: it answers otherwise",
		}},
		{"a cost type and meta", object{"cost-type": list{costType("more", "numerical", "routingcost")}, "meta": list{object{"meta-key": "m", "meta-value": "MQ=="}}}, []string{
			"add : cost type \"more\"", "add : meta member \"m\"",
		}},
		{"a role", object{"role": list{object{"role-name": "r", "client": list{"c"}}}, "auth-client": list{object{"client-id": "c"}}}, []string{"add : role \"r\"", "add : auth-client \"c\""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := l.body("directory")
			var got []string
			for _, e := range l.try(c.change) {
				got = append(got, plain(e))
			}
			for _, want := range c.want {
				if !contains(got, want) {
					t.Errorf("no effect %q", want)
				}
			}
			if len(c.want) == 0 && len(got) > 0 || t.Failed() {
				t.Errorf("effects:\n%s", strings.Join(got, "\n"))
			}
			if diff := cmp.Diff(directory, l.body("directory")); diff != "" {
				t.Errorf("the change was made: %s", diff)
			}
		})
	}
}

// TestEffectsOfListening demands that sockets are told, and closed afterwards.
func TestEffectsOfListening(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	base := l.base()
	found := false
	for _, e := range l.try(object{"listen": object{"http": object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.2", "local-port": 0}}}}}}) {
		found = found || e.Action == "listen" && strings.Contains(e.Detail, "127.0.0.2:0")
	}
	if !found || l.base() != base || len(l.agent.IRDs()) != 1 {
		t.Errorf("listening told: %v; at %v", found, l.agent.IRDs())
	}
}

func contains(list []string, s string) bool {
	for _, each := range list {
		if each == s {
			return true
		}
	}
	return false
}

var (
	anyURI = regexp.MustCompile(`https?://\S+[^;\s]|at /\S*[^;\s]`)
	anyTag = regexp.MustCompile(`\b[0-9a-f]{40}\b`)
)

// plain writes an effect without what differs from run to run.
func plain(e datastore.Effect) string {
	text := e.Action + " " + e.Resource + ": " + e.Detail
	text = anyURI.ReplaceAllString(text, "at URI")
	return anyTag.ReplaceAllString(strings.ReplaceAll(text, "at at", "at"), "TAG")
}

// try returns the effects of merging content below the container alto-server.
func (l *lab) try(server object) []datastore.Effect {
	l.Helper()
	out := l.session().TryEdit(ctx, l.change(edit.Merge, server), datastore.EditOptions{})
	for _, err := range out.Errors {
		l.Error(err)
	}
	return out.Effects
}
