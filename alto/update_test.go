package alto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawVersion draws what is served at one moment, of every kind that has updates.
func drawVersion(t *rapid.T) Config {
	m := drawNetworkMap(t)
	pids := slices.DeleteFunc(m.Names(), func(string) bool { return rapid.IntRange(0, 5).Draw(t, "no costs") == 0 })
	matrix := func() *CostMatrix {
		cells := NewCosts(len(pids))
		for i := range cells {
			if c := rapid.IntRange(-1, 2).Draw(t, "cost"); c >= 0 {
				cells[i] = float64(c)
			}
		}
		c, err := NewCostMatrix(slices.Clone(pids), cells)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	routing, hops, properties := matrix(), matrix(), drawPropertyMap(t)
	offers := []CostOffer{{"num-routing", routing}, {"num-hop", hops}}
	values := rapid.SampledFrom([]string{`["a"]`, `["b","a"]`, `["c"]`}).Draw(t, "capability")
	advertised, err := NewCDNIAdvertisement([]BaseAdvertisementObject{
		{CapabilityType: "x/~", CapabilityValue: jsontext.Value(`{"v":` + values + `}`)}, {CapabilityType: "y", CapabilityValue: jsontext.Value(values)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return Config{CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: "nm", Service: FullNetworkMap{Map: m}},
		{ID: "nmf", Service: FilteredNetworkMap{NetworkMap: "nm"}},
		{ID: "cm", Service: FullCostMap{"nm", "num-routing", routing}},
		{ID: "cmf", Service: FilteredCostMap{"nm", offers, CostCapabilities{MaxCostTypes: 2}}},
		{ID: "cmt", Service: FilteredCostMap{"nm", offers[:1], CostCapabilities{Constraints: true}}},
		{ID: "ec", Service: EndpointCosts{Map: m, Offers: offers}},
		{ID: "pm", Service: FullPropertyMap{Map: properties, Mappings: []Mapping{
			{"ipv4", []string{"p", "nm.pid", ".q"}}, {"ipv6", []string{"p", "nm.pid", ".q"}}, {"countrycode", []string{"p", "nm.pid", ".q"}}, {"priv:x", []string{"p", "nm.pid", ".q"}},
		}}},
		{ID: "cdni", Service: FullCDNIAdvertisement{Advertisement: advertised}},
	}}
}

// inputs are parameters of the services that take some.
var inputs = map[string]string{
	"nmf": `{"pids":["a:1","z"]}`,
	"cmf": `{"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"},` + hopType + `]}`,
	"cmt": `{` + routingType + `,"constraints":["ge 1"]}`,
	"ec":  `{"cost-type":` + hopType + `,"endpoints":{"srcs":["ipv4:10.1.0.1"],"dsts":["ipv4:10.2.0.1","ipv6:2001::1"]}}`,
}

// TestUpdatesProperty applies the updates between random versions, in each set of
// formats: a client always has what is served.
func TestUpdatesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s *Snapshot
		held := make(map[string]any) // by resource and formats
		for range rapid.IntRange(2, 3).Draw(t, "versions") {
			next, err := NewSnapshot(s, drawVersion(t))
			if err != nil {
				t.Fatal(err)
			}
			for id := range next.byID.All() {
				for formats := range AllPatches + 1 {
					key := fmt.Sprint(id, formats)
					held[key] = advanced(t, held[key], s, next, id, formats)
				}
			}
			s = next
		}
	})
}

// advanced applies an update to what a client has and compares it with the response.
func advanced(t *rapid.T, has any, prev, next *Snapshot, id string, formats PatchFormats) any {
	sub := &substream{id: id, resource: id, accepts: next.byID.At(id).accepts, formats: formats}
	if sub.accepts != "" {
		params, e := parseParameters([]byte(inputs[id]))
		if e != nil {
			t.Fatalf("%s: %s", id, e.encoded())
		}
		sub.input = params
	}
	from := view{}
	if prev != nil {
		from = view{prev, sub}
	}
	u := newUpdate(from, view{next, sub}, formats)
	u.make()
	if u.failure != nil {
		t.Fatalf("%s: %s", id, u.failure.encoded())
	}
	full, media, _ := view{next, sub}.response()
	want := decode(t, string(full.head)+string(full.body))
	if text := string(bytes.Join(u.parts, nil)); u.changed {
		has = applyUpdate(t, u.media, has, text)
		if size := len(full.head) + len(full.body); u.media != media && len(text) >= size {
			t.Fatalf("%s: a patch of %d bytes for a response of %d", id, len(text), size)
		}
	}
	if diff := cmp.Diff(want, has); diff != "" {
		t.Fatalf("%s by %s in formats %q (-want +got):\n%s", id, u.media, formats, diff)
	}
	return has
}

func applyUpdate(t *rapid.T, media string, has any, text string) any {
	if media == MediaMergePatch || media == MediaJSONPatch {
		now, err := applyPatch(media, has, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return now
	}
	var now any
	if err := json.Unmarshal([]byte(text), &now); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return now
}
