package agent

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/openconfig/ygot/ygot"
)

// UnknownError tells of data that the generated structs have no place for: nodes
// and identities of modules that were loaded at start.
type UnknownError struct {
	// Paths lead to the data, from below the node that Fill was given.
	Paths []tree.Path
}

func (e *UnknownError) Error() string {
	var b strings.Builder
	b.WriteString("no code knows the data at ")
	for i, p := range e.Paths {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// Fill fills the generated struct dst from n, a validated container, list entry or
// root, and all below it. Only what n holds is set: a default is what the struct's
// Get method returns. The error is an *UnknownError, and all else is filled then.
// It panics where dst was not generated from the schema of n. Cost is linear in the
// size of n; nothing of n is kept but strings.
func Fill(dst ygot.GoStruct, n *tree.Node) error {
	f := filler{}
	f.fill(reflect.ValueOf(dst).Elem(), n)
	if len(f.unknown) > 0 {
		return &UnknownError{Paths: f.unknown}
	}
	return nil
}

type filler struct {
	path    tree.Path // of the node being read, below the first
	unknown []tree.Path
}

// unknownAt notes the node at the current path.
func (f *filler) unknownAt() { f.unknown = append(f.unknown, f.path.Clone()) }

func (f *filler) fill(dst reflect.Value, n *tree.Node) {
	fields := fieldsOf(dst.Type())
	var last *yang.Node // whose collection is being read
	for child := range n.Children() {
		s := child.Schema()
		f.path = append(f.path, tree.StepTo(child))
		i, known := fields[s.FlatName()]
		switch {
		case known:
			f.set(dst, dst.Field(i), child)
		case s != last || !s.IsLeafy():
			f.unknownAt()
		}
		last = s
		f.path = f.path[:len(f.path)-1]
	}
}

// set puts one node into its field; entries are added to what the field holds.
func (f *filler) set(parent, field reflect.Value, n *tree.Node) {
	switch n.Schema().Kind {
	case yang.Container:
		field.Set(reflect.New(field.Type().Elem()))
		f.fill(field.Elem(), n)
	case yang.List:
		f.add(field, n)
	case yang.Leaf:
		if v, ok := f.leaf(parent, field.Type(), n.Value()); ok {
			field.Set(v)
		}
	case yang.LeafList:
		if v, ok := f.leaf(parent, field.Type().Elem(), n.Value()); ok {
			field.Set(reflect.Append(field, v))
		}
	default:
		f.unknownAt()
	}
}

// add puts a list entry into a map by key, or into the ordered map that stands for a
// list ordered by the user.
func (f *filler) add(field reflect.Value, n *tree.Node) {
	t := field.Type()
	switch t.Kind() {
	case reflect.Map:
		e := reflect.New(t.Elem().Elem())
		f.fill(e.Elem(), n)
		if field.IsNil() {
			field.Set(reflect.MakeMap(t))
		}
		if key, ok := f.key(t.Key(), e.Elem(), n); ok {
			field.SetMapIndex(key, e)
		}
	default:
		if field.IsNil() {
			field.Set(reflect.New(t.Elem()))
		}
		method := field.MethodByName("Append")
		e := reflect.New(method.Type().In(0).Elem())
		f.fill(e.Elem(), n)
		if err := method.Call([]reflect.Value{e})[0]; !err.IsNil() {
			f.unknownAt() // a key is unset, which has no other cause than an unknown identity
		}
	}
}

// key builds the map key of an entry from its key leafs.
func (f *filler) key(t reflect.Type, entry reflect.Value, n *tree.Node) (reflect.Value, bool) {
	s := n.Schema()
	fields := fieldsOf(entry.Type())
	part := func(t reflect.Type, k *yang.Node) (reflect.Value, bool) {
		v := entry.Field(fields[k.FlatName()])
		if v.IsZero() {
			return v, false
		}
		if v.Kind() == reflect.Pointer && t.Kind() != reflect.Pointer {
			v = v.Elem()
		}
		return v, true
	}
	if t.Kind() != reflect.Struct {
		return part(t, s.Keys[0])
	}
	key := reflect.New(t).Elem()
	for i := range t.NumField() {
		k := s.Child(s.Module.Name, t.Field(i).Tag.Get("path"))
		v, ok := part(t.Field(i).Type, k)
		if !ok {
			return key, false
		}
		key.Field(i).Set(v)
	}
	return key, true
}

var fieldCache sync.Map // reflect.Type of a struct → map[string]int

// fieldsOf returns the fields of a generated struct by the name of the node they
// stand for, as yang.Flatten writes it.
func fieldsOf(t reflect.Type) map[string]int {
	if m, ok := fieldCache.Load(t); ok {
		return m.(map[string]int)
	}
	m := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		path := t.Field(i).Tag.Get("path")
		if path == "" {
			panic(fmt.Sprintf("agent: field %s of %s has no path tag", t.Field(i).Name, t))
		}
		m[path] = i
	}
	fieldCache.Store(t, m)
	return m
}
