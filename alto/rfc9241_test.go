package alto

import "testing"

const rfc9241Tag = "da65eca2eb7a10ce8b059740b0b2e3f8eb1d4785"

func rfc9241Config(t testing.TB) Config {
	return Config{BaseURI: "https://alto.example.com", Resources: []*Resource{
		{ID: "my-default-network-map", Path: "networkmap", Service: FullNetworkMap{Map: rfcNetworkMap(t, ""), Default: true}},
		{ID: "my-eu-netmap", Path: "myeunetmap", Service: FullNetworkMap{Map: networkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e",
			"south-france 192.0.2.0/24 198.51.100.0/25 2001:db8::/32", "germany 203.0.113.0/24", "elsewhere 0.0.0.0/0 ::/0")}},
		{ID: "my-default-cdnifci", Path: "cdnifci", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, rfc9241Tag,
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
	}}
}

// TestRFC9241 replays examples of RFC 9241. What is corrected in a vector stands at
// its head.
func TestRFC9241(t *testing.T) {
	s := serving(t, rfc9241Config(t))
	for _, name := range []string{"3.7.2", "4.2.1", "4.2.2", "5.7.1"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc9241/"+name).check(t, s) })
	}
}
