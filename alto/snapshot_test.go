package alto

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func labConfig(t testing.TB) Config {
	c := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	return Config{
		BaseURI: "http://alto.example.com/alto", CostTypes: rfcCostTypes,
		Meta: map[string]jsontext.Value{"vendor": jsontext.Value(`{"name" : "x"}`)},
		Resources: []*Resource{
			{ID: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, ""), Default: true}},
			{ID: "cm", Service: FullCostMap{"nm", "num-routing", c}},
			{ID: "nm-part", Account: "nm", Service: FilteredNetworkMap{"nm"}},
			{ID: "ep", Uses: []string{"nm"}, Service: EndpointProperties{Types: []string{"nm.pid"}}},
			{ID: "ec", Uses: []string{"nm", "ep"}, Service: EndpointCosts{Map: rfcNetworkMap(t, ""), Offers: fourOffers(c)}},
			{ID: "pm", Service: FullPropertyMap{Map: properties(t, `nm.pid PID1 .region="north"`)}},
		},
	}
}

// TestConfigErrors changes one thing of a good configuration at a time.
func TestConfigErrors(t *testing.T) {
	half := costs(t, threePIDs, 0.5, -1, -1, -1, -1, -1, -1, -1, -1)
	stranger := costs(t, []string{"PID9"}, 1)
	other := networkMap(t, "", "elsewhere 0.0.0.0/0")
	ad := advertisement(t, "", `{"capability-type":"a","capability-value":1,"footprints":[{"footprint-type":"altopid","footprint-value":["PID1"]}]}`)
	add := func(list ...*Resource) func(*Config) {
		return func(c *Config) { c.Resources = append(c.Resources, list...) }
	}
	streams := func(ids ...string) *Resource {
		return &Resource{ID: "x", Service: UpdateStreams{Covers: ids}}
	}
	tests := []struct {
		name   string
		change func(*Config)
		want   ConfigError // without Reason
	}{
		{"nothing", func(*Config) {}, ConfigError{}},
		{"base without host", func(c *Config) { c.BaseURI = "http:///x" }, ConfigError{Field: FieldBaseURI, Value: "http:///x"}},
		{"base with query", func(c *Config) { c.BaseURI = "http://h/?q" }, ConfigError{Field: FieldBaseURI, Value: "http://h/?q"}},
		{"base of another scheme", func(c *Config) { c.BaseURI = "ftp://h/" }, ConfigError{Field: FieldBaseURI, Value: "ftp://h/"}},
		{"base as path", func(c *Config) { c.BaseURI = "/x" }, ConfigError{}},
		{"meta over default map", func(c *Config) { c.Meta = map[string]jsontext.Value{"default-alto-network-map": nil} }, ConfigError{Field: FieldMeta, Value: "default-alto-network-map"}},
		{"meta no JSON", func(c *Config) { c.Meta = map[string]jsontext.Value{"m": jsontext.Value("{")} }, ConfigError{Field: FieldMeta, Value: "m"}},
		{"cost type twice", func(c *Config) { c.CostTypes = append(c.CostTypes[:4:4], c.CostTypes[0]) }, ConfigError{Field: FieldCostTypes, Value: "num-routing"}},
		{"cost metric", func(c *Config) {
			c.CostTypes = append(c.CostTypes[:4:4], CostType{Name: "x", Mode: "numerical", Metric: "a b"})
		}, ConfigError{Field: FieldCostTypes, Value: "x"}},
		{"bad ID", add(&Resource{ID: "a.b", Service: Directory{}}), ConfigError{Resource: "a.b", Field: FieldID, Value: "a.b"}},
		{"same ID", add(&Resource{ID: "nm", Service: Directory{}}), ConfigError{Resource: "nm", Field: FieldID, Value: "nm"}},
		{"no service", add(&Resource{ID: "x"}), ConfigError{Resource: "x", Field: FieldService}},
		{"same path", add(&Resource{ID: "x", Path: "costmap/cm", Service: Directory{}}), ConfigError{Resource: "x", Field: FieldPath, Value: "costmap/cm"}},
		{"path of the root IRD", add(&Resource{ID: "x", Path: "directory", Service: Directory{}}), ConfigError{Resource: "x", Field: FieldPath, Value: "directory"}},
		{"path with dots", add(&Resource{ID: "x", Path: "a/../b", Service: Directory{}}), ConfigError{Resource: "x", Field: FieldPath, Value: "a/../b"}},
		{"second default", add(&Resource{ID: "x", Service: FullNetworkMap{Map: rfcNetworkMap(t, ""), Default: true}}), ConfigError{Resource: "x", Field: FieldDefault}},
		{"second map", add(&Resource{ID: "x", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}), ConfigError{}},
		{"no map data", add(&Resource{ID: "x", Service: FullNetworkMap{}}), ConfigError{Resource: "x", Field: FieldMap}},
		{"unknown network map", add(&Resource{ID: "x", Service: FilteredNetworkMap{"y"}}), ConfigError{Resource: "x", Field: FieldNetworkMap, Value: "y"}},
		{"not a network map", add(&Resource{ID: "x", Service: FilteredNetworkMap{"cm"}}), ConfigError{Resource: "x", Field: FieldNetworkMap, Value: "cm"}},
		{"unknown cost type", add(&Resource{ID: "x", Service: FullCostMap{"nm", "y", half}}), ConfigError{Resource: "x", Field: FieldCostType, Value: "y"}},
		{"no costs", add(&Resource{ID: "x", Service: FullCostMap{"nm", "num-hop", nil}}), ConfigError{Resource: "x", Field: FieldCosts, Value: "num-hop"}},
		{"numerical halves", add(&Resource{ID: "x", Service: FilteredCostMap{NetworkMap: "nm", Offers: []CostOffer{{"num-routing", half}}}}), ConfigError{}},
		{"half a hop", add(&Resource{ID: "x", Service: FullCostMap{"nm", "num-hop", half}}), ConfigError{Resource: "x", Field: FieldCosts, Value: "num-hop"}},
		{"ordinal halves", add(&Resource{ID: "x", Service: FullCostMap{"nm", "ord-hop", half}}), ConfigError{Resource: "x", Field: FieldCosts, Value: "ord-hop"}},
		{"unknown PID", add(&Resource{ID: "x", Service: FullCostMap{"nm", "num-hop", stranger}}), ConfigError{Resource: "x", Field: FieldCosts, Value: "PID9"}},
		{"same cost map", add(&Resource{ID: "x", Service: FullCostMap{"nm", "num-routing", half}}), ConfigError{Resource: "x", Field: FieldCostType, Value: "num-routing"}},
		{"no offers", add(&Resource{ID: "x", Service: FilteredCostMap{NetworkMap: "nm"}}), ConfigError{Resource: "x", Field: FieldCostType}},
		{
			"testable and constraints", add(&Resource{ID: "x", Service: FilteredCostMap{"nm", []CostOffer{{"num-routing", half}}, CostCapabilities{Constraints: true, Testable: []string{"num-routing"}}}}),
			ConfigError{Resource: "x", Field: FieldConstraints},
		},
		{
			"testable not offered", add(&Resource{ID: "x", Service: FilteredCostMap{"nm", []CostOffer{{"num-routing", half}}, CostCapabilities{Testable: []string{"ord-hop"}}}}),
			ConfigError{Resource: "x", Field: FieldTestable, Value: "ord-hop"},
		},
		{"property of unknown map", add(&Resource{ID: "x", Service: EndpointProperties{Types: []string{"y.pid"}}}), ConfigError{Resource: "x", Field: FieldProperties, Value: "y"}},
		{"bad property", add(&Resource{ID: "x", Service: EndpointProperties{Types: []string{"a b"}}}), ConfigError{Resource: "x", Field: FieldProperties, Value: "a b"}},
		{"domain of unknown map", add(&Resource{ID: "x", Service: FullPropertyMap{Map: properties(t, `y.pid PID1 .a=1`)}}), ConfigError{Resource: "x", Field: FieldMappings, Value: "y.pid"}},
		{"property not mapped", add(&Resource{ID: "x", Service: FullPropertyMap{Map: properties(t, `ipv4 192.0.2.1 .a=1`), Mappings: []Mapping{}}}), ConfigError{Resource: "x", Field: FieldMappings, Value: "ipv4"}},
		{"no advertisement", add(&Resource{ID: "x", Service: FullCDNIAdvertisement{}}), ConfigError{Resource: "x", Field: FieldAdvertisement}},
		{"footprints without map", add(&Resource{ID: "x", Service: FullCDNIAdvertisement{Advertisement: ad}}), ConfigError{Resource: "x", Field: FieldNetworkMap}},
		{"footprints of a map", add(&Resource{ID: "x", Service: FullCDNIAdvertisement{ad, "nm"}}), ConfigError{}},
		{"footprints of an unknown map", add(&Resource{ID: "x", Service: FullCDNIAdvertisement{ad, "y"}}), ConfigError{Resource: "x", Field: FieldNetworkMap, Value: "y"}},
		{"footprints of another map", add(&Resource{ID: "y", Service: FullNetworkMap{Map: other}}, &Resource{ID: "x", Service: FullCDNIAdvertisement{ad, "y"}}), ConfigError{Resource: "x", Field: FieldAdvertisement, Value: "PID1"}},
		{"filter of nothing", add(&Resource{ID: "x", Service: FilteredCDNIAdvertisement{"y"}}), ConfigError{Resource: "x", Field: FieldAdvertisement, Value: "y"}},
		{"filter of a network map", add(&Resource{ID: "x", Service: FilteredCDNIAdvertisement{"nm"}}), ConfigError{Resource: "x", Field: FieldAdvertisement, Value: "nm"}},
		{"streams", add(streams("nm", "nm-part", "cm", "ep", "ec", "pm")), ConfigError{}},
		{"streams of nothing", add(streams()), ConfigError{Resource: "x", Field: FieldCovers}},
		{"streams of the unknown", add(streams("y")), ConfigError{Resource: "x", Field: FieldCovers, Value: "y"}},
		{"streams of the same twice", add(streams("nm", "nm")), ConfigError{Resource: "x", Field: FieldCovers, Value: "nm"}},
		{"streams of themselves", add(streams("x")), ConfigError{Resource: "x", Field: FieldCovers, Value: "x"}},
		{"streams of a directory", add(streams("y"), &Resource{ID: "y", Service: Directory{}}), ConfigError{Resource: "x", Field: FieldCovers, Value: "y"}},
		{"streams without what costs use", add(streams("cm")), ConfigError{Resource: "x", Field: FieldCovers, Value: "nm"}},
		{"streams without what properties use", add(streams("ep")), ConfigError{Resource: "x", Field: FieldCovers, Value: "nm"}},
		{"streams that use more", add(&Resource{ID: "x", Uses: []string{"cm"}, Service: UpdateStreams{Covers: []string{"nm"}}}), ConfigError{Resource: "x", Field: FieldUses, Value: "cm"}},
		{"streams that use what they cover", add(&Resource{ID: "x", Uses: []string{"nm"}, Service: UpdateStreams{Covers: []string{"cm", "nm"}}}), ConfigError{}},
		{"patches of what is not covered", add(&Resource{ID: "x", Service: UpdateStreams{Covers: []string{"nm"}, Patches: map[string]PatchFormats{"cm": 0}}}), ConfigError{Resource: "x", Field: FieldCovers, Value: "cm"}},
		{"negative limit", add(&Resource{ID: "x", Service: UpdateStreams{Covers: []string{"nm"}, MaxStreams: -1}}), ConfigError{Resource: "x", Field: FieldLimits}},
		{"streams open to more", add(&Resource{ID: "y", Roles: []string{"r"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, streams("y")), ConfigError{Resource: "x", Field: FieldRoles}},
		{"delegation without host", add(&Resource{ID: "x", Service: Delegation{"/maps"}}), ConfigError{Resource: "x", Field: FieldDelegatedURI, Value: "/maps"}},
		{"unknown use", add(&Resource{ID: "x", Uses: []string{"y"}, Service: Directory{}}), ConfigError{Resource: "x", Field: FieldUses, Value: "y"}},
		{"cyclic uses", add(&Resource{ID: "x", Uses: []string{"y"}, Service: Directory{}}, &Resource{ID: "y", Uses: []string{"x"}, Service: Directory{}}), ConfigError{Resource: "y", Field: FieldUses, Value: "x"}},
		{"use of itself", add(&Resource{ID: "x", Uses: []string{"x"}, Service: Directory{}}), ConfigError{Resource: "x", Field: FieldUses, Value: "x"}},
		{"unknown directory", add(&Resource{ID: "x", Directory: "y", Service: FilteredNetworkMap{"nm"}}), ConfigError{Resource: "x", Field: FieldDirectory, Value: "y"}},
		{"no directory", add(&Resource{ID: "x", Directory: "nm", Service: FilteredNetworkMap{"nm"}}), ConfigError{Resource: "x", Field: FieldDirectory, Value: "nm"}},
		{
			"use in another directory", add(&Resource{ID: "d", Service: Directory{}}, &Resource{ID: "x", Directory: "d", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, &Resource{ID: "y", Service: FilteredNetworkMap{"x"}}),
			ConfigError{Resource: "y", Field: FieldUses, Value: "x"},
		},
		{
			"use closed to all", add(&Resource{ID: "x", Roles: []string{"r"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, &Resource{ID: "y", Service: FilteredNetworkMap{"x"}}),
			ConfigError{Resource: "y", Field: FieldRoles},
		},
		{
			"use closed to a role", add(&Resource{ID: "x", Roles: []string{"r"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, &Resource{ID: "y", Roles: []string{"r", "s"}, Service: FilteredNetworkMap{"x"}}),
			ConfigError{Resource: "y", Field: FieldRoles, Value: "s"},
		},
		{
			"use open to the role", add(&Resource{ID: "x", Roles: []string{"r", "s"}, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, &Resource{ID: "y", Roles: []string{"r"}, Service: FilteredNetworkMap{"x"}}),
			ConfigError{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := labConfig(t)
			tt.change(&c)
			_, err := NewSnapshot(nil, c)
			var got *ConfigError
			switch {
			case tt.want == (ConfigError{}):
				if err != nil {
					t.Errorf("refused: %v", err)
				}
			case !errors.As(err, &got):
				t.Errorf("error %v, want a ConfigError for %q", err, tt.want.Field)
			case got.Resource != tt.want.Resource || got.Field != tt.want.Field || got.Value != tt.want.Value || got.Reason == "":
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestURIs(t *testing.T) {
	tests := []struct{ base, root, resource string }{
		{"", "/directory", "/networkmap/a%3Ab%40c"},
		{"/x", "/x/directory", "/x/networkmap/a%3Ab%40c"},
		{"http://h:8080", "http://h:8080/directory", "http://h:8080/networkmap/a%3Ab%40c"},
		{"https://h/p%20q/", "https://h/p%20q/directory", "https://h/p%20q/networkmap/a%3Ab%40c"},
		{"http://[2001:db8::1]/", "http://[2001:db8::1]/directory", "http://[2001:db8::1]/networkmap/a%3Ab%40c"},
	}
	for _, tt := range tests {
		s := snapshot(t, Config{BaseURI: tt.base, Resources: []*Resource{{ID: "a:b@c", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}}})
		if got := s.RootURI(); got != tt.root {
			t.Errorf("root URI %q, want %q", got, tt.root)
		}
		if got, _ := s.URI("a:b@c"); got != tt.resource {
			t.Errorf("resource URI %q, want %q", got, tt.resource)
		}
	}
}

// TestDirectoryAnswers walks the IRD like a client: whatever it lists answers.
func TestDirectoryAnswers(t *testing.T) {
	c := labConfig(t)
	c.BaseURI = ""
	s := serving(t, c)
	ird := decode(t, get(s, "/directory").Body.String()).(map[string]any)
	resources := ird["resources"].(map[string]any)
	if len(resources) != len(c.Resources) {
		t.Errorf("%d resources listed, want %d", len(resources), len(c.Resources))
	}
	for id, entry := range resources {
		uri := entry.(map[string]any)["uri"].(string)
		if accepts, ok := entry.(map[string]any)["accepts"].(string); ok {
			if w := post(s, uri, accepts, `{`); w.Code != 400 || w.Header().Get("Content-Type") != MediaError {
				t.Errorf("POST %s: status %d", uri, w.Code)
			}
		} else if w := get(s, uri); w.Code != 200 || w.Header().Get("Content-Type") != entry.(map[string]any)["media-type"] {
			t.Errorf("GET %s of %s: status %d", uri, id, w.Code)
		}
	}
	if got := fmt.Sprint(ird["meta"].(map[string]any)["vendor"]); got != "map[name:x]" {
		t.Errorf("vendor in meta: %s", got)
	}
	if uses := resources["ec"].(map[string]any)["uses"]; fmt.Sprint(uses) != "[ep]" {
		t.Errorf("endpoint cost uses %v, want no map", uses)
	}
}

// TestSharing proves that a new snapshot keeps what has not changed.
func TestSharing(t *testing.T) {
	c := labConfig(t)
	first := snapshot(t, c)
	again := func(change func(*Config)) *Snapshot {
		next := c
		next.Resources = append([]*Resource(nil), c.Resources...)
		change(&next)
		s, err := NewSnapshot(first, next)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	kept := func(s *Snapshot, id string) bool { return s.byID.At(id).offer == first.byID.At(id).offer }

	s := again(func(c *Config) {
		c.Resources[1] = &Resource{ID: "cm", Service: FullCostMap{"nm", "num-routing", costs(t, threePIDs, make([]float64, 9)...)}}
	})
	if kept(s, "cm") || !kept(s, "nm") || !kept(s, "ec") || s.byID.At("nm") != first.byID.At("nm") {
		t.Error("a new cost map must replace itself only")
	}
	s = again(func(c *Config) {
		c.Resources[0] = &Resource{ID: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}
	})
	if !kept(s, "nm") || !kept(s, "cm") {
		t.Error("a network map with the same content must be shared")
	}
	s = again(func(c *Config) {
		c.Resources[0] = &Resource{ID: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "other")}}
	})
	if kept(s, "nm") || kept(s, "cm") || kept(s, "ep") || kept(s, "pm") || !kept(s, "ec") {
		t.Error("a network map with another tag must replace what depends on it")
	}
	s = again(func(c *Config) {
		c.CostTypes = append(rfcCostTypes[:0:0], rfcCostTypes...)
		c.CostTypes[0].Metric = "delay-ow"
	})
	if kept(s, "cm") || !kept(s, "nm") {
		t.Error("another cost type must replace the cost map")
	}
	s = again(func(c *Config) { c.BaseURI = "http://other.example.com" })
	if uri, _ := s.URI("nm"); uri != "http://other.example.com/networkmap/nm" {
		t.Errorf("URI %s after another base", uri)
	}
}
