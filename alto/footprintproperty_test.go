package alto

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// does is an object whose capability is a name, at footprints written TYPE=VALUE.
func does(name string, footprints ...string) BaseAdvertisementObject {
	o := BaseAdvertisementObject{CapabilityType: "t", CapabilityValue: []byte(`"` + name + `"`)}
	for _, f := range footprints {
		kind, value, _ := strings.Cut(f, "=")
		o.Footprints = append(o.Footprints, Footprint{Type: kind, Values: []string{value}})
	}
	return o
}

// capabilityMap has the capabilities of each footprint, as a client reads them.
func capabilityMap(t testing.TB, p FootprintProperties) *PropertyMap {
	t.Helper()
	entities, err := p.Entities()
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewPropertyMap(entities)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// names of the capabilities in a value.
func capabilityNames(v string) string {
	return strings.NewReplacer(`{"capability-type":"t","capability-value":"`, "", `"}`, "", "[", "", "]", "", ",", "").Replace(v)
}

func TestFootprintProperties(t *testing.T) {
	net := networkMap(t, "", "a 192.0.2.0/24", "b 192.0.2.128/25 198.51.100.0/24", "rest 0.0.0.0/0")
	for _, c := range []struct {
		name    string
		objects []BaseAdvertisementObject
		want    string
	}{
		{"nothing", nil, ""},
		{"one of each type", []BaseAdvertisementObject{
			does("X", "ipv4cidr=192.0.2.7/32", "ipv6cidr=2001:db8::/32", "asn=as64496", "countrycode=us", "subdivisioncode=us-ny"),
		}, "asn:as64496=X countrycode:us=X ipv4:192.0.2.7=X ipv6:2001:db8::/32=X subdivisioncode:us-ny=X"},
		{"prefix within another", []BaseAdvertisementObject{does("X", "ipv4cidr=192.0.2.0/25"), does("Y", "ipv4cidr=192.0.2.0/24")}, "ipv4:192.0.2.0/24=Y ipv4:192.0.2.0/25=XY"},
		{"the same within another", []BaseAdvertisementObject{does("X", "ipv4cidr=192.0.2.0/25", "ipv4cidr=192.0.2.0/24")}, "ipv4:192.0.2.0/24=X ipv4:192.0.2.0/25=X"},
		{"everywhere", []BaseAdvertisementObject{does("X", "countrycode=us"), does("Y")}, "countrycode:us=XY ipv4:0.0.0.0/0=Y ipv6:::/0=Y"},
		{"twice", []BaseAdvertisementObject{does("X", "countrycode=us"), does("X", "countrycode=us", "countrycode=us")}, "countrycode:us=X"},
		{"PID", []BaseAdvertisementObject{does("X", "altopid=a")}, "ipv4:192.0.2.0/24=X ipv4:192.0.2.128/25= net.pid:a=X"},
		{"PID within another of the same", []BaseAdvertisementObject{does("X", "altopid=a", "altopid=b")}, "ipv4:192.0.2.0/24=X ipv4:198.51.100.0/24=X net.pid:a=X net.pid:b=X"},
		{"PID and prefix", []BaseAdvertisementObject{does("X", "altopid=b"), does("Y", "ipv4cidr=192.0.2.0/24")}, "ipv4:192.0.2.0/24=Y ipv4:192.0.2.128/25=XY ipv4:198.51.100.0/24=X net.pid:b=X"},
		{"unknown type", []BaseAdvertisementObject{does("X", "planet=earth")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := capabilityMap(t, FootprintProperties{Advertisement: "cdn", Objects: c.objects, NetworkMap: "net", Map: net})
			var got []string
			m.each(func(e *entity) {
				if len(e.properties) != 1 || e.properties[0].Name != "cdn.cdni-capabilities" {
					t.Fatalf("%s has %v", e.id, e.properties)
				}
				got = append(got, e.id+"="+capabilityNames(string(e.properties[0].Value)))
			})
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
	for want, o := range map[string]BaseAdvertisementObject{
		`"us" is not "as"`: does("X", "asn=us"), `"" is neither`: does("X", "ipv4cidr="), `PID "a", but there is no network map`: does("X", "altopid=a"),
	} {
		if _, err := (FootprintProperties{Objects: []BaseAdvertisementObject{o}}).Entities(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestFootprintPropertiesOfAddresses: what a client finds for an address is what the
// objects say whose footprints have it.
func TestFootprintPropertiesOfAddresses(t *testing.T) {
	net := networkMap(t, "", "a 10.0.0.0/30 10.0.0.8/29", "b 10.0.0.0/31 10.0.0.9/32", "rest 0.0.0.0/0 ::/0")
	rapid.Check(t, func(t *rapid.T) {
		footprint := rapid.Custom(func(t *rapid.T) string {
			if rapid.Bool().Draw(t, "pid") {
				return "altopid=" + rapid.SampledFrom([]string{"a", "b", "rest"}).Draw(t, "name")
			}
			addr := netip.AddrFrom4([4]byte{10, 0, 0, byte(rapid.IntRange(0, 15).Draw(t, "last"))})
			return "ipv4cidr=" + netip.PrefixFrom(addr, rapid.IntRange(28, 32).Draw(t, "bits")).Masked().String()
		})
		var objects []BaseAdvertisementObject
		for i, list := range rapid.SliceOfN(rapid.SliceOfN(footprint, 0, 3), 0, 4).Draw(t, "objects") {
			objects = append(objects, does(string(rune('A'+i)), list...))
		}
		entities, err := FootprintProperties{Advertisement: "cdn", Objects: objects, NetworkMap: "net", Map: net}.Entities()
		if err != nil {
			t.Fatal(err)
		}
		m, err := NewPropertyMap(entities)
		if err != nil {
			t.Fatal(err)
		}
		for last := range 16 {
			addr := netip.AddrFrom4([4]byte{10, 0, 0, byte(last)})
			pid, _ := net.Lookup(addr)
			want := ""
			for i, o := range objects {
				has := func(f Footprint) bool {
					return f.Values[0] == pid || strings.Contains(f.Values[0], "/") && netip.MustParsePrefix(f.Values[0]).Contains(addr)
				}
				if len(o.Footprints) == 0 || slices.ContainsFunc(o.Footprints, has) {
					want += string(rune('A' + i))
				}
			}
			got := ""
			if d := m.domain("ipv4"); d != nil {
				p, _ := d.inherited(netip.PrefixFrom(addr, 32), "cdn.cdni-capabilities")
				got = capabilityNames(string(p.Value))
			}
			if got != want {
				t.Fatalf("%s in PID %q has %q, want %q", addr, pid, got, want)
			}
		}
	})
}

// TestEntityNames: domains whose names have a form refuse others, in data and in requests.
func TestEntityNames(t *testing.T) {
	forms := map[string][2][]string{
		"asn":             {{"as0", "as64496", "as4294967295"}, {"64496", "AS64496", "as064496", "as4294967296", "as-1", "as"}},
		"countrycode":     {{"us", "fr"}, {"US", "usa", "u1", "u"}},
		"subdivisioncode": {{"us-ny", "fr-75c", "gb-eng", "at-9"}, {"us", "us-", "US-NY", "us-NY", "us-newy", "us_ny", "usa-ny", "us-n-"}},
		"net.pid":         {{"a", "x:y"}, {"a.b", strings.Repeat("a", 65)}},
	}
	var entities []Entity
	property := []Property{{Name: "p", Value: []byte("1")}}
	for domain, form := range forms {
		for _, name := range form[1] {
			if _, err := NewPropertyMap([]Entity{{domain, name, property}}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", name)) {
				t.Errorf("%s:%s: error %v", domain, name, err)
			}
		}
		for _, name := range form[0] {
			entities = append(entities, Entity{domain, name, property})
		}
	}
	m, err := NewPropertyMap(entities)
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, Config{Resources: []*Resource{
		{ID: "net", Path: "net", Service: FullNetworkMap{Default: true, Map: networkMap(t, "", "a 0.0.0.0/0")}},
		{ID: "f", Path: "f", Service: FilteredPropertyMap{Map: m}},
	}})
	for domain, form := range forms {
		for _, name := range form[0] {
			if w := post(s, "/f", MediaPropertyMapParams, `{"entities":["`+domain+`:`+name+`"],"properties":["p"]}`); w.Code != 200 || !strings.Contains(w.Body.String(), `:`+name+`":{"p":1}`) {
				t.Errorf("%s:%s: %d %s", domain, name, w.Code, w.Body)
			}
		}
		for _, name := range form[1] {
			if w := post(s, "/f", MediaPropertyMapParams, `{"entities":["`+domain+`:`+name+`"]}`); w.Code != 400 || !strings.Contains(w.Body.String(), `"field":"entities","value":"`+domain+`:`+name+`"`) {
				t.Errorf("%s:%s: %d %s", domain, name, w.Code, w.Body)
			}
		}
	}
}

// TestDefiningResourceOfCapabilities: the property is that of an advertisement.
func TestDefiningResourceOfCapabilities(t *testing.T) {
	config := func(advertisement string) Config {
		return Config{Resources: []*Resource{
			{ID: "net", Path: "net", Service: FullNetworkMap{Default: true, Map: networkMap(t, "", "a 0.0.0.0/0")}},
			{ID: "cdn", Path: "cdn", Service: FullCDNIAdvertisement{Advertisement: advertisementOf(t)}},
			{ID: "f", Path: "f", Service: FullPropertyMap{Map: properties(t, "countrycode us "+advertisement+".cdni-capabilities=[]")}},
		}}
	}
	if _, err := NewSnapshot(nil, config("cdn")); err != nil {
		t.Error(err)
	}
	if _, err := NewSnapshot(nil, config("net")); err == nil || !strings.Contains(err.Error(), `resource "net", which defines "net.cdni-capabilities", is not a CDNI advertisement`) {
		t.Errorf("error %v", err)
	}
}

func advertisementOf(t testing.TB, objects ...BaseAdvertisementObject) *CDNIAdvertisement {
	t.Helper()
	a, err := NewCDNIAdvertisement(objects)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
