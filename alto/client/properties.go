package client

import "github.com/go-json-experiment/json/jsontext"

// EndpointPropQuery asks for properties of endpoints (RFC 7285 Section 11.4.1.3).
type EndpointPropQuery struct {
	Properties []string `json:"properties"`
	Endpoints  []string `json:"endpoints"`
}

// PropertyFilter asks for entities of a property map (RFC 9240 Section 8.3). No Properties
// are all, nil none: then the answer only tells which entities there are.
type PropertyFilter struct {
	Entities   []string `json:"entities"`
	Properties []string `json:"properties,omitzero"`
}

// Properties are those of endpoints or entities.
type Properties struct {
	VTag    VTag // zero where it has none
	Depends []VTag
	Of      map[string]map[string]jsontext.Value // by entity and name
}

// Properties reads the answer as endpoint properties or a property map (RFC 7285 Section
// 11.4.1.6, RFC 9240 Section 7.6).
func (r *Response) Properties() (*Properties, error) { return decodeProperties(r.Body) }

func decodeProperties(text []byte) (*Properties, error) {
	b, err := decode(text, "property-map", func(b *body) bool { return b.PropertyMap != nil || b.EndpointProps != nil })
	if err != nil {
		return nil, err
	}
	p := &Properties{b.Meta.VTag, b.Meta.Depends, b.PropertyMap}
	if b.PropertyMap == nil {
		p.Of = b.EndpointProps
	}
	return p, nil
}
