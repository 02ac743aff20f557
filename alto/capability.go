package alto

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// mandatoryProperty names the property that the values of a capability type must
// have, for the types that RFC 9241 Section 3.6 makes mandatory. All but that of
// FCI.Logging is a list of strings.
var mandatoryProperty = map[string]string{
	"FCI.DeliveryProtocol":    "delivery-protocols",
	"FCI.AcquisitionProtocol": "acquisition-protocols",
	"FCI.RedirectionMode":     "redirection-modes",
	"FCI.Metadata":            "metadata",
	"FCI.Logging":             "record-type",
}

// capability is a capability as filters compare it: its mandatory properties only
// where they are known.
type capability struct {
	kind string
	facets
}

// facets are the parts of a JSON value that another must have to be a superset: the
// members of an object, which in turn are lists or compared as a whole, or the
// elements of a list.
type facets struct {
	kind     jsontext.Kind
	members  map[string]facets // of an object that is not a member itself
	elements map[string]bool   // of an array, canonical
	whole    string            // of anything else, canonical
}

// newCapability reads a valid value other than null. The error tells that the value
// is not one of its type.
func newCapability(kind string, value jsontext.Value) (*capability, error) {
	c := &capability{kind: kind, facets: facetsOf(value)}
	name, known := mandatoryProperty[kind]
	if !known {
		return c, nil
	}
	property, ok := c.members[name]
	list := kind != "FCI.Logging"
	switch {
	case !ok:
		return c, fmt.Errorf("a capability of type %q has the member %q", kind, name)
	case list && property.kind != '[', !list && property.kind != '"':
		return c, fmt.Errorf("member %q of a capability of type %q is of another type", name, kind)
	}
	for text := range property.elements {
		if text[0] != '"' {
			return c, fmt.Errorf("member %q of a capability of type %q is a list of strings", name, kind)
		}
	}
	c.members = map[string]facets{name: property}
	return c, nil
}

func facetsOf(value jsontext.Value) facets {
	if value.Kind() != '{' {
		return facetsOfMember(value)
	}
	f := facets{kind: '{', members: make(map[string]facets)}
	for name, v := range members(value) {
		f.members[name] = facetsOfMember(v)
	}
	return f
}

func facetsOfMember(value jsontext.Value) facets {
	f := facets{kind: value.Kind()}
	if f.kind != '[' {
		f.whole = canonical(value)
		return f
	}
	f.elements = make(map[string]bool)
	for _, v := range elements(value) {
		f.elements[canonical(v)] = true
	}
	return f
}

// canonical returns the same text for the same value.
func canonical(value jsontext.Value) string {
	c := value.Clone()
	if c.Canonicalize() != nil {
		return string(value)
	}
	return string(c)
}

// includes reports whether c is a superset of d (RFC 9241 Section 5.6).
func (c *capability) includes(d *capability) bool {
	return c.kind == d.kind && c.facets.include(d.facets)
}

// include costs as much as g is long.
func (f facets) include(g facets) bool {
	if f.kind != g.kind || f.whole != g.whole {
		return false
	}
	for name, v := range g.members {
		if own, ok := f.members[name]; !ok || !own.include(v) {
			return false
		}
	}
	for text := range g.elements {
		if !f.elements[text] {
			return false
		}
	}
	return true
}

// Bytes of memory of a map for each eight entries or part of them, and of its header.
const (
	mapHeader      = 48
	eightMembers   = 480
	eightElements  = 208
	entriesInGroup = 8
)

// memory estimates the bytes of memory that f refers to.
func (f facets) memory() uint64 {
	n := uint64(len(f.whole))
	if f.members != nil {
		n += mapHeader + eightMembers*uint64(len(f.members)/entriesInGroup+1)
	}
	if f.elements != nil {
		n += mapHeader + eightElements*uint64(len(f.elements)/entriesInGroup+1)
	}
	for name, v := range f.members {
		n += uint64(len(name)) + v.memory()
	}
	for text := range f.elements {
		n += uint64(len(text))
	}
	return n
}

// work is how many comparisons a test against f may take.
func (f facets) work() int {
	n := 1 + len(f.elements)
	for _, v := range f.members {
		n += v.work()
	}
	return n
}
