// Package transfertest makes values for tests of what one process hands to another.
package transfertest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// filler sets every field below a value to something that is not its zero value.
type filler struct {
	testing.TB
	*rand.Rand
	given map[reflect.Type]reflect.Value
}

// Fill sets every field below *to to something that depends on seed and is not its zero
// value; where a type is that of one of given, it is that, and interfaces stay. A field that is not exported, or
// of a kind that nothing transfers, fails the test.
func Fill(t testing.TB, to any, seed uint64, given ...any) {
	t.Helper()
	f := filler{t, rand.New(rand.NewPCG(seed, 1)), make(map[reflect.Type]reflect.Value)}
	for _, x := range given {
		f.given[reflect.TypeOf(x)] = reflect.ValueOf(x)
	}
	v := reflect.ValueOf(to).Elem()
	f.fill(v, v.Type().Name())
}

func (f filler) fill(v reflect.Value, where string) {
	f.Helper()
	if x, ok := f.given[v.Type()]; ok {
		v.Set(x)
		return
	}
	switch v.Type() {
	case reflect.TypeFor[jsontext.Value]():
		v.SetBytes(fmt.Appendf(nil, `{"v":%d}`, f.Uint32()))
		return
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(f.Int64N(1<<32), f.Int64N(1e9)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), where)
		f.fill(v.Index(1), where)
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), where)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, where)
		f.fill(value, where)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				f.Fatalf("%s.%s is not exported, so that it is lost when it is handed to another process", where, field.Name)
			}
			f.fill(v.Field(i), where+"."+field.Name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), where)
	case reflect.Interface:
		if v.IsNil() {
			f.Fatalf("%s is an interface, which is to be filled before", where)
		}
	default:
		f.scalar(v, where)
	}
}

func (f filler) scalar(v reflect.Value, where string) {
	f.Helper()
	switch {
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1 + f.Int64N(100))
	case v.CanUint():
		v.SetUint(1 + f.Uint64N(100))
	case v.CanFloat():
		v.SetFloat(float64(1+f.Uint32N(1000)) / 4)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("s%d", f.Uint32()))
	default:
		f.Fatalf("%s is of type %s, which cannot be handed to another process: see alto/transfer.go", where, v.Type())
	}
}
