package alto

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// errorServer has one resource of each kind that takes parameters.
func errorServer(t testing.TB) *Server {
	c := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	routing := []CostOffer{{"num-routing", c}}
	return serving(t, Config{CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "t")}},
		{ID: "fnm", Path: "fnm", Service: FilteredNetworkMap{defaultMap}},
		{ID: "fcm", Path: "fcm", Service: FilteredCostMap{NetworkMap: defaultMap, Offers: routing}},
		{ID: "tcm", Path: "tcm", Service: FilteredCostMap{defaultMap, routing, CostCapabilities{Constraints: true}}},
		{ID: "mcm", Path: "mcm", Service: FilteredCostMap{defaultMap, fourOffers(c), CostCapabilities{MaxCostTypes: 2, Testable: []string{"num-hop"}}}},
		{ID: "ep", Path: "ep", Service: EndpointProperties{Types: []string{defaultMap + ".pid"}}},
		{ID: "ec", Path: "ec", Service: EndpointCosts{Map: rfcNetworkMap(t, "t"), Offers: routing}},
		{ID: "fpm", Path: "fpm", Service: FilteredPropertyMap{Map: properties(t, `ipv4 192.0.2.0/24 .asn=1`, defaultMap+`.pid PID1 .region="x"`)}},
		{ID: "cdni", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, "t", `{"capability-type":"x","capability-value":{"a":[1]}}`)}},
		{ID: "fcdni", Path: "fcdni", Service: FilteredCDNIAdvertisement{"cdni"}},
	}})
}

// paramsOf maps the paths of errorServer to their parameter media types.
var paramsOf = map[string]string{
	"fnm": MediaNetworkMapFilter, "fcm": MediaCostMapFilter, "tcm": MediaCostMapFilter,
	"mcm": MediaCostMapFilter, "ep": MediaEndpointPropParams, "ec": MediaEndpointCostParams, "fpm": MediaPropertyMapParams, "fcdni": MediaCDNIFilter,
}

const (
	routingType = `"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}`
	hopType     = `{"cost-mode":"numerical","cost-metric":"hopcount"}`
)

