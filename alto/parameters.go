package alto

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// parameters is a JSON object of a request body by member name, with its path in
// front of the names in errors. Unknown members are ignored (RFC 7285 Section
// 8.3.7).
type parameters struct {
	path    string
	members map[string]jsontext.Value
}

// parseParameters reads a request body. Repeated member names and bytes after the
// object are syntax errors, as is any value other than an object.
func parseParameters(body []byte) (parameters, *protocolError) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	value, err := readPart(dec, body)
	if err == nil {
		err = rest(dec)
	}
	if err != nil {
		return parameters{}, syntaxError(body, err)
	}
	if value.Kind() != '{' {
		return parameters{}, &protocolError{status: 400, code: errSyntax, syntax: "request body is not a JSON object"}
	}
	return parameters{members: members(value)}, nil
}

// readPart reads a value of whole, which dec decodes, as a part of it: a decoder's own
// values do not last.
func readPart(dec *jsontext.Decoder, whole []byte) (jsontext.Value, error) {
	v, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := int(dec.InputOffset())
	return whole[end-len(v) : end : end], nil
}

var errTrailing = errors.New("unexpected data after the JSON object")

func rest(dec *jsontext.Decoder) error {
	if dec.PeekKind() != 0 {
		return errTrailing
	}
	_, err := dec.ReadToken()
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return err
	}
	return nil
}

func syntaxError(body []byte, err error) *protocolError {
	text := err.Error()
	if errors.Is(err, io.EOF) {
		text = "request body is empty"
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		at := min(int(syntactic.ByteOffset), len(body))
		line := 1 + bytes.Count(body[:at], []byte{'\n'})
		column := at - bytes.LastIndexByte(body[:at], '\n')
		text = fmt.Sprintf("line %d, column %d: %v", line, column, syntactic.Err)
	}
	return &protocolError{status: 400, code: errSyntax, syntax: text}
}

// members splits a valid JSON object into parts of it.
func members(value jsontext.Value) map[string]jsontext.Value {
	dec := jsontext.NewDecoder(bytes.NewBuffer(value))
	split := make(map[string]jsontext.Value)
	if _, err := dec.ReadToken(); err != nil {
		return split
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			break
		}
		key := name.String()
		v, err := readPart(dec, value)
		if err != nil {
			break
		}
		split[key] = v
	}
	return split
}

// elements splits a valid JSON array into parts of it.
func elements(value jsontext.Value) []jsontext.Value {
	dec := jsontext.NewDecoder(bytes.NewBuffer(value))
	var list []jsontext.Value
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		v, err := readPart(dec, value)
		if err != nil {
			break
		}
		list = append(list, v)
	}
	return list
}

// textOf is a JSON value as the "value" of an error (RFC 7285 Section 8.5.2): a
// string's content, else the JSON text.
func textOf(v jsontext.Value) string {
	if v.Kind() == '"' {
		if b, err := jsontext.AppendUnquote(nil, v); err == nil {
			return string(b)
		}
	}
	return strings.TrimSpace(string(v))
}

func (p parameters) has(name string) bool { _, ok := p.members[name]; return ok }

// object returns a member that must be an object; ok is false where it is absent.
func (p parameters) object(name string) (o parameters, ok bool, e *protocolError) {
	v, ok := p.members[name]
	if !ok {
		return parameters{}, false, nil
	}
	if v.Kind() != '{' {
		return parameters{}, false, invalidType(p.path + name)
	}
	return parameters{path: p.path + name + "/", members: members(v)}, true, nil
}

// text returns a required string.
func (p parameters) text(name string) (string, *protocolError) {
	v, ok := p.members[name]
	if !ok {
		return "", missingField(p.path + name)
	}
	if v.Kind() != '"' {
		return "", invalidType(p.path + name)
	}
	return textOf(v), nil
}

// array returns the elements of a member that must be an array; ok is false where
// it is absent.
func (p parameters) array(name string) (list []jsontext.Value, ok bool, e *protocolError) {
	v, ok := p.members[name]
	if !ok {
		return nil, false, nil
	}
	if v.Kind() != '[' {
		return nil, false, invalidType(p.path + name)
	}
	return elements(v), true, nil
}

// strings returns an array of strings without repetitions, in order. An element
// of another type is an invalid value of the array (RFC 7285 Section 8.5.2).
func (p parameters) strings(name string) (list []string, ok bool, e *protocolError) {
	values, ok, e := p.array(name)
	if e != nil || !ok {
		return nil, ok, e
	}
	list, e = stringsOf(p.path+name, values)
	return list, true, e
}

func stringsOf(field string, values []jsontext.Value) ([]string, *protocolError) {
	list := make([]string, 0, len(values))
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		text := textOf(v)
		if v.Kind() != '"' {
			return nil, invalidValue(field, text)
		}
		if !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	return list, nil
}

// requiredStrings is strings for a member that must be present.
func (p parameters) requiredStrings(name string) ([]string, *protocolError) {
	list, ok, e := p.strings(name)
	if e == nil && !ok {
		e = missingField(p.path + name)
	}
	return list, e
}
