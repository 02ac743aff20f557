package yang

import "regexp"

// Base is a built-in type (RFC 7950 Section 4.2.4).
type Base uint8

// The built-in types.
const (
	Binary Base = iota + 1
	Bits
	Boolean
	Decimal64
	Empty
	Enumeration
	IdentityRef
	InstanceIdentifier
	Int8
	Int16
	Int32
	Int64
	LeafRef
	String
	Uint8
	Uint16
	Uint32
	Uint64
	Union
)

// Type is a type as used by a leaf, leaf-list, typedef, union member or annotation, with
// all restrictions of the typedefs it is derived from folded in. Immutable.
type Type struct {
	Base    Base
	Typedef string // "module:name" of the typedef used, "" for a built-in type
	// Restricted tells that restrictions stand on the use itself (facts).
	Restricted bool

	FractionDigits int     // decimal64
	Range          []Range // integers and decimal64 (scaled by FractionDigits); nil: the whole type
	RangeText      string  // for messages
	RangeAppTag    string
	RangeMessage   string
	Length         []Range // string: characters, binary: octets; nil: any
	LengthText     string
	LengthAppTag   string
	LengthMessage  string
	Patterns       []*Pattern

	Enums []EnumValue // enumeration, in order of definition, those switched on
	Bits  []EnumValue // bits, by position

	Bases []*Identity // identityref: the value is derived from all of them

	// Path and Target: leafref. Target is the leaf or leaf-list it points to and
	// Real the type of its values: the end of the chain, for every other type itself.
	Path            *XPath
	Target          *Node
	RequireInstance bool // leafref and instance-identifier; true unless said otherwise
	Real            *Type

	Members []*Type // union, in order

	// Default and Units come from the typedefs, "" where they have none.
	Default, Units string
	HasDefault     bool

	schema *Schema // identities, instance-identifiers
}

// Schema is the schema of an identityref or instance-identifier type, nil for others.
func (t *Type) Schema() *Schema { return t.schema }

// Range is an interval, both ends included. For uint64 the ends are the bit
// patterns of the unsigned values; Max of a length may be math.MaxInt64 for "max".
type Range struct{ Min, Max int64 }

// Pattern is a pattern statement: an XSD regular expression, anchored.
type Pattern struct {
	Text            string
	Invert          bool
	AppTag, Message string
	re              *regexp.Regexp
	size            int
}

// EnumValue is an enum with its value or a bit with its position.
type EnumValue struct {
	Name       string
	Value      int64
	IfFeatures []string
	Status     Status
}

// Resolver maps prefixes in a value to module names: the XML namespaces in
// scope, the module names of RFC 7951, or the imports of a module.
type Resolver interface {
	// ModuleOf returns the module for a prefix; "" asks for that of a name
	// without prefix.
	ModuleOf(prefix string) (module string, ok bool)
}

// Value is a value of a leaf or leaf-list: immutable, comparable with == (equal
// values of one schema node are ==), 32 bytes. The zero Value is no value.
type Value struct {
	typ *Type  // built-in type that accepted it: leafrefs followed, union member chosen
	str string // canonical form, "" for the types kept in num
	num int64  // integers, decimal64 (scaled), boolean, enumeration (index in Enums)
}

// Type is the type that accepted the value: never a leafref or union. nil for the zero Value.
func (v Value) Type() *Type { return v.typ }

// IsZero tells that there is no value.
func (v Value) IsZero() bool { return v.typ == nil }

// TextLen is how many bytes of text the Value holds: none where it is kept as a number.
func (v Value) TextLen() int { return len(v.str) }

// Base is the built-in type, 0 for the zero Value.
func (v Value) Base() Base {
	if v.typ == nil {
		return 0
	}
	return v.typ.Base
}
