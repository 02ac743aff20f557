package agent

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/go-json-experiment/json/jsontext"
)

// resource is a configured information resource with what was made of it. It is
// immutable once its world is complete. Its configuration is not kept, but read again
// from entry where it is needed.
type resource struct {
	id           string
	entry        *tree.Node
	kind         *kind             // nil: see unreadable
	algorithm    *driver.Algorithm // nil: there is nothing to compute
	dependencies []string
	plan         *plan // nil: not made yet
	output       *driver.Output
	served       []*alto.Resource
	via          string        // of its answers
	fault        *rpcerr.Error // why it is out of service; nil where it is not
	turns        time.Time     // when its costs are others by the clock; zero: never
}

// configured is a resource with its configuration, nil where nothing is computed.
type configured struct {
	*resource
	config *driver.Resource
	roles  []string // that may use it
	now    time.Time
	covers []string // see covers
}

// unreadable returns a resource that is out of service as long as its configuration
// stays: it has no kind.
func unreadable(id string, entry *tree.Node, err error) *resource {
	var why refusals
	why.add(rpcerr.InvalidValue, resourcePath(id), err)
	return &resource{id: id, entry: entry, fault: why[0]}
}

// readResource reads an entry of the list resource and finds its algorithm. The
// error is a *driver.ParamError. The configuration is nil where it has not been needed.
func (a *Agent) readResource(id string, entry *tree.Node) (configured, error) {
	identity := entry.Leaf("resource-type").Identity()
	r := configured{resource: &resource{id: id, entry: entry, kind: kinds[identityName(identity)]}}
	if r.kind == nil {
		return r, driver.Errorf("resource-type", "no service is known for resources of type %s", identity)
	}
	for _, k := range kinds {
		if has := below(entry, k.params) != nil; has != (k == r.kind) {
			if !has && k.optional {
				continue
			}
			if has {
				return r, driver.Errorf(k.params, "a resource of type %s has no %s", identity, k.params)
			}
			return r, driver.Errorf(r.kind.params, "a resource of type %s needs %s", identity, r.kind.params)
		}
	}
	r.dependencies = texts(entry, "dependency")
	if r.kind.delegated {
		return r, nil
	}
	r.config = new(driver.Resource)
	a.fill(r.config, entry)
	if r.algorithm = driver.AlgorithmOf(r.config); r.algorithm == nil {
		return r, driver.Errorf(r.kind.params, "no driver provides the algorithm that is configured here")
	}
	return r, nil
}

// sameOutput tells whether two outputs are served alike.
func sameOutput(a, b *driver.Output) bool {
	if a == nil || b == nil {
		return a == b
	}
	tag := func(m *alto.NetworkMap) string {
		if m == nil {
			return ""
		}
		return m.Tag()
	}
	properties := func(m *alto.PropertyMap) string {
		if m == nil {
			return ""
		}
		return m.Tag()
	}
	return a.NetworkMap == b.NetworkMap && samePaths(a, b) && a.Filtered == b.Filtered && tag(a.Map) == tag(b.Map) && properties(a.Properties) == properties(b.Properties) &&
		maps.Equal(a.Positions, b.Positions) && sameSchedules(a, b) && slices.Equal(a.Covers, b.Covers) &&
		maps.EqualFunc(a.Costs, b.Costs, func(x, y *alto.CostMatrix) bool { return x.Tag() == y.Tag() }) &&
		slices.EqualFunc(a.Advertisements, b.Advertisements, func(x, y jsontext.Value) bool { return bytes.Equal(x, y) })
}
