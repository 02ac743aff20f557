package client

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// CostQuery asks for costs of a filtered cost map, with PIDs, or of the endpoint cost
// service, with Endpoints (RFC 7285 Sections 11.3.2.3 and 11.5.1.3). Either CostType or
// MultiCostTypes (RFC 8189 Section 4.1.2) is there.
type CostQuery struct {
	CostType          *CostType  `json:"cost-type,omitempty"`
	MultiCostTypes    []CostType `json:"multi-cost-types,omitempty"`
	TestableCostTypes []CostType `json:"testable-cost-types,omitempty"`
	Constraints       []string   `json:"constraints,omitempty"`
	OrConstraints     [][]string `json:"or-constraints,omitempty"`
	Calendared        []bool     `json:"calendared,omitempty"`         // RFC 8896 Section 5.1.1
	ANEProperties     []string   `json:"ane-property-names,omitempty"` // RFC 9275 Section 7.2.3
	PIDs              *Pairs     `json:"pids,omitempty"`
	Endpoints         *Pairs     `json:"endpoints,omitempty"`
}

// Pairs are all from a source to a destination. An empty list of PIDs is all of them.
type Pairs struct {
	Sources      []string `json:"srcs"`
	Destinations []string `json:"dsts"`
}

// Calendar says of when the values of costs are (RFC 8896 Section 5.1.2).
type Calendar struct {
	CostTypes []string `json:"cost-type-names"`     // empty: of all
	Start     string   `json:"calendar-start-time"` // an HTTP date
	Interval  float64  `json:"time-interval-size"`  // seconds
	Intervals int      `json:"number-of-intervals"` // length of each array of values
	Repeated  float64  `json:"repeated"`            // how many times the calendar holds; 0: it is not told
}

// Costs are those between PIDs or endpoints. A value is a number; an array of them, one
// for each cost type, in answer to MultiCostTypes; an array in the place of each number
// where there is a calendar; and an array of names of abstract network elements in a path
// vector.
type Costs struct {
	VTag      VTag // zero where it has none
	Depends   []VTag
	CostTypes []CostType // several in answer to MultiCostTypes
	Calendars []Calendar
	From      map[string]map[string]jsontext.Value // by source and destination
}

// Costs reads the answer as a cost map or endpoint costs (RFC 7285 Sections 11.2.3.6 and
// 11.5.1.6).
func (r *Response) Costs() (*Costs, error) { return decodeCosts(r.Body) }

func decodeCosts(text []byte) (*Costs, error) {
	b, err := decode(text, "cost-map", func(b *body) bool { return b.CostMap != nil || b.EndpointCosts != nil })
	if err != nil {
		return nil, err
	}
	c := &Costs{VTag: b.Meta.VTag, Depends: b.Meta.Depends, CostTypes: b.Meta.CostTypes, Calendars: b.Meta.Calendars, From: b.CostMap}
	if b.CostMap == nil {
		c.From = b.EndpointCosts
	}
	if b.Meta.CostType != nil && len(c.CostTypes) == 0 {
		c.CostTypes = []CostType{*b.Meta.CostType}
	}
	if len(c.CostTypes) == 0 {
		return nil, missing("cost-type")
	}
	return c, nil
}

// Fits tells whether what depends on other resources is of the versions that the client
// has of them (RFC 7285 Section 10.3): the error names the first that is not.
func Fits(depends []VTag, has ...VTag) error {
	for _, d := range depends {
		i := slices.IndexFunc(has, func(v VTag) bool { return v.ID == d.ID })
		if i >= 0 && has[i].Tag != d.Tag {
			return &VersionError{Wanted: d, Has: has[i]}
		}
	}
	return nil
}

// VersionError is an answer about another version of a resource than the client has.
type VersionError struct{ Wanted, Has VTag }

func (e *VersionError) Error() string {
	return fmt.Sprintf("it is of version %q of resource %q, which has version %q", e.Wanted.Tag, e.Wanted.ID, e.Has.Tag)
}
