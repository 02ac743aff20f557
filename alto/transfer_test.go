package alto

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// pieces are data of each kind.
func pieces(t testing.TB) []Data {
	t.Helper()
	m, err := NewNetworkMap(pidsOf("a 0.0.0.0/0 ::/0", "b 10.0.0.0/8 2001:db8::/32", "empty"))
	if err != nil {
		t.Fatal(err)
	}
	tagged, err := m.WithTag("other")
	if err != nil {
		t.Fatal(err)
	}
	costs, err := NewCostMatrix([]string{"a", "b"}, []float64{0, 1.5, NoCost(), -2})
	if err != nil {
		t.Fatal(err)
	}
	properties, err := NewPropertyMap([]Entity{
		{Domain: "ipv4", Name: "192.0.2.0/24", Properties: []Property{{"asn", jsontext.Value(`"64496"`)}}},
		{Domain: "ipv6", Name: "2001:db8::1", Properties: []Property{{"a", jsontext.Value(`{"b":[1,null]}`)}, {"c", jsontext.Value(`null`)}}},
		{Domain: "pid", Name: "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	object, err := ParseBaseAdvertisementObject(jsontext.Value(`{"capability-type":"FCI.Metadata","capability-value":{"metadata":["a"]},"footprints":[{"footprint-type":"countrycode","footprint-value":["de"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	advertisement, err := NewCDNIAdvertisement([]BaseAdvertisementObject{object})
	if err != nil {
		t.Fatal(err)
	}
	return []Data{m, tagged, costs, properties, advertisement, pathMatrix(t, []string{"a", "b"}, "a b x y x", "b a")}
}

func TestTransferData(t *testing.T) {
	for _, d := range pieces(t) {
		form, err := EncodeData(d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeData(form)
		if err != nil {
			t.Fatalf("%T: %v", d, err)
		}
		if got.Tag() != d.Tag() || string(got.encoded()) != string(d.encoded()) {
			t.Errorf("%T with tag %s and %s came out with %s and %s", d, d.Tag(), d.encoded(), got.Tag(), got.encoded())
		}
		again, err := EncodeData(got)
		if err != nil || DigestOf(again) != DigestOf(form) {
			t.Errorf("%T has another form after a transfer: %q, before %q (%v)", d, again, form, err)
		}
		for cut := range len(form) {
			if _, err := DecodeData(form[:cut]); err == nil {
				t.Fatalf("%T: %d of %d octets are accepted", d, cut, len(form))
			}
		}
		if _, err := DecodeData(append(form, 'x')); err == nil {
			t.Errorf("%T: an octet too many is accepted", d)
		}
	}
	if _, err := DecodeData([]byte("x")); err == nil {
		t.Error("data of no kind is accepted")
	}
}

func FuzzDecodeData(f *testing.F) {
	for _, d := range pieces(f) {
		form, err := EncodeData(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(form)
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		d, err := DecodeData(form)
		if err != nil {
			return
		}
		again, err := EncodeData(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeData(again); err != nil || string(got.encoded()) != string(d.encoded()) {
			t.Errorf("%q became %q", form, again)
		}
	})
}

func TestTransferResources(t *testing.T) {
	all := pieces(t)
	m, costs, properties, advertisement := all[0].(*NetworkMap), all[2].(*CostMatrix), all[3].(*PropertyMap), all[4].(*CDNIAdvertisement)
	capabilities := CostCapabilities{MaxCostTypes: 2, Testable: []string{"n"}}
	list := []Service{
		FullNetworkMap{Map: m, Default: true},
		FilteredNetworkMap{NetworkMap: "net"},
		FullCostMap{NetworkMap: "net", CostType: "n", Costs: costs},
		FilteredCostMap{NetworkMap: "net", Offers: []CostOffer{{"n", costs}}, CostCapabilities: capabilities},
		EndpointProperties{Types: []string{"net.pid"}},
		EndpointProperties{Types: []string{}, Values: properties},
		EndpointCosts{Map: m, Offers: []CostOffer{{"n", costs}}, CostCapabilities: capabilities},
		FullPropertyMap{Map: properties},
		FilteredPropertyMap{Map: properties, Mappings: []Mapping{{"ipv4", []string{"asn"}}}},
		FullCDNIAdvertisement{Advertisement: advertisement, NetworkMap: "net"},
		FilteredCDNIAdvertisement{Full: "cdn"},
		PathVectorCostMap{FilteredCostMap{NetworkMap: "net", Offers: []CostOffer{{"n", costs}}}, PathVectors{"p", all[5].(*PathMatrix), properties, []string{"a"}, true}},
		PathVectorEndpointCosts{EndpointCosts{Map: m}, PathVectors{CostType: "p", Paths: all[5].(*PathMatrix)}},
		UpdateStreams{Covers: []string{"net"}, MaxStreams: 1, KeepAlive: time.Minute},
		UpdateStreams{Covers: []string{"net"}, Patches: map[string]PatchFormats{"net": JSONPatch}},
		TIPS{Covers: []string{"net"}, Patches: map[string]PatchFormats{"net": MergePatch}, Retention: 7, IdleTimeout: time.Minute},
		Directory{},
		Delegation{URI: "https://x/"},
	}
	byDigest := make(map[Digest]Data)
	kinds := make(map[reflect.Type]bool)
	for _, s := range list {
		kinds[reflect.TypeOf(s)] = true
		r := &Resource{ID: "r", Path: "p/q", Account: "a", Roles: []string{"x"}, Uses: []string{"net"}, Directory: "d", Service: s}
		form, err := EncodeResource(r, func(d Data) Digest {
			text, err := EncodeData(d)
			if err != nil {
				t.Fatal(err)
			}
			byDigest[DigestOf(text)] = d
			return DigestOf(text)
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeResource(form, func(d Digest) Data { return byDigest[d] })
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if !reflect.DeepEqual(got, r) {
			t.Errorf("%#v came out as %#v, by way of %s", r, got, form)
		}
		asked := false
		_, err = DecodeResource(form, func(Digest) Data { asked = true; return nil })
		if (err != nil) != asked {
			t.Errorf("%s without its data: %v", form, err)
		}
	}
	if len(kinds) != len(services) {
		t.Errorf("%d of %d services are tested", len(kinds), len(services))
	}
	if _, err := DecodeResource(jsontext.Value(`{"id":"r","kind":"?","service":{}}`), nil); err == nil {
		t.Error("a service that there is not is accepted")
	}
}

func TestDigestText(t *testing.T) {
	d := DigestOf([]byte("x"))
	var got Digest
	if err := got.UnmarshalText([]byte(d.String())); err != nil || got != d {
		t.Errorf("%s became %s (%v)", d, got, err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("x", 64), d.String() + "00"} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	if _, err := EncodeData(nil); err == nil || errors.Is(err, errShortForm) {
		t.Errorf("no data: %v", err)
	}
}
