package restconf

import (
	"net/http"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// view is how a resource looks at the data: below {+restconf}/data, which reads
// operational and edits running (RFC 8040 Section 1.4), or at one datastore below
// {+restconf}/ds (RFC 8527 Section 3.1).
type view struct {
	one  bool
	from datastore.Datastore // if one
}

// viewed are the datastores below {+restconf}/ds; startup only where there is one.
var viewed = []datastore.Datastore{datastore.Running, datastore.Candidate, datastore.Startup, datastore.Intended, datastore.Operational}

// root is the path of the view's datastore resource behind {+restconf}.
func (v view) root() string {
	if v.one {
		return "/ds/ietf-datastores:" + v.from.String()
	}
	return "/data"
}

// reads is the datastore that answers a retrieval of that content.
func (v view) reads(c query.Content) datastore.Datastore {
	switch {
	case v.one:
		return v.from
	case c == query.Config:
		return datastore.Running
	}
	return datastore.Operational
}

// edits is the datastore that is edited.
func (v view) edits() datastore.Datastore {
	if v.one {
		return v.from
	}
	return datastore.Running
}

// operational tells whether it is the operational datastore, which shows the values
// in use and their origin (RFC 8527 Section 3.2).
func (v view) operational() bool { return v.one && v.from == datastore.Operational }

// tagged tells whether resources have entity tags: operational changes at any time.
func (v view) tagged() bool { return !v.operational() }

// allowed are those of the methods m that the view has: intended and operational
// cannot be edited, actions are for operational only (RFC 8527 Sections 3.1 and 3.2).
func (v view) allowed(res resource) methods {
	switch {
	case !v.one:
		return res.methods
	case res.operation != nil && v.operational():
		return res.methods
	case res.operation != nil:
		return methods{}
	}
	get := method{(*request).get, readParams}
	if v.operational() {
		get.params = append(slices.Clone(readParams), "with-origin")
	}
	if v.from == datastore.Intended || v.operational() {
		return methods{http.MethodGet: get}
	}
	return res.methods
}

// oneDatastore resolves {+restconf}/ds/ietf-datastores:NAME and what is below.
func oneDatastore(s *Server, rest string) (resource, error) {
	name, path, below := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	name, err := (&pathParser{}).decode(name)
	if err != nil {
		return resource{}, err
	}
	i := slices.IndexFunc(viewed, func(d datastore.Datastore) bool { return "ietf-datastores:"+d.String() == name })
	if i < 0 || viewed[i] == datastore.Startup && !s.store.HasStartup() {
		return resource{}, rpcerr.NewProtocol(rpcerr.InvalidValue, "there is no datastore %s", clip(name)).WithReason(rpcerr.NoSuchSchema)
	}
	if below {
		path = "/" + path
	}
	res, err := dataResource(s, path)
	if err != nil {
		return resource{}, err
	}
	res.view = view{one: true, from: viewed[i]}
	res.methods = res.view.allowed(res)
	return res, nil
}
