package client

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

const mediaDirectory = "application/alto-directory+json"

// Directory is an information resource directory (RFC 7285 Section 9.2).
type Directory struct {
	URI               *url.URL
	CostTypes         map[string]CostType
	DefaultNetworkMap string  // "": it names none
	Entries           []Entry // by ID
}

// CostType is a mode and a metric (RFC 7285 Section 10.7).
type CostType struct {
	Mode   string `json:"cost-mode"`
	Metric string `json:"cost-metric"`
}

// Entry is a resource in a directory.
type Entry struct {
	ID           string
	URI          *url.URL // absolute
	Media        string
	Accepts      string // "": it takes no parameters
	Uses         []string
	Capabilities Capabilities
}

// Capabilities are those of a resource (RFC 7285 Section 9.2.2, and for each the RFC that
// adds it).
type Capabilities struct {
	CostTypeNames         []string            `json:"cost-type-names"`
	CostConstraints       bool                `json:"cost-constraints"`
	MaxCostTypes          int                 `json:"max-cost-types"`           // RFC 8189
	TestableCostTypeNames []string            `json:"testable-cost-type-names"` // RFC 8189
	Calendars             []CalendarAttribute `json:"calendar-attributes"`      // RFC 8896
	PropTypes             []string            `json:"prop-types"`
	Mappings              map[string][]string `json:"mappings"`                       // RFC 9240
	ANEProperties         []string            `json:"ane-property-names"`             // RFC 9275
	IncrementalChanges    map[string]string   `json:"incremental-change-media-types"` // RFC 8895, by resource
	StreamControl         bool                `json:"support-stream-control"`         // RFC 8895
}

// CalendarAttribute says which calendars there are (RFC 8896 Section 4.1).
type CalendarAttribute struct {
	CostTypeNames []string `json:"cost-type-names"`
	Interval      float64  `json:"time-interval-size"` // seconds
	Intervals     int      `json:"number-of-intervals"`
}

// Directory fetches the directory at a URI.
func (c *Client) Directory(ctx context.Context, uri string) (*Directory, error) {
	base, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	resp, err := c.Get(ctx, Entry{URI: base, Media: mediaDirectory})
	if err != nil {
		return nil, err
	}
	return ReadDirectory(base, resp.Body)
}

// ReadDirectory reads the text of the directory at base.
func ReadDirectory(base *url.URL, text []byte) (*Directory, error) {
	var body struct {
		Meta struct {
			CostTypes  map[string]CostType `json:"cost-types"`
			NetworkMap string              `json:"default-alto-network-map"`
		} `json:"meta"`
		Resources map[string]struct {
			URI          string       `json:"uri"`
			Media        string       `json:"media-type"`
			Accepts      string       `json:"accepts"`
			Uses         []string     `json:"uses"`
			Capabilities Capabilities `json:"capabilities"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return nil, fmt.Errorf("the directory cannot be read: %w", err)
	}
	d := &Directory{URI: base, CostTypes: body.Meta.CostTypes, DefaultNetworkMap: body.Meta.NetworkMap}
	for id, e := range body.Resources {
		at, err := base.Parse(e.URI)
		if err != nil {
			return nil, fmt.Errorf("resource %q of the directory: %w", id, err)
		}
		d.Entries = append(d.Entries, Entry{id, at, e.Media, e.Accepts, e.Uses, e.Capabilities})
	}
	slices.SortFunc(d.Entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return d, nil
}

// Entry returns the resource with an ID.
func (d *Directory) Entry(id string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(d.Entries, id, func(e Entry, id string) int { return strings.Compare(e.ID, id) })
	if !ok {
		return Entry{}, false
	}
	return d.Entries[i], true
}

// question returns parameters for which the answer of a resource is small; false where
// none are known.
func (d *Directory) question(e Entry) (body any, ok bool) {
	type object = map[string]any
	const nobody = "-" // a PID that may well not be there
	address := "ipv4:192.0.2.1"
	var cost any
	if len(e.Capabilities.CostTypeNames) > 0 {
		t := d.CostTypes[e.Capabilities.CostTypeNames[0]]
		cost = object{"cost-mode": t.Mode, "cost-metric": t.Metric}
	}
	switch strings.TrimSuffix(strings.TrimPrefix(e.Accepts, "application/alto-"), "+json") {
	case "networkmapfilter":
		return object{"pids": []string{nobody}}, true
	case "costmapfilter":
		return object{"cost-type": cost, "pids": object{"srcs": []string{nobody}, "dsts": []string{nobody}}}, cost != nil
	case "endpointcostparams":
		return object{"cost-type": cost, "endpoints": object{"srcs": []string{address}, "dsts": []string{address}}}, cost != nil
	case "endpointpropparams":
		types := e.Capabilities.PropTypes
		return object{"properties": types[:min(1, len(types))], "endpoints": []string{address}}, true
	case "propmapparams":
		entities := []string{} // all
		if _, ok := e.Capabilities.Mappings["ipv4"]; ok {
			entities = []string{address}
		}
		return object{"entities": entities}, true
	case "cdnifilter":
		return object{"cdni-capabilities": []any{}}, true
	case "tipsparams":
		for _, id := range e.Uses {
			if about, ok := d.Entry(id); ok && about.Accepts == "" {
				return object{"resource-id": id}, true // opens a view, or joins one
			}
		}
	}
	return nil, false
}
