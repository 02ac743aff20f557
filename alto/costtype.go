package alto

import "github.com/go-json-experiment/json/jsontext"

// Cost modes whose values are numbers (RFC 7285 Section 10.5).
const (
	ModeNumerical = "numerical"
	ModeOrdinal   = "ordinal"
)

// RegisteredCostMode reports whether a cost mode is in the registry of RFC 9274 Section 5,
// so that no "priv:" has to stand in front of it.
func RegisteredCostMode(mode string) bool {
	return mode == ModeNumerical || mode == ModeOrdinal || mode == ModeArray
}

// CostType is a named cost type of the IRD (RFC 7285 Sections 9.2.2 and 10.7).
type CostType struct {
	Name        string
	Mode        string
	Metric      string
	Description string         // "": none
	Context     jsontext.Value `json:",omitzero"` // the "cost-context" object of RFC 9439 Section 3.1; nil: none
}

// matches compares what identifies a cost type: mode and metric.
func (t CostType) matches(mode, metric string) bool { return t.Mode == mode && t.Metric == metric }

// appendCostType appends the CostType object of RFC 7285 Section 10.7; the
// description belongs into the IRD only.
func appendCostType(b []byte, t CostType, described bool) []byte {
	b = append(b, `{"cost-mode":`...)
	b = appendString(b, t.Mode)
	b = append(b, `,"cost-metric":`...)
	b = appendString(b, t.Metric)
	if described && t.Description != "" {
		b = append(b, `,"description":`...)
		b = appendString(b, t.Description)
	}
	if t.Context != nil {
		b = append(b, `,"cost-context":`...)
		b = append(b, t.Context...)
	}
	return append(b, '}')
}
