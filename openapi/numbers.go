package openapi

import (
	"strconv"

	"github.com/altoam/altoam/yang"
)

// wholes are the ranges of the integers that are JSON numbers.
var wholes = map[yang.Base]yang.Range{
	yang.Int8: {Min: -1 << 7, Max: 1<<7 - 1}, yang.Int16: {Min: -1 << 15, Max: 1<<15 - 1}, yang.Int32: {Min: -1 << 31, Max: 1<<31 - 1},
	yang.Uint8: {Max: 1<<8 - 1}, yang.Uint16: {Max: 1<<16 - 1}, yang.Uint32: {Max: 1<<32 - 1},
}

// integer is the schema of an integer of up to 32 bits.
func integer(t *yang.Type) object {
	ranges := t.Range
	if len(ranges) == 0 {
		ranges = []yang.Range{wholes[t.Base]}
	}
	var list []object
	for _, r := range ranges {
		list = append(list, object{{"minimum", r.Min}, {"maximum", r.Max}})
	}
	return append(object{{"type", "integer"}}, anyOf(list)...)
}

// ranged is the schema of a number that JSON has as a string; JSON Schema cannot
// compare those.
func ranged(t *yang.Type, pattern string) object {
	s := object{{"type", "string"}, {"pattern", pattern}}
	if len(t.Range) > 0 && t.RangeText != "" {
		s.set("x-yang-range", t.RangeText)
	}
	return s
}

func decimalPattern(digits int) string {
	return `^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,` + strconv.Itoa(digits) + `})?$`
}

// literal is a value in JSON.
func literal(v yang.Value) any {
	switch v.JSONKind() {
	case yang.JSONNumber:
		return number(v.String())
	case yang.JSONBool:
		b, _ := v.Bool()
		return b
	case yang.JSONNullArray:
		return []any{nil}
	}
	return v.String()
}
