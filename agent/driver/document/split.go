package document

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// split finds the members of a response. They are parts of text, and valid but for names
// that occur twice in an object, which whoever reads a member looks for.
func split(text []byte) (*response, error) {
	var r response
	var meta jsontext.Value
	members := map[string]*jsontext.Value{
		"meta": &meta, "network-map": &r.NetworkMap, "cost-map": &r.CostMap, "endpoint-properties": &r.EndpointProps,
		"property-map": &r.PropertyMap, "cdni-advertisement": &r.Advertisement,
	}
	d := newDecoder(text)
	if kind := d.PeekKind(); kind != '{' && kind > 0 {
		return nil, fmt.Errorf("the document is a JSON value of kind %v, expected an object", kind)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		member := members[name.String()]
		if member != nil && *member != nil {
			return nil, fmt.Errorf("the document has the member %s twice", name.String())
		}
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if end := d.InputOffset(); member != nil && value.Kind() != 'n' {
			*member = text[end-int64(len(value)) : end : end]
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("something follows the document")
	}
	if meta == nil {
		return &r, nil
	}
	if err := json.Unmarshal(meta, &r.Meta); err != nil {
		return nil, fmt.Errorf("in meta: %w", plain(err))
	}
	return &r, nil
}
