package openapi

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// set adds a member.
func (o *object) set(name string, value any) { *o = append(*o, member{name, value}) }

func ref(kind, name string) object { return object{{"$ref", "#/components/" + kind + "/" + name}} }

// appendJSON appends v: a string, bool, int, int64, nil, json text, or objects and slices of those.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, m.name), ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case []object:
		return appendArray(b, v)
	case []any:
		return appendArray(b, v)
	case []string:
		return appendArray(b, v)
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case number:
		return append(b, v...)
	case nil:
		return append(b, "null"...)
	}
	panic(fmt.Sprintf("openapi: %T has no JSON", v))
}

// number is the text of a JSON number.
type number string

func appendArray[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v)
	}
	return append(b, ']')
}

// appendText appends a string; YANG has none but UTF-8.
func appendText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
