package client

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
	room := maxCopied
	for i, o := range list {
		var err error
		if v, err = v.apply(o, &room); err != nil {
			return nil, fmt.Errorf("operation %d: %w", i+1, err)
		}
	}
	return v, nil
}

// maxCopied bounds what the operations "copy" of a patch add, in bytes: each can double a
// document.
const maxCopied = 64 << 20

// apply applies one operation; room is how much may still be copied.
func (v *value) apply(o operation, room *int) (*value, error) {
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
	if o.Op == "copy" {
		if *room -= len(x.raw); *room < 0 {
			return nil, fmt.Errorf("more is copied than %d bytes", maxCopied)
		}
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
