package agent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entityOf is an entity of a static source with its properties, each NAME=VALUE.
func entityOf(domain, name string, properties ...string) object {
	var values list
	for _, p := range properties {
		key, value, _ := strings.Cut(p, "=")
		property := object{"name": key, "value": value}
		if strings.Trim(value, "0123456789") == "" && domain == ".ane" {
			property = object{"name": key, "json-value": value}
		}
		values = append(values, property)
	}
	return object{"domain": domain, "name": name, "property": values}
}

// propertyServer is the configuration of RFC 9240 Sections 10.1 to 10.3; filtered services
// have the IDs that the agent gives them.
func propertyServer() object {
	entities := func(id string, list ...any) object { return static(id, object{"entity": list}) }
	network := func(id, source string, params object) object {
		return networkMap(id, source, with(object{"altoam-algorithm-from-source:from-source": object{"source": source, "default-pid": "defaultpid"}}, params))
	}
	regions := func(name, region string) object {
		return with(pid(name), object{"property": list{object{"name": ".region", "value": region}}})
	}
	systems := func(name, asn string) object {
		return with(pid(name), object{"property": list{object{"name": ".ASN", "value": asn}}})
	}
	propertyMap := func(id, source string, filtered bool, mappings ...any) object {
		params := object{"altoam-algorithm-from-source:from-source": object{"source": source, "filtered": filtered}}
		if mappings != nil {
			params["altoam-propmap:mapping"] = append(list{}, mappings...)
		}
		return object{"resource-id": id, "resource-type": "ietf-alto:property-map", "alto-propmap-params": params}
	}
	both := func(properties ...any) (mappings []any) {
		for _, domain := range []string{"ipv4", "ipv6"} {
			mappings = append(mappings, object{"entity-domain": domain, "property": append(list{}, properties...)})
		}
		return mappings
	}
	return object{
		"listen": listenHTTP(),
		"data-source": list{
			static("default", object{"pid": list{
				with(regions("pid1", "us-west"), object{"prefix": list{"192.0.2.0/25"}}), with(regions("pid2", "us-east"), object{"prefix": list{"192.0.2.0/27"}}),
				with(regions("pid3", "us-south"), object{"prefix": list{"192.0.3.0/28"}}), with(regions("pid4", "us-north"), object{"prefix": list{"192.0.3.16/28"}}),
			}}),
			static("alt", object{"pid": list{
				with(systems("pid1", "65543"), object{"prefix": list{"192.0.2.0/27"}}), with(systems("pid2", "65544"), object{"prefix": list{"192.0.3.0/27"}}),
			}}),
			entities("ia", entityOf("ipv4", "192.0.2.0/23", ".ISP=BitsRus"), entityOf("ipv4", "192.0.2.0/27", ".ASN=65543"), entityOf("ipv4", "192.0.3.0/27", ".ASN=65544")),
			entities("iacs", entityOf("ipv4", "192.0.2.0/23", ".ISP=BitsRus", ".countrycode=us"),
				entityOf("ipv4", "192.0.2.0/28", ".ASN=65543", ".state=NJ"), entityOf("ipv4", "192.0.2.16/28", ".ASN=65543", ".state=CT"), entityOf("ipv4", "192.0.2.1", ".state=PA"),
				entityOf("ipv4", "192.0.3.0/28", ".ASN=65544", ".state=TX"), entityOf("ipv4", "192.0.3.16/28", ".ASN=65544", ".state=MN")),
			entities("dc", entityOf(".ane", "dc21", "storage-capacity=40000", "ram=10000", "cpu=500"), entityOf(".ane", "dc45-srv9", "storage-capacity=100", "ram=8", "cpu=20"),
				entityOf(".ane", "dc6-srvcluster8", "storage-capacity=6000", "ram=300", "cpu=100")),
		},
		"resource": list{
			network("default-network-map", "default", object{"is-default": true}), network("alt-network-map", "alt", nil),
			propertyMap("ia", "ia", false, both(".ISP", ".ASN")...),
			propertyMap("iacs", "iacs", true, both(".ISP", ".ASN", ".countrycode", ".state")...),
			with(propertyMap("region", "default", true), object{"dependency": list{"default-network-map"}}),
			with(propertyMap("region-alt", "alt", true), object{"dependency": list{"alt-network-map"}}),
			object{"resource-id": "legacy", "resource-type": "ietf-alto:endpoint-prop", "alto-endpointprop-params": object{
				"prop-type": list{"default-network-map.pid", "alt-network-map.pid"}, "altoam-algorithm-from-source:from-source": object{},
			}},
			propertyMap("ane-dc", "dc", true),
		},
	}
}

