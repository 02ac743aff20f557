package alto

import (
	"strings"
	"testing"
)

// delivering is the value of cdni-capabilities in Section 6.3.
func delivering(protocols string) string {
	return `my-default-cdnifci.cdni-capabilities=[{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":[` + protocols + `]}}]`
}

// footprints are those of the filtered property map of Section 6.3, the first with these
// protocols. The PID of an address comes from the network map.
func footprints(t testing.TB, first string) FilteredPropertyMap {
	const pid = "my-default-network-map.pid"
	addresses := []string{"my-default-cdnifci.cdni-capabilities", pid}
	return FilteredPropertyMap{
		Map:      properties(t, `ipv4 192.0.2.0/24 `+pid+`="PID1" `+delivering(first), `ipv6 2001:db8::/32 `+pid+`="PID3" `+delivering(`"http/1.1"`)),
		Mappings: []Mapping{{"ipv4", addresses}, {"ipv6", addresses}, {"countrycode", addresses[:1]}, {"asn", addresses[:1]}},
	}
}

func rfc9241Config(t testing.TB) Config {
	capabilities := []string{"my-default-cdnifci.cdni-capabilities"}
	one, two := delivering(`"http/1.1"`), delivering(`"https/1.1","http/1.1"`)
	return Config{BaseURI: "https://alto.example.com", Resources: []*Resource{
		{ID: "my-default-network-map", Path: "networkmap", Service: FullNetworkMap{Map: rfcNetworkMap(t, ""), Default: true}},
		{ID: "my-eu-netmap", Path: "myeunetmap", Service: FullNetworkMap{Map: networkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e",
			"south-france 192.0.2.0/24 198.51.100.0/25 2001:db8::/32", "germany 203.0.113.0/24", "elsewhere 0.0.0.0/0 ::/0")}},
		{ID: "my-default-cdnifci", Path: "cdnifci", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, oldTag,
			`{"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": ["http/1.1"]}, "footprints": [
				{"footprint-type": "ipv4cidr", "footprint-value": ["192.0.2.0/24"]}, {"footprint-type": "ipv6cidr", "footprint-value": ["2001:db8::/32"]}]}`,
			`{"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": ["https/1.1", "http/1.1"]}, "footprints": [
				{"footprint-type": "ipv4cidr", "footprint-value": ["198.51.100.0/24"]}]}`,
			`{"capability-type": "FCI.AcquisitionProtocol", "capability-value": {"acquisition-protocols": ["https/1.1"]}, "footprints": [
				{"footprint-type": "ipv4cidr", "footprint-value": ["203.0.113.0/24"]}]}`)}},
		{ID: "my-cdnifci-with-pid-footprints", Path: "networkcdnifci", Service: FullCDNIAdvertisement{
			NetworkMap: "my-eu-netmap",
			Advertisement: advertisement(t, "dasdfa10ce8b059740bddsfasd8eb1d47853716",
				`{"capability-type": "FCI.DeliveryProtocol", "capability-value": ["https/1.1"], "footprints": [{"footprint-type": "altopid", "footprint-value": ["south-france"]}]}`,
				`{"capability-type": "FCI.AcquisitionProtocol", "capability-value": ["https/1.1"], "footprints": [{"footprint-type": "altopid", "footprint-value": ["germany", "south-france"]}]}`),
		}},
		{ID: "my-filtered-cdnifci", Path: "cdnifci/filtered", Service: FilteredCDNIAdvertisement{"my-default-cdnifci"}},
		{ID: "cdnifci-property-map", Path: "propmap/full/cdnifci", Service: FullPropertyMap{
			Map: properties(t, "countrycode us "+one, "ipv4 192.0.2.0/24 "+one, "ipv4 198.51.100.0/24 "+two,
				"ipv4 203.0.113.0/24 "+strings.NewReplacer("Delivery", "Acquisition", "delivery", "acquisition").Replace(one), "ipv6 2001:db8::/32 "+one, "asn as64496 "+two),
			Mappings: []Mapping{{"ipv4", capabilities}, {"ipv6", capabilities}, {"countrycode", capabilities}, {"asn", capabilities}},
		}},
		{ID: "filtered-cdnifci-property-map", Path: "propmap/lookup/cdnifci-pid", Service: footprints(t, `"http/1.1"`)},
		{ID: "update-my-cdni-fci", Path: "updates/cdnifci", Service: UpdateStreams{Covers: []string{
			"my-default-network-map", "my-eu-netmap", "my-default-cdnifci", "my-filtered-cdnifci", "my-cdnifci-with-pid-footprints",
		}, Patches: map[string]PatchFormats{"my-default-network-map": JSONPatch, "my-eu-netmap": JSONPatch}}},
		{ID: "update-my-props", Path: "updates/properties", Service: UpdateStreams{Covers: []string{
			"my-default-network-map", "my-default-cdnifci", "cdnifci-property-map", "filtered-cdnifci-property-map",
		}, Patches: map[string]PatchFormats{"my-default-network-map": JSONPatch}}},
	}}
}

