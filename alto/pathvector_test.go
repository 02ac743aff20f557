package alto

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

const (
	pathType    = `"cost-type":{"cost-mode":"array","cost-metric":"ane-path"}`
	pathPIDs    = `"pids":{"srcs":["PID1"],"dsts":["PID3","PID4"]}`
	pathAddress = `"endpoints":{"srcs":["ipv4:192.0.2.34"],"dsts":["ipv4:192.0.2.2"]}`
)

// TestPathVectorErrors has what RFC 9275 adds to the errors of the cost services, with a
// good twin of each.
func TestPathVectorErrors(t *testing.T) {
	s := serving(t, rfc9275Config(t))
	const both = `"multi-cost-types":[{"cost-mode":"array","cost-metric":"ane-path"},{"cost-mode":"numerical","cost-metric":"routingcost"}]`
	tests := []struct{ path, media, body, want string }{
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,` + pathPIDs + `,"ane-property-names":["max-reservable-bandwidth"]}`, ""},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"ane-property-names":[]}`, ""},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"ane-property-names":["max-reservable-bandwidth","cpu"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"ane-property-names","value":"cpu"}}`},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"ane-property-names":["persistent-entity-id"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"ane-property-names","value":"persistent-entity-id"}}`},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"ane-property-names":[1]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"ane-property-names","value":"1"}}`},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"ane-property-names":"cpu"}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"ane-property-names"}}`},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"constraints":["gt 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"[\"gt 1\"]"}}`},
		{"costmap/pv", MediaCostMapFilter, `{"cost-type":{"cost-mode":"array","cost-metric":"routingcost"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cost-type/cost-metric","value":"routingcost"}}`},
		{"costmap/pv", MediaCostMapFilter, `{"cost-type":{"cost-mode":"numerical","cost-metric":"ane-path"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cost-type/cost-mode","value":"numerical"}}`},
		{"costmap/pv", MediaCostMapFilter, `{` + pathType + `,"pids":{"srcs":[]}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"pids/dsts"}}`},
		{"costmap/pv", MediaCostMapFilter, `{`, `{"meta":{"code":"E_SYNTAX",`},
		{"endpointcost/mcpv", MediaEndpointCostParams, `{` + both + `,` + pathAddress + `,"or-constraints":[["[1] le 3"]]}`, ""},
		{"endpointcost/mcpv", MediaEndpointCostParams, `{` + both + `,` + pathAddress + `,"or-constraints":[["[0] le 3"]]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"or-constraints","value":"[0] le 3"}}`},
		{"endpointcost/pv", MediaEndpointCostParams, `{` + both + `,` + pathAddress + `}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"multi-cost-types",`},
		{"endpointcost/pv", MediaEndpointCostParams, `{` + pathType + `}`, `{"meta":{"code":"E_MISSING_FIELD","field":"endpoints"}}`},
		{"endpointcost/pv", MediaEndpointCostParams, `{` + pathType + `,"endpoints":{"dsts":["192.0.2.1"]}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"endpoints/dsts","value":"192.0.2.1"}}`},
	}
	for _, tt := range tests {
		w := post(s, "/"+tt.path, tt.media, tt.body)
		if tt.want == "" {
			if w.Code != http.StatusOK {
				t.Errorf("%s: status %d %s", tt.body, w.Code, w.Body)
			}
			continue
		}
		if got := w.Body.String(); w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != MediaError || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: status %d, %s, want %s", tt.body, w.Code, got, tt.want)
		}
	}
}

// TestPathVectorNegotiation: the type of the root part counts (RFC 9275 Section 5.3.1).
func TestPathVectorNegotiation(t *testing.T) {
	s := serving(t, rfc9275Config(t))
	for accept, want := range map[string]int{
		"": 200, "*/*": 200, "multipart/*": 200, "multipart/related": 200,
		"multipart/related;type=application/alto-costmap+json, application/alto-error+json": 200,
		`multipart/related; type="application/alto-costmap+json"`:                           200,
		"Multipart/Related;Type=application/alto-costmap+json;q=0.5":                        200,
		"multipart/related;type=application/alto-endpointcost+json":                         406,
		"multipart/related;type=application/alto-costmap+json;q=0":                          406,
		"application/alto-costmap+json":                                                     406,
		"multipart/mixed, application/alto-error+json":                                      406,
	} {
		h := http.Header{"Content-Type": {MediaCostMapFilter}}
		if accept != "" {
			h.Set("Accept", accept)
		}
		if w := exchange(s, http.MethodPost, "/costmap/pv", h, `{`+pathType+`}`); w.Code != want {
			t.Errorf("Accept %q: status %d, want %d", accept, w.Code, want)
		}
	}
	if w := exchange(s, http.MethodPost, "/costmap/pv", http.Header{"Content-Type": {MediaEndpointCostParams}}, `{`+pathType+`}`); w.Code != 415 {
		t.Errorf("parameters of another type: status %d", w.Code)
	}
	if w := get(s, "/costmap/pv"); w.Code != 405 || w.Header().Get("Allow") != "POST, OPTIONS" {
		t.Errorf("GET: status %d", w.Code)
	}
}

