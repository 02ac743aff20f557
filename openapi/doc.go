// Package openapi describes the RESTCONF API of a Schema in OpenAPI 3.1: its
// resources (RFC 8040 Section 3), methods, query parameters, and bodies as JSON
// Schema 2020-12 of the encoding of RFC 7951.
//
// A schema accepts every valid instance in canonical form. It is wider than the
// YANG where JSON Schema has no words: must, when, unique, leafref targets, ranges
// of 64-bit numbers. Requests may use other lexical forms of values than it
// accepts, such as an identity without its module. XML bodies have no schema.
package openapi

import (
	"fmt"
	"slices"

	"github.com/altoam/altoam/yang"
)

// Options say what to describe.
type Options struct {
	// Schema implements ietf-restconf; with ietf-yang-patch PATCH takes YANG
	// patches, with altoam-commit edits take its header fields.
	Schema *yang.Schema
	// Modules are the modules to describe; all that are implemented when empty. The
	// resources of a module are its data nodes with all below them, and the data
	// nodes that it adds to others.
	Modules []string
	// Root is the path of the API resource, {+restconf}. Default "/restconf".
	Root string
	// Version is that of the description. Default "1".
	Version string
	// DryRun: edits of running take dry-run and answer it with the output of dry-run of
	// altoam-commit.
	DryRun bool
	// Handles tells whether an RPC or action can be invoked; nil: all can.
	Handles func(*yang.Node) bool
	// Datastores are the names of the datastores below {+restconf}/ds, without
	// module.
	Datastores []string
	// Datastore is the one of them whose data resources to describe, instead of those
	// below {+restconf}/data, which read operational and edit running.
	Datastore string
}

// Generate returns the description as one line of JSON. The same options give the
// same bytes. The error names what the schema lacks. Cost is linear in the description:
// about 15 ms of processor time for each megabyte, that is for 250 resources.
func Generate(o Options) ([]byte, error) {
	if o.Root == "" {
		o.Root = "/restconf"
	}
	if o.Version == "" {
		o.Version = "1"
	}
	if m := o.Schema.Module(restconfModule); m == nil || !m.Implemented {
		return nil, fmt.Errorf("the schema does not implement %s", restconfModule)
	}
	if o.Datastore != "" && !slices.Contains(o.Datastores, o.Datastore) {
		return nil, fmt.Errorf("there is no datastore %s", o.Datastore)
	}
	o.DryRun = o.DryRun && o.Schema.RPC(historyModule, "dry-run") != nil
	wanted := map[*yang.Module]bool{}
	for _, name := range o.Modules {
		m := o.Schema.Module(name)
		if m == nil || !m.Implemented {
			return nil, fmt.Errorf("the schema implements no module %s", name)
		}
		wanted[m] = true
	}
	d := newDocument(o, wanted)
	d.fixed()
	d.data()
	d.operations()
	d.standing()
	return append(appendJSON(nil, d.whole()), '\n'), nil
}
