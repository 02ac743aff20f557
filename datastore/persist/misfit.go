package persist

import (
	"fmt"
	"strings"
)

// Misfit is stored data that the schema does not have room for.
type Misfit struct {
	Key    string // of the record
	Module string // whose data it is, where the schema does not have that module; else ""
	Err    error
}

func (m *Misfit) Error() string { return fmt.Sprintf("stored data at %s: %v", m.Key, m.Err) }

func (m *Misfit) Unwrap() error { return m.Err }

// gone returns the first module that key names and the schema does not have, "" where it
// has all.
func (d *decoder) gone(key string) string {
	var quote byte
	name := -1 // where the name of a step begins, -1 within predicates
	for i := range len(key) {
		switch c := key[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '/':
			name = i + 1
		case c == '[':
			name = -1
		case c == ':' && name >= 0:
			if module := key[name:i]; d.schema.Module(module) == nil {
				return module
			}
		}
	}
	return ""
}

// problem notes that data of the node of a record has no room.
func (d *decoder) problem(key string, err error) {
	d.problems = append(d.problems, &Misfit{Key: key, Module: d.gone(key), Err: err})
}

// problemAt notes that a node in the content of a record has no room.
func (d *decoder) problemAt(key string, name []byte, err error) {
	m := &Misfit{Key: key, Err: err}
	if module, _, other := strings.Cut(string(name), ":"); other && d.schema.Module(module) == nil {
		m.Module = module
	}
	d.problems = append(d.problems, m)
}