func rfc9241Changes(t testing.TB) map[string]func(*Config) {
	return map[string]func(*Config){
		"acquisition without south-france": replace(&Resource{ID: "my-cdnifci-with-pid-footprints", Path: "networkcdnifci", Service: FullCDNIAdvertisement{
			NetworkMap: "my-eu-netmap",
			Advertisement: advertisement(t, newTag,
				`{"capability-type": "FCI.DeliveryProtocol", "capability-value": ["https/1.1"], "footprints": [{"footprint-type": "altopid", "footprint-value": ["south-france", "germany"]}]}`,
				`{"capability-type": "FCI.AcquisitionProtocol", "capability-value": ["https/1.1"], "footprints": [{"footprint-type": "altopid", "footprint-value": ["germany"]}]}`),
		}}),
		"delivery to 192.0.2.0/24": replace(&Resource{ID: "my-default-cdnifci", Path: "cdnifci", Service: FullCDNIAdvertisement{
			Advertisement: advertisement(t, newTag, `{"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": ["https/1.1", "http/1.1"]},
				"footprints": [{"footprint-type": "ipv4cidr", "footprint-value": ["198.51.100.0/24", "192.0.2.0/24"]}]}`),
		}}),
		"without http/1.1":    deliveryTo(t, "maintenance", `"203.0.113.0/24"`),
		"more addresses":      deliveryTo(t, newTag, `"203.0.113.0/24", "192.0.2.0/24"`),
		"footprint has https": replace(&Resource{ID: "filtered-cdnifci-property-map", Path: "propmap/lookup/cdnifci-pid", Service: footprints(t, `"http/1.1","https/1.1"`)}),
	}
}

// deliveryTo replaces the advertisement of Section 3.7.3.
func deliveryTo(t testing.TB, tag, prefixes string) func(*Config) {
	return replace(&Resource{ID: "my-default-cdnifci", Path: "cdnifci", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, tag,
		`{"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": ["https/1.1"]},
			"footprints": [{"footprint-type": "ipv4cidr", "footprint-value": [`+prefixes+`]}]}`)}})
}

// TestRFC9241 replays examples of RFC 9241. What is corrected in a vector stands at
// its head.
func TestRFC9241(t *testing.T) {
	s := serving(t, rfc9241Config(t))
	for _, name := range []string{"3.7.1", "3.7.2", "4.2.1", "4.2.2", "5.7.1", "6.3.1", "6.3.2"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc9241/"+name).check(t, s) })
	}
	for _, name := range []string{"3.7.3", "4.2.3", "5.7.2", "6.3.3"} {
		t.Run(name, func(t *testing.T) {
			converse(t, "rfc9241/"+name, serving(t, rfc9241Config(t)), rfc9241Changes(t))
		})
	}
}
