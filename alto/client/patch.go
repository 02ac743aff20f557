package client

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ReadDirectory reads the text of the directory at base.
func ReadDirectory(base *url.URL, text []byte) (*Directory, error) { return parseDirectory(base, text) }

// Patched returns the JSON value that a patch makes of text: a merge patch (RFC 7396) or a
// JSON patch (RFC 6902), by its media type. Neither argument is changed. The cost is that
// of reading text once and of what the patch is about; the rest is copied as it is.
func Patched(media string, text, patch []byte) ([]byte, error) {
	root := &value{raw: bytes.TrimSpace(text)}
	if !jsontext.Value(patch).IsValid() {
		return nil, errors.New("the patch is not JSON")
	}
	var err error
	switch media {
	case MediaMergePatch:
		root, err = root.merge(&value{raw: bytes.TrimSpace(patch)})
	case MediaJSONPatch:
		root, err = root.operate(patch)
	default:
		err = fmt.Errorf("%q is no media type of a patch", media)
	}
	if err != nil {
		return nil, fmt.Errorf("the patch cannot be applied: %w", err)
	}
	return root.append(make([]byte, 0, len(text)+len(patch))), nil
}

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

// merge is MergePatch of RFC 7396 Section 2.
func (v *value) merge(patch *value) (*value, error) {
	if patch.raw.Kind() != '{' {
		return patch, patch.open()
	}
	if err := patch.open(); err != nil {
		return nil, err
	}
	if v == nil || v.members == nil && v.raw.Kind() != '{' {
		v = &value{members: make(map[string]*value)}
	}
	if err := v.open(); err != nil {
		return nil, err
	}
	for _, name := range patch.names {
		p := patch.members[name]
		if p.raw.Kind() == 'n' {
			if v.members[name] != nil {
				v.members[name] = nil
			}
			continue
		}
		x, err := v.members[name].merge(p)
		if err != nil {
			return nil, err
		}
		v.set(name, x)
	}
	return v, nil
}

// operation is one of a JSON patch (RFC 6902 Section 4).
type operation struct {
	Op    string         `json:"op"`
	Path  *string        `json:"path"`
	From  *string        `json:"from"`
	Value jsontext.Value `json:"value"`
}

// operate applies the operations of a JSON patch in order.
func (v *value) operate(patch []byte) (*value, error) {
	var list []operation
	if err := json.Unmarshal(patch, &list); err != nil {
		return nil, unreadable(err)
	}
	for i, o := range list {
		var err error
		if v, err = v.apply(o); err != nil {
			return nil, fmt.Errorf("operation %d: %w", i+1, err)
		}
	}
	return v, nil
}

func (v *value) apply(o operation) (*value, error) {
	needsFrom := o.Op == "move" || o.Op == "copy"
	needsValue := o.Op == "add" || o.Op == "replace" || o.Op == "test"
	switch {
	case o.Path == nil:
		return nil, missing("path")
	case needsFrom && o.From == nil:
		return nil, missing("from")
	case needsValue && o.Value == nil:
		return nil, missing("value")
	}
	x := &value{raw: o.Value}
	var err error
	if needsFrom {
		if x, err = v.at(*o.From); err != nil {
			return nil, err
		}
		x = &value{raw: x.append(nil)}
	}
	switch o.Op {
	case "test":
		found, err := v.at(*o.Path)
		if err != nil {
			return nil, err
		}
		if !same(found.append(nil), o.Value) {
			return nil, fmt.Errorf("%q is not what is expected there", *o.Path)
		}
		return v, nil
	case "move":
		if strings.HasPrefix(*o.Path, *o.From+"/") {
			return nil, fmt.Errorf("%q cannot move into itself", *o.From)
		}
		if v, err = v.put(*o.From, nil, false); err != nil {
			return nil, err
		}
		return v.put(*o.Path, x, false)
	case "add", "copy":
		return v.put(*o.Path, x, false)
	case "replace":
		return v.put(*o.Path, x, true)
	case "remove":
		return v.put(*o.Path, nil, false)
	}
	return nil, fmt.Errorf("%q is no operation", o.Op)
}

func same(a, b jsontext.Value) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	return a.Canonicalize() == nil && b.Canonicalize() == nil && bytes.Equal(a, b)
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

// put adds x at a place, or replaces what must be there; nil x: removes it.
func (v *value) put(pointer string, x *value, replace bool) (*value, error) {
	if pointer == "" {
		if x == nil {
			return nil, errors.New("the whole cannot be removed")
		}
		return x, nil
	}
	p, last, err := v.parent(pointer)
	if err != nil {
		return nil, err
	}
	if p.members != nil {
		switch {
		case p.members[last] == nil && (x == nil || replace):
			return nil, errNowhere
		case x == nil:
			p.members[last] = nil
		default:
			p.set(last, x)
		}
		return v, nil
	}
	i := len(p.elements)
	if last != "-" || x == nil || replace {
		if i, err = p.index(last); err != nil {
			return nil, err
		}
	}
	if p.raw != nil || i == len(p.elements) && (x == nil || replace) {
		return nil, errNowhere
	}
	switch {
	case x == nil:
		p.elements = slices.Delete(p.elements, i, i+1)
	case replace:
		p.elements[i] = x
	default:
		p.elements = slices.Insert(p.elements, i, x)
	}
	return v, nil
}
