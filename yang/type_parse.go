package yang

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// TypeError says why a text is no value of a type.
type TypeError struct {
	// AppTag is the restriction's error-app-tag, "" where it has none.
	AppTag string
	// Message is the restriction's error-message where it has one, else one
	// sentence that names the value and what was expected.
	Message string
	// Discreet is Message without the value, for one that nobody is to see.
	Discreet string
	// Err is the sentence that an error-message replaced, nil otherwise.
	Err error
}

func (e *TypeError) Error() string { return e.Message }

// Unwrap returns the sentence that an error-message replaced.
func (e *TypeError) Unwrap() error { return e.Err }

// failure is a TypeError not yet put into words: unions drop most of them.
type failure struct {
	t       *Type
	text    string
	why     string   // "is out of range"
	pattern *Pattern // the one violated, or nil
	want    string   // what was expected, "" for t.expected
	// of the restriction
	appTag, message string
}

// error puts f into words, with the restriction's app-tag and message where the
// module gives them (RFC 7950 Section 8.3.1).
func (f *failure) error() *TypeError {
	want := f.want
	switch {
	case f.pattern != nil:
		want = "a string that " + f.pattern.rule()
	case want == "":
		want = f.t.expected()
	}
	text := fmt.Sprintf("%s %s: expected %s", quote(withoutUserinfo(f.text)), f.why, want)
	discreet := fmt.Sprintf("the value %s: expected %s", f.why, want)
	if f.message == "" {
		return &TypeError{AppTag: f.appTag, Message: text, Discreet: discreet}
	}
	return &TypeError{AppTag: f.appTag, Message: f.message, Discreet: discreet, Err: errors.New(text)}
}

func (t *Type) fail(text, why string) *failure { return &failure{t: t, text: text, why: why} }

func (t *Type) failRange(text string) *failure {
	return &failure{t: t, text: text, why: "is out of range", appTag: t.RangeAppTag, message: t.RangeMessage}
}

func (t *Type) failLength(text, why string) *failure {
	return &failure{t: t, text: text, why: why, appTag: t.LengthAppTag, message: t.LengthMessage}
}

// withoutUserinfo is a value, where it is a URI without what it says of a user: that may be
// a password, also where the type wants none there (RFC 3986 Section 7.5).
func withoutUserinfo(text string) string {
	scheme, rest, isURI := strings.Cut(text, "://")
	if !isURI {
		return text
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return scheme + "://…" + rest[at:]
	}
	return text
}

// quote shows a value in a message, shortened.
func quote(s string) string {
	const limit = 64
	if len(s) <= limit {
		return fmt.Sprintf("%q", s)
	}
	cut := limit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%q…", s[:cut])
}

// Parse checks text against the type's lexical form and every restriction of
// RFC 7950 Section 9 and returns the value; the error is a *TypeError.
// Prefixes mean what r says, which may be nil where the type has none. White
// space around the value is ignored for all types but string, unless r is a
// JSONResolver: then it counts. A leafref is read as the type it refers to; that
// the instance exists is not checked.
//
// The kind of r decides where two notations differ: with a ModuleResolver
// integers may be hexadecimal or octal, with a JSONResolver names inside an
// instance-identifier may inherit their module. The value keeps text alive.
func (t *Type) Parse(text string, r Resolver) (Value, error) {
	v, f := t.parse(text, r, notationOf(r))
	if f != nil {
		return Value{}, f.error()
	}
	return v, nil
}

// ParseJSON is Parse for a JSON value of that kind, as RFC 7951 Section 6 lays
// down: a value of the wrong kind is an error, and a union chooses among the
// members that are written so. text is the string's content, the number or
// literal as it stands, and ignored for JSONNullArray. White space counts.
func (t *Type) ParseJSON(kind JSONKind, text string, r Resolver) (Value, error) {
	v, f := t.parseJSON(kind, text, r)
	if f != nil {
		return Value{}, f.error()
	}
	return v, nil
}

func (t *Type) parseJSON(kind JSONKind, text string, r Resolver) (Value, *failure) {
	t = t.real()
	if t.Base == Union {
		return t.parseUnion(text, func(m *Type) (Value, *failure) { return m.parseJSON(kind, text, r) })
	}
	if want := t.Base.jsonKind(); kind != want {
		return Value{}, &failure{
			t: t, text: text, want: "a JSON " + want.String(),
			why: fmt.Sprintf("as JSON %s is no %s", kind, t.Base),
		}
	}
	switch kind {
	case JSONNullArray:
		return Value{typ: t}, nil
	case JSONNumber:
		if whole, ok := wholeNumber(text); ok {
			text = whole
		}
	}
	if t.Base != String && text != strings.Trim(text, xmlSpace) {
		return Value{}, t.fail(text, "has white space around the value")
	}
	return t.parse(text, r, notationJSON)
}

