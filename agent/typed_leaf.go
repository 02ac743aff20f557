package agent

import (
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/altoam/altoam/yang"
	"github.com/openconfig/ygot/ygot"
)

var goEnum = reflect.TypeFor[ygot.GoEnum]()

// leaf converts a value to the type t of a field, pointer or not. ok is false for
// what the generated code does not know, which is noted. parent is the struct that
// knows how to make the members of its unions.
func (f *filler) leaf(parent reflect.Value, t reflect.Type, v yang.Value) (reflect.Value, bool) {
	switch {
	case t.Implements(goEnum):
		return f.enum(t, v)
	case t.Kind() == reflect.Interface:
		return f.union(parent, t, v)
	case t.Kind() == reflect.Pointer:
		p := reflect.New(t.Elem())
		scalar(p.Elem(), v)
		return p, true
	}
	out := reflect.New(t).Elem()
	scalar(out, v)
	return out, true
}

// scalar sets dst, whose kind is the one ygot gives to the base of v.
func scalar(dst reflect.Value, v yang.Value) {
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(v.String())
	case reflect.Bool:
		b, ok := v.Bool()
		dst.SetBool(b || !ok) // of type empty: it is there
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, _ := v.Int()
		dst.SetInt(i)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, _ := v.Uint()
		dst.SetUint(u)
	case reflect.Float64:
		dst.SetFloat(decimal(v))
	case reflect.Slice:
		b := v.Bytes()
		if b == nil {
			b = []byte{}
		}
		dst.SetBytes(b)
	default:
		panic(fmt.Sprintf("agent: a value of type %s does not fit a generated %s", v.Type().Typedef, dst.Type()))
	}
}

// decimal is the float64 nearest to a decimal64 of up to 15 digits.
func decimal(v yang.Value) float64 {
	unscaled, digits, _ := v.Decimal()
	return float64(unscaled) / math.Pow10(digits)
}

// enumNames holds the values of generated enumerations by type and by what
// enumName returns.
var enumNames sync.Map // reflect.Type → map[string]int64

func (f *filler) enum(t reflect.Type, v yang.Value) (reflect.Value, bool) {
	out := reflect.New(t).Elem()
	number, ok := valuesOf(t)[v.String()]
	if !ok {
		f.unknownAt()
		return out, false
	}
	out.SetInt(number)
	return out, true
}

// valuesOf returns the values of a generated enumeration by canonical form:
// "module:name" for identities.
func valuesOf(t reflect.Type) map[string]int64 {
	if m, ok := enumNames.Load(t); ok {
		return m.(map[string]int64)
	}
	m := make(map[string]int64)
	for number, d := range reflect.Zero(t).Interface().(ygot.GoEnum).ΛMap()[t.Name()] {
		name := d.Name
		if d.DefiningModule != "" {
			name = d.DefiningModule + ":" + name
		}
		m[name] = number
	}
	enumNames.Store(t, m)
	return m
}

// union makes a member of the union type t by the method that ygot generates for
// it. Members that are enumerations or identities are not among those that a
// generated schema may have: scripts/gen refuses them.
func (f *filler) union(parent reflect.Value, t reflect.Type, v yang.Value) (reflect.Value, bool) {
	if t.NumMethod() == 0 { // bits, for which ygot has no type
		return reflect.ValueOf(native(v)), true
	}
	method := parent.Addr().MethodByName("To_" + t.Name())
	if !method.IsValid() {
		panic(fmt.Sprintf("agent: %s has no method for its union %s", parent.Type(), t))
	}
	out := method.Call([]reflect.Value{reflect.ValueOf(native(v))})
	if !out[1].IsNil() {
		f.unknownAt()
		return out[0], false
	}
	return out[0], true
}

// native is the value as the Go type that ygot's unions take.
func native(v yang.Value) any {
	i, _ := v.Int()
	u, _ := v.Uint()
	switch v.Base() {
	case yang.Int8:
		return int8(i)
	case yang.Int16:
		return int16(i)
	case yang.Int32:
		return int32(i)
	case yang.Int64:
		return i
	case yang.Uint8:
		return uint8(u)
	case yang.Uint16:
		return uint16(u)
	case yang.Uint32:
		return uint32(u)
	case yang.Uint64:
		return u
	case yang.Decimal64:
		return decimal(v)
	case yang.Boolean:
		b, _ := v.Bool()
		return b
	case yang.Binary:
		return v.Bytes()
	case yang.Empty:
		return true
	}
	return v.String()
}
