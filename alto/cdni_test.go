package alto

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// advertisement builds an advertisement from objects in JSON.
func advertisement(t testing.TB, tag string, objects ...string) *CDNIAdvertisement {
	t.Helper()
	a, err := NewCDNIAdvertisement(objectsOf(t, objects...))
	if err == nil && tag != "" {
		a, err = a.WithTag(tag)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func objectsOf(t testing.TB, objects ...string) []BaseAdvertisementObject {
	t.Helper()
	var list []BaseAdvertisementObject
	for _, text := range objects {
		o, err := ParseBaseAdvertisementObject(jsontext.Value(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

func TestParseBaseAdvertisementObject(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"capability-type":"a","capability-value":1,"footprints":[{"footprint-type":"asn","footprint-value":["as1"]}]}`: true,
		`{"capability-type":"a","capability-value":[],"footprints":null,"unknown":1}`:                                    true,
		`[]`:                     false,
		`{"capability-type":1}`:  false,
		`{"footprints":{}}`:      false,
		`{"footprints":["asn"]}`: false,
		`{"capability-type":"a"`: false,
		`{"footprints":[{"footprint-type":"asn","footprint-value":[1]}]}`: false,
	} {
		if _, err := ParseBaseAdvertisementObject(jsontext.Value(text)); (err == nil) != ok {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

func TestAdvertisementErrors(t *testing.T) {
	good := `{"capability-type":"a","capability-value":{}}`
	footprint := func(kind, value string) string {
		return `{"capability-type":"a","capability-value":{},"footprints":[{"footprint-type":"` + kind + `","footprint-value":["` + value + `"]}]}`
	}
	tests := []struct {
		object string
		ok     bool
	}{
		{good, true},
		{`{"capability-type":"a","capability-value":"any"}`, true},
		{`{"capability-value":{}}`, false},
		{`{"capability-type":"a"}`, false},
		{`{"capability-type":"a","capability-value":null}`, false},
		{`{"capability-type":"a","capability-value":1,"footprints":[{"footprint-value":["x"]}]}`, false},
		{`{"capability-type":"a","capability-value":1,"footprints":[{"footprint-type":"asn","footprint-value":[]}]}`, false},
		{footprint("ipv4cidr", "192.0.2.0/24"), true},
		{footprint("ipv4cidr", "2001:db8::/32"), false},
		{footprint("ipv6cidr", "2001:db8::/32"), true},
		{footprint("ipv6cidr", "2001:db8::/129"), false},
		{footprint("asn", "as4294967295"), true},
		{footprint("asn", "as4294967296"), false},
		{footprint("asn", "as01"), false},
		{footprint("asn", "64496"), false},
		{footprint("countrycode", "us"), true},
		{footprint("countrycode", "US"), false},
		{footprint("altopid", "pid:1"), true},
		{footprint("altopid", "pid.1"), false},
		{footprint("subdivisioncode", "us-ca"), true},
	}
	for _, tt := range tests {
		_, err := NewCDNIAdvertisement(objectsOf(t, good, tt.object))
		var got *AdvertisementError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &got) || got.Object != 1) {
			t.Errorf("%s: error %v", tt.object, err)
		}
	}
	if _, err := advertisement(t, "").WithTag(""); err == nil {
		t.Error("empty tag accepted")
	}
}

func TestAdvertisementTags(t *testing.T) {
	a := advertisement(t, "", `{"capability-type":"a","capability-value":{"b": 1}}`)
	b := advertisement(t, "", `{"capability-value":{"b":1},"capability-type":"a","footprints":[]}`)
	c := advertisement(t, "", `{"capability-type":"a","capability-value":{"b":2}}`)
	if a.Tag() != b.Tag() || a.Tag() == c.Tag() {
		t.Error("tags do not follow the content")
	}
}

func cdniServer(t testing.TB) *Server {
	return serving(t, Config{Resources: []*Resource{
		{ID: "ad", Path: "ad", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, "t",
			`{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["https/1.1","http/1.1"],"more":[1]}}`,
			`{"capability-type":"FCI.Logging","capability-value":{"record-type":"cdni_http_request_v1","fields":["s-ccid"]}}`,
			`{"capability-type":"FCI.Metadata","capability-value":["odd"]}`,
			`{"capability-type":"x","capability-value":{"a":[1,2,{"b":1,"c":2}],"d":"e"}}`)}},
		{ID: "part", Path: "part", Account: "ad", Service: FilteredCDNIAdvertisement{"ad"}},
	}})
}

func TestFilteredAdvertisement(t *testing.T) {
	s := cdniServer(t)
	all := []string{"FCI.DeliveryProtocol", "FCI.Logging", "FCI.Metadata", "x"}
	tests := []struct {
		name, capabilities string
		want               []string
	}{
		{"all", ``, all},
		{"subset", `{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["http/1.1"]}}`, all[:1]},
		{"empty subset", `{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":[]}}`, all[:1]},
		{"other members do not count", `{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["http/1.1"],"more":[2]}}`, all[:1]},
		{"not all", `{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["http/1.1","http/2"]}}`, nil},
		{"other type", `{"capability-type":"FCI.AcquisitionProtocol","capability-value":{"acquisition-protocols":["http/1.1"]}}`, nil},
		{"optional fields", `{"capability-type":"FCI.Logging","capability-value":{"record-type":"cdni_http_request_v1","fields":["other"]}}`, all[1:2]},
		{"other record type", `{"capability-type":"FCI.Logging","capability-value":{"record-type":"other"}}`, nil},
		{"advertised in another form", `{"capability-type":"FCI.Metadata","capability-value":{"metadata":["odd"]}}`, nil},
		{"unknown type", `{"capability-type":"x","capability-value":{"a":[{"c":2.0,"b":1},1]}}`, all[3:]},
		{"unknown type, missing element", `{"capability-type":"x","capability-value":{"a":[{"b":1}]}}`, nil},
		{"unknown type, missing member", `{"capability-type":"x","capability-value":{"f":1}}`, nil},
		{"unknown type, other value", `{"capability-type":"x","capability-value":{"d":"f"}}`, nil},
		{"two", `{"capability-type":"x","capability-value":{}},{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":["http/1.1"]}},{"capability-type":"x","capability-value":{}}`, []string{all[0], all[3]}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := post(s, "/part", MediaCDNIFilter, `{"cdni-capabilities":[`+tt.capabilities+`]}`)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != MediaCDNI {
				t.Fatalf("status %d, type %q: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			body := decode(t, w.Body.String()).(map[string]any)
			var got []string
			for _, o := range body["cdni-advertisement"].(map[string]any)["capabilities-with-footprints"].([]any) {
				got = append(got, o.(map[string]any)["capability-type"].(string))
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("objects %q, want %q", got, tt.want)
			}
			if tag := tagIn(body, "vtag"); tag != "t" {
				t.Errorf("tag %q, want that of the full resource", tag)
			}
		})
	}
	if got := s.Snapshot().byID.At("ad").Service.(FullCDNIAdvertisement).Advertisement.NumObjects(); got != 4 {
		t.Errorf("%d objects", got)
	}
	if got := statsOf(t, s, "ad"); got.BaseObjects != 4 || got.EncodedBytes == 0 || got.MemoryBytes <= got.EncodedBytes {
		t.Errorf("%d base objects, %d bytes encoded, %d in memory", got.BaseObjects, got.EncodedBytes, got.MemoryBytes)
	}
}

// TestManyCapabilities has a request that costs more than it is worth.
func TestManyCapabilities(t *testing.T) {
	var objects []string
	for range 2000 {
		objects = append(objects, `{"capability-type":"x","capability-value":{}}`)
	}
	s := serving(t, Config{Resources: []*Resource{
		{ID: "ad", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, "", objects...)}},
		{ID: "part", Path: "part", Service: FilteredCDNIAdvertisement{"ad"}},
	}})
	ask := func(n int) int {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"capability-type":"x","capability-value":%d}`, i))
		}
		return post(s, "/part", MediaCDNIFilter, `{"cdni-capabilities":[`+strings.Join(list, ",")+`]}`).Code
	}
	if few, many := ask(8000), ask(9000); few != 200 || many != 413 {
		t.Errorf("8000 capabilities against 2000 objects: status %d, 9000: %d, want 200 and 413", few, many)
	}
}
