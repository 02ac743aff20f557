package client

import "github.com/go-json-experiment/json/jsontext"

// CDNIFilter asks for the advertisements of capabilities (RFC 9241 Section 5.3).
type CDNIFilter struct {
	Capabilities []Capability `json:"cdni-capabilities"`
}

// Capability is one of a content delivery network (RFC 9241 Section 3.6).
type Capability struct {
	Type  string         `json:"capability-type"`
	Value jsontext.Value `json:"capability-value"`
}

// Advertisement is a capability and where it can be used.
type Advertisement struct {
	Capability
	Footprints []Footprint `json:"footprints"`
}

// Footprint names places; what its values are depends on the type.
type Footprint struct {
	Type   string         `json:"footprint-type"`
	Values jsontext.Value `json:"footprint-value"`
}

// Advertisements are those of a CDNI resource.
type Advertisements struct {
	VTag    VTag
	Depends []VTag
	Objects []Advertisement
}

// Advertisements reads the answer as a CDNI advertisement (RFC 9241 Section 3.6).
func (r *Response) Advertisements() (*Advertisements, error) {
	b, err := decode(r.Body, "cdni-advertisement", func(b *body) bool { return b.CDNI != nil })
	if err != nil {
		return nil, err
	}
	return &Advertisements{b.Meta.VTag, b.Meta.Depends, b.CDNI.Objects}, nil
}
