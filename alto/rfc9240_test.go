package alto

import "testing"

func rfc9240Config(t testing.TB) Config {
	types := []string{".ISP", ".ASN", ".countrycode", ".state"}
	both := []string{"default-network-map", "alt-network-map"}
	pidNames := []string{"default-network-map.pid", "alt-network-map.pid"}
	return Config{BaseURI: "http://alto.example.com", Resources: []*Resource{
		{ID: "default-network-map", Path: "networkmap/default", Service: FullNetworkMap{Default: true, Map: networkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e",
			"defaultpid 0.0.0.0/0 ::/0", "pid1 192.0.2.0/25", "pid2 192.0.2.0/27", "pid3 192.0.3.0/28", "pid4 192.0.3.16/28")}},
		{ID: "alt-network-map", Path: "networkmap/alt", Service: FullNetworkMap{Map: networkMap(t, "c0ce023b8678a7b9ec00324673b98e54656d1f6d",
			"defaultpid 0.0.0.0/0 ::/0", "pid1 192.0.2.0/27", "pid2 192.0.3.0/27")}},
		{ID: "ia-property-map", Path: "propmap/full/inet-ia", Uses: both, Service: FullPropertyMap{
			Map:      properties(t, `ipv4 192.0.2.0/23 .ISP="BitsRus"`, `ipv4 192.0.2.0/27 .ASN="65543"`, `ipv4 192.0.3.0/27 .ASN="65544"`),
			Mappings: []Mapping{{"ipv4", types[:2]}, {"ipv6", types[:2]}},
		}},
		{ID: "iacs-property-map", Path: "propmap/lookup/inet-iacs", Uses: both, Service: FilteredPropertyMap{
			Map: properties(t, `ipv4 192.0.2.0/23 .ISP="BitsRus" .countrycode="us"`,
				`ipv4 192.0.2.0/28 .ASN="65543" .state="NJ"`, `ipv4 192.0.2.16/28 .ASN="65543" .state="CT"`, `ipv4 192.0.2.1 .state="PA"`,
				`ipv4 192.0.3.0/28 .ASN="65544" .state="TX"`, `ipv4 192.0.3.16/28 .ASN="65544" .state="MN"`),
			Mappings: []Mapping{{"ipv4", types}, {"ipv6", types}},
		}},
		{ID: "region-property-map", Path: "propmap/lookup/region", Service: FilteredPropertyMap{
			Map: properties(t, `default-network-map.pid pid1 .region="us-west"`, `default-network-map.pid pid2 .region="us-east"`,
				`alt-network-map.pid pid1 .ASN="65543"`, `alt-network-map.pid pid2 .ASN="65544"`),
		}},
		{ID: "ip-pid-property-map", Path: "propmap/lookup/pid", Service: FilteredPropertyMap{
			Map: properties(t, `ipv4 0.0.0.0/0 default-network-map.pid="defaultpid" alt-network-map.pid="defaultpid"`,
				`ipv4 192.0.2.0/25 default-network-map.pid="pid1"`,
				`ipv4 192.0.2.0/27 default-network-map.pid="pid2" alt-network-map.pid="pid1"`,
				`ipv4 192.0.3.0/28 default-network-map.pid="pid3"`, `ipv4 192.0.3.16/28 default-network-map.pid="pid4"`,
				`ipv4 192.0.3.0/27 alt-network-map.pid="pid2"`),
			Mappings: []Mapping{{"ipv4", pidNames}, {"ipv6", pidNames}},
		}},
		{ID: "legacy-endpoint-property", Path: "legacy/eps-pid", Service: EndpointProperties{Types: pidNames}},
		{ID: "ane-dc-property-map", Path: "propmap/lookup/ane-dc", Service: FilteredPropertyMap{
			Map: properties(t, `.ane dc21 storage-capacity=40000 ram=10000 cpu=500`, `.ane dc45-srv9 storage-capacity=100 ram=8 cpu=20`,
				`.ane dc6-srvcluster8 storage-capacity=6000 ram=300 cpu=100`),
		}},
	}}
}

// TestRFC9240 replays the property map examples of RFC 9240 Section 10.
func TestRFC9240(t *testing.T) {
	s := serving(t, rfc9240Config(t))
	for _, name := range []string{"10.3", "10.4", "10.5", "10.6", "10.7", "10.8", "10.9"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc9240/"+name).check(t, s) })
	}
}

// TestInheritance has the table of RFC 9240 Section 6.1.3.
func TestInheritance(t *testing.T) {
	d := properties(t, `ipv4 192.0.2.0/26 P="v1"`, `ipv4 192.0.2.0/28 P="v2"`, `ipv4 192.0.2.0/30 P="v3"`, `ipv4 192.0.2.0 P="v4"`).domain("ipv4")
	for name, want := range map[string]string{
		"192.0.2.0": `"v4"`, "192.0.2.1": `"v3"`, "192.0.2.16": `"v1"`, "192.0.2.32": `"v1"`, "192.0.2.64": "",
		"192.0.2.0/32": `"v4"`, "192.0.2.0/31": `"v3"`, "192.0.2.0/29": `"v2"`, "192.0.2.0/27": `"v1"`, "192.0.2.0/25": "",
	} {
		prefix, err := parseEntityPrefix("ipv4", name)
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := d.inherited(prefix, "P"); string(p.Value) != want {
			t.Errorf("%s inherits %q, want %q", name, p.Value, want)
		}
	}
}
