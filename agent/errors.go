package agent

import (
	"cmp"
	"errors"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// refusals collects why a change cannot be made, each with the node at fault.
type refusals []*rpcerr.Error

// add notes err, which is about the list entry at path: a *driver.ParamError names a
// node below it, an *rpcerr.Error any node.
func (r *refusals) add(tag rpcerr.Tag, path string, err error) {
	var named *rpcerr.Error
	if errors.As(err, &named) {
		*r = append(*r, named)
		return
	}
	e := &rpcerr.Error{Tag: tag, Path: path, Message: err.Error(), Err: err}
	var p *driver.ParamError
	if errors.As(err, &p) {
		if e.Message, e.Err = p.Message, p.Err; p.Leaf != "" {
			e.Path += "/" + p.Leaf
		}
	}
	*r = append(*r, e)
}

// maxRefusals bounds how many errors one change is answered with.
const maxRefusals = 100

// err is nil where there are none, else all of them ordered by path; of too many the last
// tells how many more there are.
func (r refusals) err() error {
	slices.SortStableFunc(r, func(a, b *rpcerr.Error) int { return cmp.Compare(a.Path, b.Path) })
	if more := len(r) - maxRefusals; more > 0 {
		r = append(r[:maxRefusals:maxRefusals], rpcerr.New(rpcerr.OperationFailed, serverPath, "%d more errors are not listed", more))
	}
	return rpcerr.Join(r)
}

// configRefusal turns an error of package alto into one that names the node.
func (c *computation) configRefusal(err error) *rpcerr.Error {
	var fault *alto.ConfigError
	if !errors.As(err, &fault) {
		return &rpcerr.Error{Tag: rpcerr.OperationFailed, Path: serverPath, Message: err.Error(), Err: err}
	}
	out := &rpcerr.Error{Tag: rpcerr.InvalidValue, Path: serverPath, Message: fault.Reason, Err: fault}
	switch {
	case fault.Resource != "":
		r := c.ownerOf(fault.Resource)
		out.Path = resourcePath(r.id)
		if leaf := r.leafOf(fault.Field, fault.Value); leaf != "" {
			out.Path += "/" + leaf
		}
	case fault.Field == alto.FieldBaseURI:
		out.Path = serverPath + "/listen/" + c.next.listening.scheme + "/alto-server-parameters/base-uri"
	case fault.Field == alto.FieldMeta:
		out.Path = pathTo("meta", "meta-key", fault.Value) + "/meta-key"
		if fault.Err != nil {
			out.Path = pathTo("meta", "meta-key", fault.Value) + "/meta-value"
		}
	case fault.Field == alto.FieldCostTypes:
		out.Path = pathTo("cost-type", "cost-type-name", fault.Value)
		if t, ok := c.next.costType(fault.Value); ok && alto.CheckCostMode(t.Mode) != nil {
			out.Path += "/cost-mode"
		} else if ok && alto.CheckCostMetric(t.Metric) != nil {
			out.Path += "/cost-metric"
		} else if ok && !t.Context.IsValid() {
			out.Path += "/" + contextLeaf
		}
	}
	return out
}

// ownerOf returns the configured resource behind a served one.
func (c *computation) ownerOf(servedID string) *resource {
	if r := c.resources.At(servedID); r != nil && (len(r.served) == 0 || r.served[0].ID == servedID) {
		return r
	}
	return c.resources.At(c.variants.At(servedID))
}

// leafOf names the node below the resource entry that a field of an alto.Resource
// comes from.
func (r *resource) leafOf(field alto.Field, value string) string {
	params := r.kind.params
	entry := func(leafList string) string {
		if value == "" {
			return leafList
		}
		return driver.Entry(leafList, ".", value)
	}
	switch field {
	case alto.FieldID:
		return "resource-id"
	case alto.FieldPath:
		return r.pathLeafOf(value)
	case alto.FieldRoles:
		return entry("accepted-role")
	case alto.FieldUses, alto.FieldCovers:
		if slices.Contains(r.dependencies, value) {
			return entry("dependency")
		}
	case alto.FieldDefault:
		return params + "/is-default"
	case alto.FieldCostType:
		return params + "/" + entry("cost-type-name")
	case alto.FieldConstraints:
		return params + "/cost-constraints"
	case alto.FieldTestable:
		return params + "/" + entry("testable-cost-type-name")
	case alto.FieldCalendars:
		return params + "/" + entry("calendar-attributes/cost-type-name")
	case alto.FieldProperties:
		if params != "alto-endpointprop-params" {
			return params + "/altoam-path-vector:ane-property-name"
		}
		return params + "/" + entry("prop-type")
	case alto.FieldDelegatedURI:
		return params + "/delegation"
	}
	return params
}
