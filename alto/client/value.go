package client

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// value is a JSON value, read as far as it was needed.
type value struct {
	raw      jsontext.Value // nil: it was opened
	names    []string       // of an object, in order; those whose member is nil are gone
	members  map[string]*value
	elements []*value // of an array
}

// open reads one level of an object or array; another value stays as it is.
func (v *value) open() error {
	if v.raw == nil {
		return nil
	}
	kind := v.raw.Kind()
	d := jsontext.NewDecoder(bytes.NewReader(v.raw))
	if kind != '{' && kind != '[' {
		if _, err := d.ReadValue(); err != nil {
			return err
		}
		return nil
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	members := make(map[string]*value)
	for end := map[jsontext.Kind]jsontext.Kind{'{': '}', '[': ']'}[kind]; d.PeekKind() != end; {
		name := ""
		if kind == '{' {
			t, err := d.ReadToken()
			if err != nil {
				return err
			}
			name = t.String()
		}
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		x := &value{raw: raw.Clone()}
		if kind == '[' {
			v.elements = append(v.elements, x)
			continue
		}
		v.names = append(v.names, name)
		members[name] = x
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if kind == '{' {
		v.members = members
	}
	v.raw = nil
	return nil
}

func (v *value) append(b []byte) []byte {
	switch {
	case v.raw != nil:
		return append(b, v.raw...)
	case v.members != nil:
		b = append(b, '{')
		first := true
		for _, name := range v.names {
			x := v.members[name]
			if x == nil {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b, _ = jsontext.AppendQuote(b, name) // it was read as a name
			b = x.append(append(b, ':'))
		}
		return append(b, '}')
	}
	b = append(b, '[')
	for i, x := range v.elements {
		if i > 0 {
			b = append(b, ',')
		}
		b = x.append(b)
	}
	return append(b, ']')
}

// set gives an opened object a member.
func (v *value) set(name string, x *value) {
	if _, listed := v.members[name]; !listed {
		v.names = append(v.names, name)
	}
	v.members[name] = x
}

var errNowhere = errors.New("there is nothing at that place")

// at finds what a JSON pointer leads to (RFC 6901).
func (v *value) at(pointer string) (*value, error) {
	if pointer == "" {
		return v, v.open()
	}
	parent, last, err := v.parent(pointer)
	if err != nil {
		return nil, err
	}
	return parent.child(last)
}

// parent opens what has the last part of a pointer that is not "".
func (v *value) parent(pointer string) (parent *value, last string, err error) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, "", fmt.Errorf("%q is no JSON pointer", pointer)
	}
	parts := strings.Split(pointer[1:], "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	parent = v
	for _, part := range parts[:len(parts)-1] {
		if parent, err = parent.child(part); err != nil {
			return nil, "", err
		}
	}
	return parent, parts[len(parts)-1], parent.open()
}

func (v *value) child(part string) (*value, error) {
	if err := v.open(); err != nil {
		return nil, err
	}
	if v.members != nil {
		if x := v.members[part]; x != nil {
			return x, nil
		}
		return nil, errNowhere
	}
	i, err := v.index(part)
	if err != nil || i == len(v.elements) {
		return nil, errNowhere
	}
	return v.elements[i], nil
}

// index reads the index of an element, or of the place after the last.
func (v *value) index(part string) (int, error) {
	if v.raw != nil {
		return 0, errNowhere
	}
	i, err := strconv.ParseUint(part, 10, 31)
	if err != nil || int(i) > len(v.elements) || len(part) > 1 && part[0] == '0' {
		return 0, errNowhere
	}
	return int(i), nil
}
