package yang

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// JSONKind is how RFC 7951 Section 6 writes a value.
type JSONKind uint8

// The JSON kinds. JSONNullArray is the array [null] of type empty.
const (
	JSONString JSONKind = iota
	JSONNumber
	JSONBool
	JSONNullArray
)

func (k JSONKind) String() string {
	switch k {
	case JSONNumber:
		return "number"
	case JSONBool:
		return "boolean"
	case JSONNullArray:
		return "[null]"
	}
	return "string"
}

// jsonKind is the JSON kind of the base's values; unions have none of their own.
func (b Base) jsonKind() JSONKind {
	switch b {
	case Int8, Int16, Int32, Uint8, Uint16, Uint32:
		return JSONNumber
	case Boolean:
		return JSONBool
	case Empty:
		return JSONNullArray
	}
	return JSONString
}

// JSONKind is how the value is written in JSON.
func (v Value) JSONKind() JSONKind { return v.Base().jsonKind() }

// String is the canonical form (RFC 7950 Section 9): identityref is
// "module:name", instance-identifier as in RFC 7951 Section 6.11, bits by
// position, binary base64 without line breaks. "" for the zero Value.
func (v Value) String() string {
	switch v.Base() {
	case 0, Empty:
		return ""
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Decimal64:
		var b [24]byte
		return string(v.AppendText(b[:0]))
	case Boolean:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case Enumeration:
		return v.typ.Enums[v.num].Name
	}
	return v.str
}

// AppendText appends the canonical form to dst.
func (v Value) AppendText(dst []byte) []byte {
	switch v.Base() {
	case Int8, Int16, Int32, Int64:
		return strconv.AppendInt(dst, v.num, 10)
	case Uint8, Uint16, Uint32, Uint64:
		return strconv.AppendUint(dst, uint64(v.num), 10)
	case Decimal64:
		return appendDecimal(dst, v.num, v.typ.FractionDigits)
	}
	return append(dst, v.String()...)
}

// Int is the number of a signed or unsigned integer that fits.
func (v Value) Int() (int64, bool) {
	switch v.Base() {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32:
		return v.num, true
	case Uint64:
		return v.num, v.num >= 0
	}
	return 0, false
}

// Uint is the number of an integer that is not negative.
func (v Value) Uint() (uint64, bool) {
	switch v.Base() {
	case Int8, Int16, Int32, Int64:
		return uint64(v.num), v.num >= 0
	case Uint8, Uint16, Uint32, Uint64:
		return uint64(v.num), true
	}
	return 0, false
}

// Bool is a boolean's value; ok is false for other types.
func (v Value) Bool() (value, ok bool) { return v.Base() == Boolean && v.num != 0, v.Base() == Boolean }

// Decimal is a decimal64 as unscaled × 10^-digits.
func (v Value) Decimal() (unscaled int64, digits int, ok bool) {
	if v.Base() != Decimal64 {
		return 0, 0, false
	}
	return v.num, v.typ.FractionDigits, true
}

// Enum is the enum of an enumeration.
func (v Value) Enum() (EnumValue, bool) {
	if v.Base() != Enumeration {
		return EnumValue{}, false
	}
	return v.typ.Enums[v.num], true
}

// Identity is the identity of an identityref, nil for other types.
func (v Value) Identity() *Identity {
	if v.Base() != IdentityRef {
		return nil
	}
	module, name, _ := strings.Cut(v.str, ":")
	return v.typ.schema.Module(module).Identity(name)
}

// Bytes are the octets of a binary, nil for other types. The caller owns them.
func (v Value) Bytes() []byte {
	if v.Base() != Binary {
		return nil
	}
	b, _ := base64.StdEncoding.DecodeString(v.str) // canonical since Parse
	return b
}

// HasBit tells whether a bits value has the bit set.
func (v Value) HasBit(name string) bool {
	if v.Base() != Bits {
		return false
	}
	for word := range strings.SplitSeq(v.str, " ") {
		if word == name {
			return name != ""
		}
	}
	return false
}
