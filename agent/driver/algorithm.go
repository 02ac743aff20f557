package driver

import (
	"context"
	"io/fs"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the kind of resource an algorithm makes: which "algorithm" choice of
// ietf-alto it stands in.
type Kind uint8

// The kinds of resources that an algorithm makes.
const (
	NetworkMap Kind = iota + 1
	CostMap
	EndpointCost
	EndpointProp
	PropertyMap
	CDNI
	Update
)

// String is the name of the identity in ietf-alto.
func (k Kind) String() string {
	names := [...]string{"", "network-map", "cost-map", "endpoint-cost", "endpoint-prop", "property-map", "cdni", "update"}
	if int(k) < len(names) {
		return names[k]
	}
	return ""
}

// Algorithm is one case of one "algorithm" choice of ietf-alto.
type Algorithm struct {
	Kind   Kind
	Module string // that holds the case
	Case   string // name of the case
	YANG   fs.FS  // holds Module; one fs.FS may serve several algorithms

	// Chosen tells whether the configuration of a resource selects this case.
	Chosen func(*Resource) bool
	// Plan tells what Compute will read. The error is a *ParamError whose leaf is
	// below the resource entry. No I/O.
	Plan func(PlanInput) (Needs, error)
	// Compute makes the data of a resource. It is a pure function of in, which it
	// does not modify; equal inputs give outputs with equal tags. The error is a
	// *ParamError as above, or that of ctx.
	Compute func(ctx context.Context, in Input) (Output, error)
}

// PlanInput is what is known before any data is.
type PlanInput struct {
	Resource *Resource
	// Kind returns the kind of another resource; ok is false where there is none of
	// that ID or it is made by no algorithm.
	Kind func(resourceID string) (k Kind, ok bool)
}

// Needs lists what a computation reads, each once.
type Needs struct {
	Sources   []string // source IDs
	Resources []string // resource IDs whose outputs are read
}

// Input is what an algorithm computes from.
type Input struct {
	PlanInput
	// CostTypes are all configured cost types by name.
	CostTypes map[string]alto.CostType
	// Sources and Outputs hold what Plan asked for, nothing else.
	Sources map[string]*Data
	Outputs map[string]*Output
	// Now is for costs that follow the clock: Compute is called again when one of the
	// Schedules that it returned has turned.
	Now time.Time
}

// Output is the data of a resource; which fields are set depends on its kind. It
// is immutable.
type Output struct {
	// Map: NetworkMap; CostMap and EndpointCost, the map whose PIDs Costs is about; CDNI,
	// the map whose PIDs footprints may name, nil where there is none.
	Map *alto.NetworkMap
	// Positions: NetworkMap, those of its PIDs that are known.
	Positions map[string]Position
	// NetworkMap: CostMap, EndpointCost and CDNI, the resource ID of Map. Costs: the first
	// two kinds, by the name of the cost type, one for each that the resource offers or
	// lets be tested.
	NetworkMap string
	Costs      map[string]*alto.CostMatrix
	// Schedules: the same kinds, the costs over time of those cost types that have them,
	// by name. Costs has those of Now.
	Schedules map[string]*alto.CostSchedule
	// Paths: the same kinds, by the name of a cost type that is one of paths and therefore
	// not in Costs. ANEs: the properties of their abstract network elements, nil where
	// there are none.
	Paths map[string]*alto.PathMatrix
	ANEs  *alto.PropertyMap
	// Properties: PropertyMap and EndpointProp; nil for an EndpointProp whose
	// properties are all PIDs.
	Properties *alto.PropertyMap
	// Advertisements: CDNI, base advertisement objects.
	Advertisements []jsontext.Value
	// Filtered: PropertyMap and CDNI, offer the filtered service too.
	Filtered bool
	// Covers: Update, the IDs of the resources in the stream.
	Covers []string
}
