package agent

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

var _ datastore.Effecter = (*prepared)(nil)

// Effects implements datastore.Effecter: how the ALTO server is reached, what concerns
// all of it, its data sources, and its resources by ID. Those that were not edited but
// made anew, because of what they are made from, are a "rebuild". Cost is that of the
// change and of what it affects.
func (p *prepared) Effects() []datastore.Effect {
	e := effects{prepared: p, prev: p.agent.world.Load()}
	e.sockets()
	e.settings()
	e.sources()
	e.discovery()
	e.resources()
	return e.list
}

type effects struct {
	*prepared
	prev *world
	list []datastore.Effect
}

func (e *effects) add(resource, action, format string, args ...any) {
	e.list = append(e.list, datastore.Effect{Resource: resource, Action: action, Detail: fmt.Sprintf(format, args...)})
}

func (e *effects) sockets() {
	if e.next.process != nil || e.prev.process != nil {
		e.apart()
		return
	}
	if e.binding == nil {
		return
	}
	opened, closed := e.binding.Changes()
	for _, addr := range opened {
		e.add("", "listen", "the server listens on %s", addr)
	}
	for _, addr := range closed {
		e.add("", "listen", "the server listens on %s no longer", addr)
	}
	for _, err := range e.binding.Failed() {
		e.add("", "listen", "%s", err)
	}
}

// settings tells what is not about a single resource.
func (e *effects) settings() {
	prev, next := e.prev, e.next
	if before, after := prev.snapshot.RootURI(), next.snapshot.RootURI(); before != after {
		e.add("", "change", "the root IRD is at %s, before at %s", after, before)
	}
	if before, after := prev.listening, next.listening; before.scheme != "" && after.scheme != "" &&
		(before.scheme != after.scheme || before.sockets.KeepAlive != after.sockets.KeepAlive) {
		e.add("", "listen", "new connections are accepted with other settings")
	}
	if e.change.listen && next.listening.sockets.TLS != nil {
		e.add("", "listen", "the TLS settings of new connections are read anew")
	}
	e.accessEffects()
	e.entries("role", e.change.roles, prev.access.members.Has)
	e.entries("auth-client", e.change.clients, prev.access.proofs.Has)
	if prev.window != next.window {
		e.add("", "change", "the window of the statistics is %s, before %s", next.window, prev.window)
	}
	if e.change.costTypes {
		byName := func(list []alto.CostType) map[string]alto.CostType {
			m := make(map[string]alto.CostType)
			for _, t := range list {
				m[t.Name] = t
			}
			return m
		}
		eachDifference(byName(prev.costTypes), byName(next.costTypes), func(name, action string) { e.add("", action, "cost type %q", name) })
	}
	if e.change.meta {
		eachDifference(prev.meta, next.meta, func(name, action string) { e.add("", action, "meta member %q", name) })
	}
}

// entries tells of the entries of a list that changed.
func (e *effects) entries(list string, changed map[string]*tree.Node, had func(string) bool) {
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		action := "change"
		switch {
		case changed[key] == nil:
			action = "remove"
		case !had(key):
			action = "add"
		}
		e.add("", action, "%s %q", list, key)
	}
}

// eachDifference calls f for the keys with different values, ascending.
func eachDifference[V any](before, after map[string]V, f func(key, action string)) {
	all := maps.Clone(before)
	if all == nil {
		all = make(map[string]V)
	}
	maps.Copy(all, after)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		a, had := before[key]
		b, has := after[key]
		switch {
		case !had:
			f(key, "add")
		case !has:
			f(key, "remove")
		case !reflect.DeepEqual(a, b):
			f(key, "change")
		}
	}
}

func (e *effects) sources() {
	before, after := make(map[string]*source), make(map[string]*source)
	persistent.Diff(e.prev.sources, e.next.sources, func(id string, a, b *source) {
		if a != nil {
			before[id] = a
		}
		if b != nil {
			after[id] = b
		}
	})
	for _, id := range slices.Sorted(maps.Keys(union(before, after))) {
		switch a, b := before[id], after[id]; {
		case a == nil:
			e.add("", "add", "data source %q with %d records", id, records(e.next.data.At(id)))
		case b == nil:
			e.add("", "remove", "data source %q", id)
		default:
			e.add("", "change", "data source %q with %d records, before %d", id, records(e.next.data.At(id)), records(e.prev.data.At(id)))
		}
	}
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func records(d *driver.Data) int {
	if d == nil {
		return 0
	}
	return d.Records()
}

func (e *effects) resources() {
	for _, d := range alto.Differences(e.prev.snapshot, e.next.snapshot) {
		_, edited := e.change.resources[d.Account]
		action := "rebuild"
		switch {
		case !d.Before:
			action = "add"
		case !d.After:
			action = "remove"
		case edited:
			action = "change"
		case !d.Answers && !d.Entry && !d.Roles:
			continue
		}
		e.list = append(e.list, datastore.Effect{Resource: d.ID, Action: action, Detail: e.detail(d), More: e.mapChange(d)})
	}
}

// detail tells what clients see of a difference.
func (e *effects) detail(d alto.Difference) string {
	var list []string
	uri, _ := e.next.snapshot.URI(d.ID)
	switch {
	case !d.Before:
		list = append(list, "at "+uri)
		if d.TagAfter != "" {
			list = append(list, "version tag "+d.TagAfter)
		}
	case !d.After:
		if fault := e.next.index.faulty.At(d.Account); fault != nil {
			list = append(list, "out of service: "+fault.Message)
		}
	case d.TagBefore != d.TagAfter:
		list = append(list, "version tag "+d.TagAfter+", before "+d.TagBefore)
	case d.Answers:
		list = append(list, "it answers otherwise")
	}
	if before, ok := e.prev.snapshot.URI(d.ID); ok && d.After && before != uri {
		list = append(list, "at "+uri+", before "+before)
	}
	if d.Entry {
		list = append(list, "its entry in the IRD is another")
	}
	if d.Roles {
		list = append(list, "other roles may use it")
	}
	if len(list) == 0 && d.After {
		list = append(list, "clients see no difference")
	}
	return strings.Join(list, "; ")
}