// TestPathVectorAlone: what is asked for without paths has no ANEs; a missing path leaves
// its pair out.
func TestPathVectorAlone(t *testing.T) {
	s := serving(t, rfc9275Config(t))
	w := post(s, "/endpointcost/mcpv", MediaEndpointCostParams, `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},`+pathAddress+`}`)
	_, _, parts := related(t, w.Header().Get("Content-Type"), w.Body.String())
	if diff := cmp.Diff(map[string]any{}, parts[1]["property-map"]); diff != "" {
		t.Error(diff)
	}
	w = post(s, "/costmap/pv", MediaCostMapFilter, `{`+pathType+`,"pids":{"srcs":["PID4"],"dsts":[]}}`)
	_, _, parts = related(t, w.Header().Get("Content-Type"), w.Body.String())
	if diff := cmp.Diff(map[string]any{}, parts[0]["cost-map"]); diff != "" {
		t.Error(diff)
	}
}

// pathNames asks for the paths from PID1 and returns those to PID3 and PID4, and the
// entities of the property map.
func pathNames(t *testing.T, s *Server, client, more string) (l1, l12 []any, entities []string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/costmap/pv", strings.NewReader(`{`+pathType+`,`+pathPIDs+more+`}`))
	r.RemoteAddr = client + ":4000"
	r.Header.Set("Content-Type", MediaCostMapFilter)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	_, _, parts := related(t, w.Header().Get("Content-Type"), w.Body.String())
	row := parts[0]["cost-map"].(map[string]any)["PID1"].(map[string]any)
	for id := range parts[1]["property-map"].(map[string]any) {
		entities = append(entities, id)
	}
	slices.Sort(entities)
	return row["PID3"].([]any), row["PID4"].([]any), entities
}

// TestPathNamesTellNothing: without GivenNames the names of ANEs are others for another
// client and another request, and the same within a response (RFC 9275 Section 11).
func TestPathNamesTellNothing(t *testing.T) {
	c := rfc9275Config(t)
	for _, r := range c.Resources {
		if service, ok := r.Service.(PathVectorCostMap); ok {
			service.GivenNames = false
			r.Service = service
		}
	}
	s := serving(t, c)
	one, two, entities := pathNames(t, s, "192.0.2.7", "")
	if len(one) != 1 || len(two) != 2 || one[0] != two[0] || one[0] == two[1] {
		t.Fatalf("paths %v and %v, want the first element shared", one, two)
	}
	want := []string{".ane:" + two[0].(string), ".ane:" + two[1].(string)}
	slices.Sort(want)
	if diff := cmp.Diff(want, entities); diff != "" {
		t.Error(diff)
	}
	for _, name := range two {
		if err := CheckPIDName(name.(string)); err != nil || len(name.(string)) != 26 {
			t.Errorf("name %v: %v", name, err)
		}
	}
	if again, _, _ := pathNames(t, s, "192.0.2.7", ""); again[0] != one[0] {
		t.Error("the same request of the same client has other names")
	}
	if other, _, _ := pathNames(t, s, "192.0.2.8", ""); other[0] == one[0] {
		t.Error("another client has the same names")
	}
	if other, _, _ := pathNames(t, s, "192.0.2.7", `,"ane-property-names":[]`); other[0] == one[0] {
		t.Error("another request has the same names")
	}
}

func TestPathBuilderErrors(t *testing.T) {
	b, err := NewPathBuilder([]string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		source, destination string
		anes                []string
		ok                  bool
	}{
		{"a", "b", []string{"x", "y", "x"}, true},
		{"a", "b", []string{"x"}, false},
		{"a", "c", nil, false},
		{"b", "a", []string{"x", "y.z"}, false},
		{"b", "a", nil, true},
		{"b", "b", []string{""}, false},
	} {
		err := b.Add(tt.source, tt.destination, tt.anes)
		var got *PathError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &got) || got.Source != tt.source || got.Destination != tt.destination) {
			t.Errorf("%+v: error %v", tt, err)
		}
	}
	m := b.Build()
	if got := string(m.encoded()); got != `"cost-map":{"a":{"b":["x","y","x"]},"b":{"a":[]}}}` {
		t.Errorf("encoded %s", got)
	}
	if m.encodedSize() != uint64(len(m.encoded())) {
		t.Error("the size is not that of the encoding")
	}
	for _, pids := range [][]string{{"a", "a"}, {"a.b"}} {
		var got *PathError
		if _, err := NewPathBuilder(pids); !errors.As(err, &got) {
			t.Errorf("%v: error %v", pids, err)
		}
	}
}

