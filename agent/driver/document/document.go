// Package document reads what an ALTO server sends, in ALTO's own JSON forms (RFC 7285,
// RFC 9240, RFC 9241), as data of a source. A [Part] is one document; a [Collector] puts
// parts together and finds what they disagree about.
package document

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// VTag is a version tag (RFC 7285 Section 10.3).
type VTag struct {
	ID  string `json:"resource-id"`
	Tag string `json:"tag"`
}

// Part is what one document holds. It is immutable.
type Part struct {
	Name    string // of the document, for errors
	VTag    VTag   // of its meta, zero where it has none
	Depends []VTag // dependent-vtags of its meta

	data   driver.Data
	isMap  bool
	digest [sha256.Size]byte // of a network map
}

// IsMap tells whether the document is a network map.
func (p *Part) IsMap() bool { return p.isMap }

// response is a response of an ALTO server: one of the members besides meta is there.
type response struct {
	Meta          meta
	NetworkMap    jsontext.Value
	CostMap       jsontext.Value
	EndpointProps jsontext.Value
	PropertyMap   jsontext.Value
	Advertisement jsontext.Value
}

// meta is what is read of the member meta.
type meta struct {
	VTag     VTag   `json:"vtag"`
	Depends  []VTag `json:"dependent-vtags"`
	CostType struct {
		Mode   string `json:"cost-mode"`
		Metric string `json:"cost-metric"`
	} `json:"cost-type"`
	Calendars []calendarAttributes `json:"calendar-response-attributes"`
}

// Read reads a document. The error tells what is wrong in it, without its name. Cost is
// linear in its size.
func Read(name string, text []byte) (*Part, error) {
	r, err := split(text)
	if err != nil {
		return nil, plain(err)
	}
	p := &Part{Name: name, VTag: r.Meta.VTag, Depends: r.Meta.Depends}
	found := 0
	for _, member := range []struct {
		value jsontext.Value
		read  func(*response) error
	}{
		{r.NetworkMap, p.networkMap},
		{r.CostMap, p.costMap},
		{r.EndpointProps, p.endpointProperties},
		{r.PropertyMap, p.propertyMap},
		{r.Advertisement, p.advertisement},
	} {
		if member.value == nil {
			continue
		}
		found++
		if err := member.read(r); err != nil {
			return nil, err
		}
	}
	if found != 1 {
		return nil, fmt.Errorf("the document has %d of the members network-map, cost-map, endpoint-properties, property-map and cdni-advertisement, expected one", found)
	}
	return p, nil
}

// plain takes the Go types out of a decoding error.
func plain(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		at := string(semantic.JSONPointer)
		if at == "" {
			at = "the document"
		}
		return fmt.Errorf("%s holds a JSON value of kind %v, which is not expected there", at, semantic.JSONKind)
	}
	return err
}

// decode reads the value of a member.
func decode(member string, value jsontext.Value, to any) error {
	if err := json.Unmarshal(value, to); err != nil {
		return fmt.Errorf("in %s: %w", member, plain(err))
	}
	return nil
}

// advertisement reads a CDNI advertisement (RFC 9241 Section 3.6).
func (p *Part) advertisement(r *response) error {
	var in struct {
		Objects []jsontext.Value `json:"capabilities-with-footprints"`
	}
	if err := decode("cdni-advertisement", r.Advertisement, &in); err != nil {
		return err
	}
	for i, o := range in.Objects {
		if o.Kind() != '{' {
			return fmt.Errorf("object %d of capabilities-with-footprints is not a JSON object", i+1)
		}
		if err := o.Canonicalize(); err != nil {
			return err
		}
		p.data.Advertisements = append(p.data.Advertisements, o)
	}
	return nil
}

// endpointProperties reads properties of endpoints (RFC 7285 Section 11.4.1), whose
// typed addresses have the form of entities of the domains ipv4 and ipv6.
func (p *Part) endpointProperties(r *response) error {
	return p.entitiesOf("endpoint-properties", r.EndpointProps)
}

// propertyMap reads a property map (RFC 9240 Section 7.6).
func (p *Part) propertyMap(r *response) error {
	return p.entitiesOf("property-map", r.PropertyMap)
}

func (p *Part) entitiesOf(member string, value jsontext.Value) error {
	var in map[string]map[string]jsontext.Value
	if err := decode(member, value, &in); err != nil {
		return err
	}
	var list []alto.Entity
	for _, id := range sortedKeys(in) {
		e := alto.Entity{}
		e.Domain, e.Name = splitEntity(id)
		for _, name := range sortedKeys(in[id]) {
			e.Properties = append(e.Properties, alto.Property{Name: name, Value: in[id][name]})
		}
		list = append(list, e)
	}
	if _, err := alto.NewPropertyMap(list); err != nil {
		return fmt.Errorf("in %s: %w", member, err)
	}
	p.data.Entities = list
	return nil
}

// splitEntity splits an entity identifier at the colon that ends the domain name
// (RFC 9240 Section 5.1.3); one after "priv" belongs to the name.
func splitEntity(id string) (domain, name string) {
	domain, name, _ = strings.Cut(id, ":")
	if domain == "priv" || strings.HasSuffix(domain, ".priv") {
		kind, rest, more := strings.Cut(name, ":")
		if more {
			return domain + ":" + kind, rest
		}
	}
	return domain, name
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