func TestProtocolErrors(t *testing.T) {
	s := errorServer(t)
	tests := []struct{ path, body, want string }{
		{"fnm", ``, `{"meta":{"code":"E_SYNTAX","syntax-error":"request body is empty"}}`},
		{"fnm", "{\n \"pids\": [,]}", `{"meta":{"code":"E_SYNTAX","syntax-error":"line 2, column 11: `},
		{"fnm", `{"pids":[]} x`, `{"meta":{"code":"E_SYNTAX",`},
		{"fnm", `{"pids":[]} {}`, `{"meta":{"code":"E_SYNTAX","syntax-error":"unexpected data`},
		{"fnm", `{"pids":[],"pids":[]}`, `{"meta":{"code":"E_SYNTAX",`},
		{"fnm", `[]`, `{"meta":{"code":"E_SYNTAX",`},
		{"fnm", `{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"pids"}}`},
		{"fnm", `{"pids":"PID1"}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"pids"}}`},
		{"fnm", `{"pids":["PID1",7]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"pids","value":"7"}}`},
		{"fnm", `{"pids":[],"address-types":[null]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"address-types","value":"null"}}`},
		{"fcm", `{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cost-type"}}`},
		{"fcm", `{"cost-type":{"cost-mode":"numerical"}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cost-type/cost-metric"}}`},
		{"fcm", `{"cost-type":{"cost-mode":1,"cost-metric":"routingcost"}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"cost-type/cost-mode"}}`},
		{"fcm", `{"cost-type":{"cost-mode":"foo","cost-metric":"routingcost"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cost-type/cost-mode","value":"foo"}}`},
		{"fcm", `{"cost-type":{"cost-mode":"numerical","cost-metric":"x\"y"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cost-type/cost-metric","value":"x\"y"}}`},
		{"fcm", `{` + routingType + `,"pids":{"srcs":[]}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"pids/dsts"}}`},
		{"fcm", `{` + routingType + `,"pids":{"srcs":[1],"dsts":[]}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"pids/srcs","value":"1"}}`},
		{"fcm", `{` + routingType + `,"constraints":["gt 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"[\"gt 1\"]"}}`},
		{"fcm", `{"multi-cost-types":[` + hopType + `]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"multi-cost-types",`},
		{"tcm", `{` + routingType + `,"constraints":["gt x"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"gt x"}}`},
		{"tcm", `{` + routingType + `,"constraints":["[0] gt 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"[0] gt 1"}}`},
		{"tcm", `{` + routingType + `,"constraints":["ne 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"ne 1"}}`},
		{"tcm", `{` + routingType + `,"constraints":"gt 1"}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"constraints"}}`},
		{"mcm", `{` + routingType + `,"constraints":["gt 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"constraints","value":"gt 1"}}`},
		{"mcm", `{` + routingType + `,"multi-cost-types":[` + hopType + `]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cost-type",`},
		{"mcm", `{"multi-cost-types":[]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"multi-cost-types","value":"[]"}}`},
		{"mcm", `{"multi-cost-types":[` + hopType + `,` + hopType + `,` + hopType + `]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"multi-cost-types",`},
		{"mcm", `{"multi-cost-types":[` + hopType + `],"or-constraints":[[]]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"or-constraints","value":"[]"}}`},
		{"mcm", `{"multi-cost-types":[` + hopType + `],"or-constraints":[["[1] gt 1"]]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"or-constraints","value":"[1] gt 1"}}`},
		{"mcm", `{"multi-cost-types":[` + hopType + `],"or-constraints":[["gt 1"]],"constraints":["gt 1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"or-constraints",`},
		{"mcm", `{"multi-cost-types":[` + hopType + `],"testable-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"testable-cost-types","value":"[`},
		{"mcm", `{` + routingType + `,"testable-cost-types":{}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"testable-cost-types"}}`},
		{"ep", `{"endpoints":["ipv4:192.0.2.1"]}`, `{"meta":{"code":"E_MISSING_FIELD","field":"properties"}}`},
		{"ep", `{"properties":["` + defaultMap + `.pid"]}`, `{"meta":{"code":"E_MISSING_FIELD","field":"endpoints"}}`},
		{"ep", `{"properties":["nope"],"endpoints":["ipv4:192.0.2.1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"properties","value":"nope"}}`},
		{"ep", `{"properties":["` + defaultMap + `.pid"],"endpoints":["ipv4:192.0.2.999"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"endpoints","value":"ipv4:192.0.2.999"}}`},
		{"ep", `{"properties":["` + defaultMap + `.pid"],"endpoints":["ipv6:192.0.2.9"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"endpoints","value":"ipv6:192.0.2.9"}}`},
		{"ec", `{` + routingType + `}`, `{"meta":{"code":"E_MISSING_FIELD","field":"endpoints"}}`},
		{"ec", `{` + routingType + `,"endpoints":{}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"endpoints","value":"{}"}}`},
		{"ec", `{` + routingType + `,"endpoints":{"dsts":["192.0.2.1"]}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"endpoints/dsts","value":"192.0.2.1"}}`},
		{"fcdni", `{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cdni-capabilities"}}`},
		{"fcdni", `{"cdni-capabilities":{}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"cdni-capabilities"}}`},
		{"fcdni", `{"cdni-capabilities":["x"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities","value":"x"}}`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":"x"}]}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cdni-capabilities/capability-value"}}`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":7,"capability-value":1}]}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"cdni-capabilities/capability-type"}}`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":null,"capability-value":1}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities","value":"{\"capability-type\":null,\"capability-value\":1}"}}`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":"x","capability-value":null}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities",`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":"FCI.DeliveryProtocol","capability-value":["http/1.1"]}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities",`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":"FCI.Metadata","capability-value":{"metadata":"a"}}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities",`},
		{"fcdni", `{"cdni-capabilities":[{"capability-type":"FCI.RedirectionMode","capability-value":{"redirection-modes":[1]}}]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"cdni-capabilities",`},
		{"fpm", `{"properties":[]}`, `{"meta":{"code":"E_MISSING_FIELD","field":"entities"}}`},
		{"fpm", `{"entities":["ipv6:::1"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"entities","value":"ipv6:::1"}}`},
		{"fpm", `{"entities":["ipv4:192.0.2.0/33"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"entities","value":"ipv4:192.0.2.0/33"}}`},
		{"fpm", `{"entities":[],"properties":[".nope"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"properties","value":".nope"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.body, func(t *testing.T) {
			w := post(s, "/"+tt.path, paramsOf[tt.path], tt.body)
			if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != MediaError {
				t.Fatalf("status %d, type %q, body %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if got := w.Body.String(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			decode(t, w.Body.String())
		})
	}
}

// TestParameters has the valid neighbours of the errors above.
func TestParameters(t *testing.T) {
	s := errorServer(t)
	const vtag = `{"meta":{"vtag":{"resource-id":"my-default-network-map","tag":"t"}},`
	const costMeta = `{"meta":{"dependent-vtags":[{"resource-id":"my-default-network-map","tag":"t"}],"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},`
	tests := []struct{ path, body, want string }{
		{"fnm", `{"pids":["PID2","PID2","nope"],"unknown":1}`, vtag + `"network-map":{"PID2":{"ipv4":["198.51.100.128/25"]}}}`},
		{"fnm", `{"pids":["nope"]}`, vtag + `"network-map":{}}`},
		{"fnm", `{"pids":[],"address-types":["ipv6","mac"]}`, vtag + `"network-map":{"PID1":{},"PID2":{},"PID3":{"ipv6":["::/0"]}}}`},
		{"fnm", `{"pids":["PID3"],"address-types":[]}`, vtag + `"network-map":{"PID3":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]}}}`},
		{"fcm", `{` + routingType + `,"pids":{"srcs":["PID3","nope"],"dsts":[]}}`, costMeta + `"cost-map":{"PID3":{"PID1":20,"PID2":15}}}`},
		{"fcm", `{` + routingType + `,"pids":{"srcs":["nope"],"dsts":[]}}`, costMeta + `"cost-map":{}}`},
		{"tcm", `{` + routingType + `,"constraints":["ge 5","lt 15"]}`, costMeta + `"cost-map":{"PID1":{"PID2":5,"PID3":10},"PID2":{"PID1":5}}}`},
		{"tcm", `{` + routingType + `,"constraints":[" gt   1e1 "," le 15"]}`, costMeta + `"cost-map":{"PID2":{"PID3":15},"PID3":{"PID2":15}}}`},
		{"tcm", `{` + routingType + `,"constraints":["eq 20"]}`, costMeta + `"cost-map":{"PID3":{"PID1":20}}}`},
		{"mcm", `{` + routingType + `,"testable-cost-types":[` + hopType + `],"constraints":["[0] ge 20"]}`, costMeta + `"cost-map":{"PID3":{"PID1":20}}}`},
		{
			"ep", `{"properties":["` + defaultMap + `.pid"],"endpoints":["ipv6:2001:db8::1","ipv6:2001:db8::1"]}`,
			`{"meta":{"dependent-vtags":[{"resource-id":"my-default-network-map","tag":"t"}]},"endpoint-properties":{"ipv6:2001:db8::1":{"my-default-network-map.pid":"PID3"}}}`,
		},
		{
			"ec", `{` + routingType + `,"endpoints":{"srcs":[],"dsts":["ipv4:198.51.100.130"]}}`,
			`{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"endpoint-cost-map":{"ipv4:192.0.2.2":{"ipv4:198.51.100.130":5}}}`,
		},
		{
			"fpm", `{"entities":[],"properties":[]}`,
			`{"meta":{"dependent-vtags":[{"resource-id":"my-default-network-map","tag":"t"}]},"property-map":{"ipv4:192.0.2.0/24":{".asn":1},"my-default-network-map.pid:PID1":{".region":"x"}}}`,
		},
		{
			"fpm", `{"entities":["ipv4:192.0.2.7","ipv4:10.0.0.1"]}`,
			`{"meta":{"dependent-vtags":[{"resource-id":"my-default-network-map","tag":"t"}]},"property-map":{"ipv4:192.0.2.7":{}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.body, func(t *testing.T) {
			w := post(s, "/"+tt.path, paramsOf[tt.path], tt.body)
			if got := w.Body.String(); w.Code != http.StatusOK || got != tt.want {
				t.Errorf("status %d\ngot  %s\nwant %s", w.Code, got, tt.want)
			}
		})
	}
}

// TestWorkBounds has requests that cost more than they are worth.
func TestWorkBounds(t *testing.T) {
	n := 1000
	pids := make([]string, n)
	for i := range pids {
		pids[i] = fmt.Sprintf("p%d", i)
	}
	lines := append([]string{"rest 0.0.0.0/0"}, pids...)
	c := costs(t, pids, make([]float64, n*n)...)
	s := serving(t, Config{CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: "nm", Service: FullNetworkMap{Map: networkMap(t, "", lines...)}},
		{ID: "cm", Path: "cm", Service: FilteredCostMap{"nm", []CostOffer{{"num-routing", c}}, CostCapabilities{Constraints: true}}},
		{ID: "pm", Path: "pm", Service: FilteredPropertyMap{Map: properties(t, `ipv4 192.0.2.0/24 .a=1`)}},
	}})
	ask := func(tests int) int {
		var where []string
		for i := range tests {
			where = append(where, fmt.Sprintf("\"lt -%d\"", i))
		}
		return post(s, "/cm", MediaCostMapFilter, `{`+routingType+`,"constraints":[`+strings.Join(where, ",")+`]}`).Code
	}
	if few, many := ask(16), ask(17); few != 200 || many != 413 {
		t.Errorf("16 constraints on a million pairs: status %d, 17: %d, want 200 and 413", few, many)
	}
	w := post(s, "/pm", MediaPropertyMapParams, `{"entities":["ipv4:192.0.2.0/24","ipv4:192.0.2.9/24"]}`)
	if want := `{"meta":{},"property-map":{"ipv4:192.0.2.0/24":{}}}`; w.Body.String() != want {
		t.Errorf("one prefix in two spellings: %s, want %s", w.Body, want)
	}
}

func FuzzParameters(f *testing.F) {
	s := errorServer(f)
	f.Add("fnm", `{"pids":["PID1"],"address-types":["ipv4"]}`)
	f.Add("mcm", `{"multi-cost-types":[`+hopType+`],"or-constraints":[["[0] gt 1"]],"pids":{"srcs":[],"dsts":["PID1"]}}`)
	f.Add("ep", `{"properties":["x"],"endpoints":["ipv4:192.0.2.1"]}`)
	f.Add("ec", `{`+routingType+`,"endpoints":{"srcs":["ipv6:::1"]}}`)
	f.Add("fpm", `{"entities":["ipv4:192.0.2.0/25"],"properties":[".asn"]}`)
	f.Add("fcdni", `{"cdni-capabilities":[{"capability-type":"x","capability-value":{"a":[1]}}]}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		media, ok := paramsOf[path]
		if !ok {
			return
		}
		w := post(s, "/"+path, media, body)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("status %d for %q", w.Code, body)
		}
		decode(t, w.Body.String())
	})
}
