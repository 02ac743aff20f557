package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

const mediaDirectory = "application/alto-directory+json"

// Directory is an information resource directory (RFC 7285 Section 9.2).
type Directory struct {
	CostTypes map[string]CostType
	Entries   []Entry // by ID
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

// Capabilities are those of a resource that matter here.
type Capabilities struct {
	CostTypeNames []string            `json:"cost-type-names"`
	PropTypes     []string            `json:"prop-types"`
	Mappings      map[string][]string `json:"mappings"`
}

// Directory fetches the directory at a URI.
func (c *Client) Directory(ctx context.Context, uri string) (*Directory, error) {
	base, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	resp, err := c.do(ctx, http.MethodGet, base, "", "", mediaDirectory)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var body struct {
		Meta struct {
			CostTypes map[string]CostType `json:"cost-types"`
		} `json:"meta"`
		Resources map[string]struct {
			URI          string       `json:"uri"`
			Media        string       `json:"media-type"`
			Accepts      string       `json:"accepts"`
			Uses         []string     `json:"uses"`
			Capabilities Capabilities `json:"capabilities"`
		} `json:"resources"`
	}
	if err := json.UnmarshalRead(resp.Body, &body); err != nil {
		return nil, fmt.Errorf("the directory cannot be read: %w", err)
	}
	d := &Directory{CostTypes: body.Meta.CostTypes}
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
	}
	return nil, false
}