// TestPropertyMapsOfRFC9240 gets the answers of RFC 9240 Section 10 from a configuration.
func TestPropertyMapsOfRFC9240(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(propertyServer()))
	for _, c := range []struct {
		section, path, ask, want, uses string
	}{
		{"10.4", "propmap/ia", "", `{"ipv4:192.0.2.0/23":{".ISP":"BitsRus"},"ipv4:192.0.2.0/27":{".ASN":"65543"},"ipv4:192.0.3.0/27":{".ASN":"65544"}}`, "[]"},
		{
			"10.5", "propmapfilter/iacs", `{"entities":["ipv4:192.0.2.0","ipv4:192.0.2.1","ipv4:192.0.2.17"],"properties":[".ISP",".ASN",".state"]}`,
			`{"ipv4:192.0.2.0":{".ISP":"BitsRus",".ASN":"65543",".state":"NJ"},"ipv4:192.0.2.1":{".ISP":"BitsRus",".ASN":"65543",".state":"PA"},"ipv4:192.0.2.17":{".ISP":"BitsRus",".ASN":"65543",".state":"CT"}}`, "[]",
		},
		{
			"10.6", "propmapfilter/iacs", `{"entities":["ipv4:192.0.2.0/26","ipv4:192.0.3.0/26"],"properties":[".ISP",".ASN",".countrycode",".state"]}`,
			`{"ipv4:192.0.2.0/26":{".ISP":"BitsRus",".countrycode":"us"},"ipv4:192.0.2.0/28":{".ASN":"65543",".state":"NJ"},"ipv4:192.0.2.16/28":{".ASN":"65543",".state":"CT"},"ipv4:192.0.2.1":{".state":"PA"},
			"ipv4:192.0.3.0/26":{".ISP":"BitsRus",".countrycode":"us"},"ipv4:192.0.3.0/28":{".ASN":"65544",".state":"TX"},"ipv4:192.0.3.16/28":{".ASN":"65544",".state":"MN"}}`, "[]",
		},
		{
			"10.7", "propmapfilter/region", `{"entities":["default-network-map.pid:pid1","default-network-map.pid:pid2"],"properties":[".region"]}`,
			`{"default-network-map.pid:pid1":{".region":"us-west"},"default-network-map.pid:pid2":{".region":"us-east"}}`, "[default-network-map]",
		},
		{
			"10.7", "propmapfilter/region-alt", `{"entities":["alt-network-map.pid:pid1","alt-network-map.pid:defaultpid"],"properties":[".ASN"]}`,
			`{"alt-network-map.pid:pid1":{".ASN":"65543"}}`, "[alt-network-map]",
		},
		{
			"10.9", "propmapfilter/ane-dc", `{"entities":[".ane:dc21",".ane:dc45-srv9"],"properties":["storage-capacity","ram","cpu"]}`,
			`{".ane:dc21":{"storage-capacity":40000,"ram":10000,"cpu":500},".ane:dc45-srv9":{"storage-capacity":100,"ram":8,"cpu":20}}`, "[]",
		},
	} {
		got, uses := l.entitiesAt(c.path, c.ask)
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(uses) != c.uses {
			t.Errorf("Section %s: uses %v (-want +got):\n%s", c.section, uses, diff)
		}
	}
	_, text := l.request("POST", "endpointprop/legacy", "application/alto-endpointpropparams+json",
		`{"properties":["default-network-map.pid","alt-network-map.pid"],"endpoints":["ipv4:192.0.2.129","ipv4:192.0.2.0"]}`)
	if !strings.Contains(text, `"ipv4:192.0.2.129":{"default-network-map.pid":"defaultpid","alt-network-map.pid":"defaultpid"},"ipv4:192.0.2.0":{"default-network-map.pid":"pid2","alt-network-map.pid":"pid1"}`) {
		t.Errorf("endpoint properties: %s", text)
	}
	_, directory := l.get("directory")
	for _, want := range []string{
		`{"mappings":{"ipv4":[".ISP",".ASN",".countrycode",".state"],"ipv6":[".ISP",".ASN",".countrycode",".state"]}}`,
		`{"mappings":{"default-network-map.pid":[".region"]}},"uses":["default-network-map"]`, `{"mappings":{".ane":["cpu","ram","storage-capacity"]}}`,
	} {
		if !strings.Contains(directory, want) {
			t.Errorf("IRD lacks %s: %s", want, directory)
		}
	}
}
