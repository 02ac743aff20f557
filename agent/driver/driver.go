// Package driver is the registry of what makes ALTO data: data sources, which
// hold facts about a network, and algorithms, which turn facts into information
// resources (RFC 7285 Section 7.1). Each lives with its YANG module in a folder
// of its own below agent/drivers and registers itself when it is linked in.
//
// The types are few: a [Source] gives [Data] and a [Status]; an [Algorithm] is a
// pure function from an [Input], which holds the resource's configuration, the
// data of sources and the outputs of other resources, to an [Output]. The agent
// decides when they run and gives the outputs to the ALTO server.
package driver

import "github.com/altoam/altoam/gen"

// The configuration that drivers read, as generated from the YANG modules. A leaf
// that was not configured reads as its default through its Get method.
type (
	// SourceParams is the container source-params of a data source: a driver finds
	// the container of its own module in it.
	SourceParams = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams
	// Resource is an entry of the list resource.
	Resource = gen.IETFAlto_Alto_AltoServer_Resource
)
