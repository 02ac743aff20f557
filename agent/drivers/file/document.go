package file

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

// document is a response of an ALTO server: one of the members below meta is there.
type document struct {
	Meta struct {
		VTag struct {
			Tag string `json:"tag"`
		} `json:"vtag"`
		CostType struct {
			Mode   string `json:"cost-mode"`
			Metric string `json:"cost-metric"`
		} `json:"cost-type"`
	} `json:"meta"`
	NetworkMap    jsontext.Value `json:"network-map"`
	CostMap       jsontext.Value `json:"cost-map"`
	EndpointProps jsontext.Value `json:"endpoint-properties"`
	PropertyMap   jsontext.Value `json:"property-map"`
	Advertisement jsontext.Value `json:"cdni-advertisement"`
}

// collector gathers the data of several files.
type collector struct {
	data      driver.Data
	hasMap    string // path of the file with the network map
	mapDigest [sha256.Size]byte
	entities  map[[2]string]string // path of the file by domain and name
}

// add reads one file. The error tells what is wrong in it, or between it and an
// earlier one.
func (c *collector) add(path string, text []byte) error {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return plain(err)
	}
	found := 0
	for _, part := range []struct {
		value jsontext.Value
		read  func(string, *document) error
	}{
		{d.NetworkMap, c.networkMap},
		{d.CostMap, c.costMap},
		{d.EndpointProps, c.endpointProperties},
		{d.PropertyMap, c.propertyMap},
		{d.Advertisement, c.advertisement},
	} {
		if part.value == nil {
			continue
		}
		found++
		if err := part.read(path, &d); err != nil {
			return err
		}
	}
	if found != 1 {
		return fmt.Errorf("the file has %d of the members network-map, cost-map, endpoint-properties, property-map and cdni-advertisement, expected one", found)
	}
	return nil
}

// plain takes the Go types out of a decoding error.
func plain(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		at := string(semantic.JSONPointer)
		if at == "" {
			at = "the file"
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
func (c *collector) advertisement(_ string, d *document) error {
	var in struct {
		Objects []jsontext.Value `json:"capabilities-with-footprints"`
	}
	if err := decode("cdni-advertisement", d.Advertisement, &in); err != nil {
		return err
	}
	for i, o := range in.Objects {
		if o.Kind() != '{' {
			return fmt.Errorf("object %d of capabilities-with-footprints is not a JSON object", i+1)
		}
		if err := o.Canonicalize(); err != nil {
			return err
		}
		c.data.Advertisements = append(c.data.Advertisements, o)
	}
	return nil
}

// endpointProperties reads properties of endpoints (RFC 7285 Section 11.4.1), whose
// typed addresses have the form of entities of the domains ipv4 and ipv6.
func (c *collector) endpointProperties(path string, d *document) error {
	return c.entitiesOf(path, "endpoint-properties", d.EndpointProps)
}

// propertyMap reads a property map (RFC 9240 Section 7.6).
func (c *collector) propertyMap(path string, d *document) error {
	return c.entitiesOf(path, "property-map", d.PropertyMap)
}

func (c *collector) entitiesOf(path, member string, value jsontext.Value) error {
	var in map[string]map[string]jsontext.Value
	if err := decode(member, value, &in); err != nil {
		return err
	}
	if c.entities == nil {
		c.entities = make(map[[2]string]string)
	}
	var list []alto.Entity
	for _, id := range sortedKeys(in) {
		e := alto.Entity{}
		e.Domain, e.Name = splitEntity(id)
		for _, name := range sortedKeys(in[id]) {
			e.Properties = append(e.Properties, alto.Property{Name: name, Value: in[id][name]})
		}
		if other, taken := c.entities[[2]string{e.Domain, e.Name}]; taken {
			return fmt.Errorf("entity %q stands in %s too", id, other)
		}
		c.entities[[2]string{e.Domain, e.Name}] = path
		list = append(list, e)
	}
	if _, err := alto.NewPropertyMap(list); err != nil {
		return fmt.Errorf("in %s: %w", member, err)
	}
	c.data.Entities = append(c.data.Entities, list...)
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