// TestPathMatrixProperty: the matrix holds what was added, and its tag is the same in
// whatever order that was.
func TestPathMatrixProperty(t *testing.T) {
	pids := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		want := map[[2]string][]string{}
		var pairs [][2]string
		for range rapid.IntRange(0, 9).Draw(t, "n") {
			pair := [2]string{rapid.SampledFrom(pids).Draw(t, "s"), rapid.SampledFrom(pids).Draw(t, "d")}
			if _, twice := want[pair]; !twice {
				want[pair] = rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 4).Draw(t, "path")
				pairs = append(pairs, pair)
			}
		}
		var made []*PathMatrix
		for range 2 {
			b, _ := NewPathBuilder(pids)
			for _, pair := range pairs {
				if err := b.Add(pair[0], pair[1], want[pair]); err != nil {
					t.Fatal(err)
				}
			}
			made = append(made, b.Build())
			slices.Reverse(pairs)
		}
		if made[0].Tag() != made[1].Tag() {
			t.Fatal("the tag follows the order of Add")
		}
		for _, s := range pids {
			for _, d := range pids {
				anes, ok := made[0].Path(s, d)
				path, known := want[[2]string{s, d}]
				if ok != known || !cmp.Equal(anes, path, cmpopts.EquateEmpty()) {
					t.Fatalf("path from %s to %s is %v, %v, want %v", s, d, anes, ok, path)
				}
			}
		}
	})
}

