package static

import (
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/go-json-experiment/json/jsontext"
)

// readAdvertisements writes base advertisement objects (RFC 9241 Section 3.6) in
// the order of their names.
func readAdvertisements(d *driver.Data, p *params) error {
	for _, name := range sorted(p.CdniAdvertisement, strings.Compare) {
		a := p.CdniAdvertisement[name]
		capability := jsontext.Value(a.GetCapabilityValue())
		if !capability.IsValid() || capability.Kind() != '{' {
			return driver.Errorf(driver.Entry(top+"/cdni-advertisement", "name", name)+"/capability-value", "expected a JSON object")
		}
		b := appendString([]byte(`{"capability-type":`), a.GetCapabilityType())
		b = append(append(b, `,"capability-value":`...), capability...)
		if len(a.Footprint) > 0 {
			b = append(b, `,"footprints":[`...)
			for i, kind := range sorted(a.Footprint, strings.Compare) {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendString(append(b, `{"footprint-type":`...), kind)
				b = append(b, `,"footprint-value":[`...)
				for j, value := range a.Footprint[kind].FootprintValue {
					if j > 0 {
						b = append(b, ',')
					}
					b = appendString(b, value)
				}
				b = append(b, "]}"...)
			}
			b = append(b, ']')
		}
		object := jsontext.Value(append(b, '}'))
		if err := object.Canonicalize(); err != nil {
			return driver.Errorf(driver.Entry(top+"/cdni-advertisement", "name", name), "%w", err)
		}
		d.Advertisements = append(d.Advertisements, object)
	}
	return nil
}

// appendString writes a JSON string; what is not UTF-8, which no leaf can hold, is
// replaced.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
