package alto

import (
	"fmt"
	"hash"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Footprint is a set of places that requests come from (RFC 9241 Section 3.6):
// all that one of the values names, which are of one type.
type Footprint struct {
	Type   string // ipv4cidr, ipv6cidr, asn, countrycode, altopid or another registered one
	Values []string
}

// BaseAdvertisementObject is a capability of a CDN and where it has it (RFC 9241
// Section 3.6).
type BaseAdvertisementObject struct {
	CapabilityType  string
	CapabilityValue jsontext.Value // not null
	Footprints      []Footprint    // empty: everywhere
}

// ParseBaseAdvertisementObject reads an object in the form of RFC 9241 Section 3.6;
// footprints may be absent or null, unknown members are left out. What the members
// hold is checked by NewCDNIAdvertisement.
func ParseBaseAdvertisementObject(object jsontext.Value) (BaseAdvertisementObject, error) {
	var in struct {
		Type       string         `json:"capability-type"`
		Value      jsontext.Value `json:"capability-value"`
		Footprints []struct {
			Type   string   `json:"footprint-type"`
			Values []string `json:"footprint-value"`
		} `json:"footprints"`
	}
	if object.Kind() != '{' {
		return BaseAdvertisementObject{}, fmt.Errorf("base advertisement object is not a JSON object")
	}
	if err := json.Unmarshal(object, &in); err != nil {
		return BaseAdvertisementObject{}, fmt.Errorf("base advertisement object: %w", err)
	}
	o := BaseAdvertisementObject{CapabilityType: in.Type, CapabilityValue: in.Value}
	for _, f := range in.Footprints {
		o.Footprints = append(o.Footprints, Footprint{Type: f.Type, Values: f.Values})
	}
	return o, nil
}

// CDNIAdvertisement is what a CDN advertises to those that may delegate requests to
// it (RFC 9241 Section 3.6). It is immutable and safe for concurrent use.
type CDNIAdvertisement struct {
	*advertisementData
	tag string
}

type advertisementData struct {
	objects []advertised
	pids    []string // of altopid footprints, without repetition
	body    lazyBytes
	bytes   uint64
}

// advertised is an object with its encoding and what filters compare.
type advertised struct {
	BaseAdvertisementObject
	encoded    []byte
	capability *capability
}

// AdvertisementError tells which object makes an advertisement invalid.
type AdvertisementError struct {
	Object         int // index
	CapabilityType string
	Reason         string
}

func (e *AdvertisementError) Error() string { return e.Reason }

// NewCDNIAdvertisement builds an advertisement of objects in the given order, of
// which there may be none; they are copied. The error is an *AdvertisementError: a
// capability without type or value, a footprint without type or values, a value
// that its type does not allow.
func NewCDNIAdvertisement(objects []BaseAdvertisementObject) (*CDNIAdvertisement, error) {
	d := &advertisementData{objects: make([]advertised, 0, len(objects))}
	for i, o := range objects {
		if err := d.add(o); err != nil {
			return nil, &AdvertisementError{
				Object: i, CapabilityType: o.CapabilityType,
				Reason: fmt.Sprintf("object %d of the advertisement: %v", i+1, err),
			}
		}
	}
	slices.Sort(d.pids)
	d.pids = slices.Compact(d.pids)
	return &CDNIAdvertisement{advertisementData: d, tag: tagOfBytes(d.encoded())}, nil
}

// Bytes of memory of an object, and of a footprint or a value of one, without their texts.
const (
	advertisedBytes = 176
	footprintBytes  = 36
)

func (d *advertisementData) add(o BaseAdvertisementObject) error {
	if o.CapabilityType == "" {
		return fmt.Errorf("capability-type is missing")
	}
	value := o.CapabilityValue.Clone()
	if err := value.Compact(); err != nil {
		return fmt.Errorf("capability-value is not JSON: %w", err)
	}
	if value.Kind() == 'n' {
		return fmt.Errorf("capability-value is null")
	}
	n := advertised{BaseAdvertisementObject: BaseAdvertisementObject{CapabilityType: o.CapabilityType, CapabilityValue: value}}
	for _, f := range o.Footprints {
		if err := f.check(); err != nil {
			return err
		}
		if f.Type == footprintPID {
			d.pids = append(d.pids, f.Values...)
		}
		n.Footprints = append(n.Footprints, Footprint{Type: f.Type, Values: slices.Clone(f.Values)})
	}
	n.capability, _ = newCapability(o.CapabilityType, value)
	n.encoded = appendAdvertisementObject(nil, n.BaseAdvertisementObject)
	d.objects = append(d.objects, n)
	d.bytes += advertisedBytes + uint64(len(n.CapabilityType)+len(value)+cap(n.encoded)) + n.capability.memory()
	for _, f := range n.Footprints {
		d.bytes += footprintBytes * uint64(1+len(f.Values))
	}
	return nil
}

// WithTag returns an advertisement with the same content (shared, not copied) and a
// tag of the caller's choice, who answers for a new one with every new content.
func (a *CDNIAdvertisement) WithTag(tag string) (*CDNIAdvertisement, error) {
	if err := CheckTag(tag); err != nil {
		return nil, err
	}
	return &CDNIAdvertisement{advertisementData: a.advertisementData, tag: tag}, nil
}

// Tag returns the tag: by default a hash of the content.
func (a *CDNIAdvertisement) Tag() string { return a.tag }

// NumObjects returns the number of base advertisement objects.
func (a *CDNIAdvertisement) NumObjects() int { return len(a.objects) }

// encoded returns the data member of the response with its closing brace.
func (d *advertisementData) encoded() []byte {
	return d.body.get(func() []byte { return d.appendAll(nil, nil) })
}

func (d *advertisementData) encodedSize() uint64 { return d.body.length(d.appendAll) }

func (d *advertisementData) hashEncoded(h hash.Hash) { d.body.hash(h, d.appendAll) }

func (d *advertisementData) appendAll(b []byte, sized *meter) []byte {
	return d.appendBody(b, sized, func(*advertised) bool { return true })
}

func (d *advertisementData) appendBody(b []byte, sized *meter, selected func(*advertised) bool) []byte {
	b = append(b, `"cdni-advertisement":{"capabilities-with-footprints":[`...)
	first := true
	for i := range d.objects {
		if !selected(&d.objects[i]) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = sized.pass(append(b, d.objects[i].encoded...))
	}
	return append(b, "]}}"...)
}

func appendAdvertisementObject(b []byte, o BaseAdvertisementObject) []byte {
	b = appendCapability(b, o)
	if len(o.Footprints) > 0 {
		b = append(b, `,"footprints":[`...)
		for i, f := range o.Footprints {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(append(b, `{"footprint-type":`...), f.Type)
			b = append(appendStrings(append(b, `,"footprint-value":`...), f.Values), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendCapability appends a CDNICapability (RFC 9241 Section 5.3) but for the closing
// brace.
func appendCapability(b []byte, o BaseAdvertisementObject) []byte {
	b = appendString(append(b, `{"capability-type":`...), o.CapabilityType)
	return append(append(b, `,"capability-value":`...), o.CapabilityValue...)
}

func (d *advertisementData) memory() uint64 { return d.bytes + d.body.size() }
