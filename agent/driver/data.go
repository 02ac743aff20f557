package driver

import (
	"net/netip"

	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// Data is what a source knows, in a form that every algorithm can read. It is
// immutable once a Snapshot returned it, with all it points to.
type Data struct {
	// PIDs are ordered by name; no prefix stands in two of them.
	PIDs []PID
	// NetworkMapTag is the tag that the PIDs had where they came from as a network
	// map; "" where they did not. It changes whenever they do.
	NetworkMapTag string
	// Costs has at most one table for a mode and metric.
	Costs []CostTable
	// Calendars has at most one schedule for a mode and metric.
	Calendars []CostCalendar
	// Paths are those between PIDs; nil: none are known. What is known of the abstract
	// network elements on them stands among the Entities of domain ".ane".
	Paths *alto.PathMatrix
	// Entities are those other than PIDs, which carry their own properties.
	Entities []alto.Entity
	// Advertisements are base advertisement objects (RFC 9241 Section 3.6), each a
	// JSON object.
	Advertisements []jsontext.Value
	// Graph is the network behind the PIDs; nil: not known.
	Graph *graph.Graph

	// Path holds the identifiers of the servers that the data came through, as they told
	// in the header [alto.HeaderPath], each once; empty where none did.
	Path []string

	// Conflicts are ordered by prefix, Skipped as they stand in the data.
	Conflicts []Conflict
	Skipped   []Skipped
}

// PID is a group of prefixes with what else is known of it.
type PID struct {
	Name       string
	Prefixes   []netip.Prefix // masked
	Position   *Position      // nil: not known
	Properties []alto.Property
}

// Position is a point on the earth in degrees, north and east being positive.
type Position struct{ Latitude, Longitude float64 }

// CostTable holds the costs of one mode and metric between PIDs.
type CostTable struct {
	Mode, Metric string
	Costs        *alto.CostMatrix
}

// CostCalendar holds the costs of one mode and metric between PIDs over time.
type CostCalendar struct {
	Mode, Metric string
	Costs        *alto.CostSchedule
}

// Conflict is a prefix that several PIDs claim. Names are those in the source.
type Conflict struct {
	Prefix    netip.Prefix
	Claimants []string // at least two, ascending
	Winner    string   // "": the prefix was dropped
}

// Skipped is a record that could not be used.
type Skipped struct {
	Location string // where in the data
	Value    string
	Reason   string
}

// Records counts the PIDs, tables, calendars, entities, advertisement objects, nodes and links.
func (d *Data) Records() int {
	n := len(d.PIDs) + len(d.Costs) + len(d.Calendars) + len(d.Entities) + len(d.Advertisements)
	if d.Paths != nil {
		n++
	}
	if d.Graph != nil {
		n += len(d.Graph.Nodes()) + len(d.Graph.Links())
	}
	return n
}

// CostTable returns the table of that mode and metric, nil where there is none.
func (d *Data) CostTable(mode, metric string) *CostTable {
	for i := range d.Costs {
		if t := &d.Costs[i]; t.Mode == mode && t.Metric == metric {
			return t
		}
	}
	return nil
}

// CostCalendar returns the costs over time of that mode and metric, nil where there are
// none.
func (d *Data) CostCalendar(mode, metric string) *alto.CostSchedule {
	for _, c := range d.Calendars {
		if c.Mode == mode && c.Metric == metric {
			return c.Costs
		}
	}
	return nil
}