// TestPathVectorConfig changes one thing of a good configuration at a time.
func TestPathVectorConfig(t *testing.T) {
	pv := func(change func(*PathVectorCostMap)) func(*Config) {
		return func(c *Config) {
			for i, r := range c.Resources {
				if service, ok := r.Service.(PathVectorCostMap); ok {
					change(&service)
					copied := *r
					copied.Service = service
					c.Resources[i] = &copied
				}
			}
		}
	}
	anes := func(lines ...string) func(*PathVectorCostMap) {
		return func(s *PathVectorCostMap) {
			s.ANEs, s.Properties = properties(t, lines...), []string{"max-reservable-bandwidth", "persistent-entity-id"}
		}
	}
	const id = "filtered-cost-map-pv"
	whole := costs(t, []string{"PID1"}, 1)
	for name, tt := range map[string]struct {
		change func(*Config)
		want   ConfigError
	}{
		"nothing":               {pv(func(*PathVectorCostMap) {}), ConfigError{}},
		"unknown cost type":     {pv(func(s *PathVectorCostMap) { s.CostType = "x" }), ConfigError{Resource: id, Field: FieldCostType, Value: "x"}},
		"cost type of numbers":  {pv(func(s *PathVectorCostMap) { s.CostType = "num-rc" }), ConfigError{Resource: id, Field: FieldCostType, Value: "num-rc"}},
		"no paths":              {pv(func(s *PathVectorCostMap) { s.Paths = nil }), ConfigError{Resource: id, Field: FieldCosts, Value: "path-vector"}},
		"paths of another map":  {pv(func(s *PathVectorCostMap) { s.Paths = pathMatrix(t, []string{"PID9"}) }), ConfigError{Resource: id, Field: FieldCosts, Value: "PID9"}},
		"no properties":         {pv(func(s *PathVectorCostMap) { s.ANEs, s.Properties = nil, nil }), ConfigError{}},
		"bad property":          {pv(func(s *PathVectorCostMap) { s.Properties = []string{"a b"} }), ConfigError{Resource: id, Field: FieldProperties, Value: "a b"}},
		"property twice":        {pv(func(s *PathVectorCostMap) { s.Properties = []string{"a", "a"} }), ConfigError{Resource: id, Field: FieldProperties, Value: "a"}},
		"constraints":           {pv(func(s *PathVectorCostMap) { s.Constraints = true }), ConfigError{Resource: id, Field: FieldConstraints, Value: "path-vector"}},
		"paths testable":        {pv(func(s *PathVectorCostMap) { s.MaxCostTypes, s.Testable = 1, []string{"path-vector"} }), ConfigError{Resource: id, Field: FieldConstraints, Value: "path-vector"}},
		"testable, not offered": {pv(func(s *PathVectorCostMap) { s.MaxCostTypes, s.Testable = 1, []string{"num-rc"} }), ConfigError{Resource: id, Field: FieldTestable, Value: "num-rc"}},
		"calendars":             {pv(func(s *PathVectorCostMap) { s.Calendars = []CalendarOffer{{CostType: "num-rc"}} }), ConfigError{Resource: id, Field: FieldCalendars, Value: "num-rc"}},
		"costs beside":          {pv(func(s *PathVectorCostMap) { s.Offers = []CostOffer{{"num-rc", whole}} }), ConfigError{}},
		"paths as costs":        {pv(func(s *PathVectorCostMap) { s.Offers = []CostOffer{{"path-vector", whole}} }), ConfigError{Resource: id, Field: FieldCostType, Value: "path-vector"}},
		"negative bandwidth":    {pv(anes(`.ane L1 max-reservable-bandwidth=-1`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"bandwidth as a string": {pv(anes(`.ane L1 max-reservable-bandwidth="1"`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"persistent":            {pv(anes(`.ane L1 persistent-entity-id="ane-props.ane:MEC1"`)), ConfigError{}},
		"persistent nowhere":    {pv(anes(`.ane L1 persistent-entity-id=".ane:MEC1"`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"persistent in a map":   {pv(anes(`.ane L1 persistent-entity-id="my-default-networkmap.ane:MEC1"`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"persistent, unknown":   {pv(anes(`.ane L1 persistent-entity-id="x.ane:MEC1"`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"persistent PID":        {pv(anes(`.ane L1 persistent-entity-id="ane-props.pid:MEC1"`)), ConfigError{Resource: id, Field: FieldProperties, Value: ".ane:L1"}},
		"long ID": {func(c *Config) {
			copied := *c.Resources[1]
			copied.ID = strings.Repeat("x", 57)
			c.Resources[1] = &copied
		}, ConfigError{Resource: strings.Repeat("x", 57), Field: FieldID, Value: strings.Repeat("x", 57)}},
	} {
		c := rfc9275Config(t)
		tt.change(&c)
		_, err := NewSnapshot(nil, c)
		var got *ConfigError
		if errors.As(err, &got); err == nil {
			got = new(ConfigError)
		}
		if got == nil || got.Resource != tt.want.Resource || got.Field != tt.want.Field || got.Value != tt.want.Value {
			t.Errorf("%s: error %v, want %+v", name, err, tt.want)
		}
	}
}

func FuzzPathVectorParams(f *testing.F) {
	s := serving(f, rfc9275Config(f))
	for _, more := range []string{``, `,"ane-property-names":["max-reservable-bandwidth"]`, `,"ane-property-names":[null]`} {
		f.Add(true, `{`+pathType+`,`+pathPIDs+more+`}`)
		f.Add(false, `{`+pathType+`,`+pathAddress+more+`}`)
	}
	f.Fuzz(func(t *testing.T, pids bool, body string) {
		path, media := "/endpointcost/mcpv", MediaEndpointCostParams
		if pids {
			path, media = "/costmap/pv", MediaCostMapFilter
		}
		switch w := post(s, path, media, body); w.Code {
		case http.StatusOK:
			related(t, w.Header().Get("Content-Type"), w.Body.String())
		case http.StatusBadRequest:
			decode(t, w.Body.String())
		default:
			t.Fatalf("status %d for %q", w.Code, body)
		}
	})
}

// BenchmarkPathVector asks for all paths between 170 PIDs, six ANEs each.
func BenchmarkPathVector(b *testing.B) {
	const n = 170
	pids, lines := make([]string, n), make([]string, n)
	for i := range pids {
		pids[i] = "PID" + string(rune('A'+i/26)) + string(rune('a'+i%26))
		lines[i] = pids[i]
	}
	lines[0] += " 0.0.0.0/0 ::/0"
	builder, err := NewPathBuilder(pids)
	if err != nil {
		b.Fatal(err)
	}
	for i, source := range pids {
		for j, destination := range pids {
			anes := make([]string, 6)
			for k := range anes {
				anes[k] = "link" + pids[int(math.Abs(float64(i*k-j)))%n]
			}
			if err := builder.Add(source, destination, anes); err != nil {
				b.Fatal(err)
			}
		}
	}
	s := serving(b, Config{CostTypes: []CostType{{Name: "pv", Mode: ModeArray, Metric: MetricANEPath}}, Resources: []*Resource{
		{ID: "nm", Service: FullNetworkMap{Map: networkMap(b, "", lines...)}},
		{ID: "pv", Path: "pv", Service: PathVectorCostMap{FilteredCostMap{NetworkMap: "nm"}, PathVectors{CostType: "pv", Paths: builder.Build()}}},
	}})
	for b.Loop() {
		if w := post(s, "/pv", MediaCostMapFilter, `{`+pathType+`}`); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