const xmlSpace = " \t\r\n"

// real follows a leafref to the type of its values.
func (t *Type) real() *Type {
	if t.Real != nil {
		return t.Real
	}
	return t
}

func (t *Type) parse(text string, r Resolver, from notation) (Value, *failure) {
	t = t.real()
	switch t.Base {
	case String:
		return t.parseString(text)
	case Union:
		return t.parseUnion(text, func(m *Type) (Value, *failure) { return m.parse(text, r, from) })
	}
	if from != notationJSON {
		text = strings.Trim(text, xmlSpace)
	}
	switch t.Base {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64:
		return t.parseInteger(text, from)
	case Decimal64:
		return t.parseDecimal(text)
	case Boolean:
		return t.parseBoolean(text)
	case Enumeration:
		return t.parseEnumeration(text)
	case Bits:
		return t.parseBits(text)
	case Binary:
		return t.parseBinary(text)
	case Empty:
		if text != "" {
			return Value{}, t.fail(text, "is content of type empty")
		}
		return Value{typ: t}, nil
	case IdentityRef:
		return t.parseIdentity(text, r)
	case InstanceIdentifier:
		return t.parseInstance(text, r, from)
	}
	return Value{}, &failure{t: t, text: text, why: "has no readable type", want: "a leafref with a target"}
}

// parseUnion takes the first member that accepts the value (RFC 7950 Section 9.12).
func (t *Type) parseUnion(text string, parse func(*Type) (Value, *failure)) (Value, *failure) {
	var last *failure
	for _, m := range t.Members {
		v, err := parse(m)
		if err == nil {
			return v, nil
		}
		last = err
	}
	if len(t.Members) == 1 {
		return Value{}, last
	}
	return Value{}, t.fail(text, "matches no member of the union")
}

// expected says in a few words what the type accepts.
func (t *Type) expected() string {
	t = t.real()
	switch t.Base {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64:
		return "an integer in " + t.rangeText()
	case Decimal64:
		return fmt.Sprintf("a number with up to %d fraction digits in %s", t.FractionDigits, t.rangeText())
	case Boolean:
		return "true or false"
	case Enumeration:
		return "one of " + nameList(t.Enums)
	case Bits:
		return "bits of " + nameList(t.Bits)
	case Binary:
		return "base64" + t.lengthText(" of ", " octets")
	case Empty:
		return "no content"
	case IdentityRef:
		return "an identity derived from " + t.baseNames()
	case InstanceIdentifier:
		return "an instance-identifier"
	case Union:
		words := make([]string, len(t.Members))
		for i, m := range t.Members {
			words[i] = m.expected()
		}
		return strings.Join(words, "; or ")
	}
	text := "a string" + t.lengthText(" of ", " characters")
	switch n := len(t.Patterns); {
	case n > 0 && t.Typedef != "":
		return text + " of type " + t.Typedef
	case n > 0:
		return text + " that " + t.Patterns[n-1].rule()
	}
	return text
}

// nameList lists names while it stays short.
func nameList(l []EnumValue) string {
	const limit = 12
	var names []string
	for i, e := range l {
		if i == limit {
			return fmt.Sprintf("%s, … (%d in all)", strings.Join(names, ", "), len(l))
		}
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}

var baseNames = [...]string{
	Binary: "binary", Bits: "bits", Boolean: "boolean", Decimal64: "decimal64", Empty: "empty",
	Enumeration: "enumeration", IdentityRef: "identityref", InstanceIdentifier: "instance-identifier",
	Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64", LeafRef: "leafref", String: "string",
	Uint8: "uint8", Uint16: "uint16", Uint32: "uint32", Uint64: "uint64", Union: "union",
}

// String is the type's YANG name.
func (b Base) String() string {
	if int(b) < len(baseNames) {
		return baseNames[b]
	}
	return ""
}

// BaseOf returns the built-in type of that YANG name, 0 for any other name.
func BaseOf(name string) Base {
	for b, n := range baseNames {
		if n == name && n != "" {
			return Base(b)
		}
	}
	return 0
}
