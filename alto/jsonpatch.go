package alto

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonPatchWriter writes a JSON patch (RFC 6902), whose operations apply in their order.
type jsonPatchWriter struct {
	b     []byte
	limit int
	path  []byte // JSON pointer to where changes are, as in a JSON string
	marks []int  // lengths of path to return to
}

func (w *jsonPatchWriter) enter(name []byte) {
	w.marks = append(w.marks, len(w.path))
	w.path = appendPointer(w.path, name)
}

// enterAt is enter for an element of an array.
func (w *jsonPatchWriter) enterAt(i int) {
	w.marks = append(w.marks, len(w.path))
	w.path = strconv.AppendInt(append(w.path, '/'), int64(i), 10)
}

func (w *jsonPatchWriter) leave() {
	last := len(w.marks) - 1
	w.path, w.marks = w.path[:w.marks[last]], w.marks[:last]
}

func (w *jsonPatchWriter) put(name, value []byte, replaces bool) {
	w.enter(name)
	defer w.leave()
	if replaces {
		w.operation("replace", value)
		return
	}
	w.operation("add", value)
}

func (w *jsonPatchWriter) putList(name, value []byte, edits func(*jsonPatchWriter)) {
	w.enter(name)
	defer w.leave()
	start, path, depth := len(w.b), len(w.path), len(w.marks)
	edits(w)
	w.path, w.marks = w.path[:path], w.marks[:depth] // edits that become too long leave nothing they entered
	if len(w.b)-start > len(`,{"op":"replace","path":"","value":}`)+len(w.path)+len(value) {
		w.b = w.b[:start]
		w.operation("replace", value)
	}
}

func (w *jsonPatchWriter) remove(name []byte) {
	w.enter(name)
	w.operation("remove", nil)
	w.leave()
}

// insert, exchange and removeAt are about an element of the array entered.
func (w *jsonPatchWriter) insert(i int, value []byte)   { w.at(i, "add", value) }
func (w *jsonPatchWriter) exchange(i int, value []byte) { w.at(i, "replace", value) }
func (w *jsonPatchWriter) removeAt(i int)               { w.at(i, "remove", nil) }

func (w *jsonPatchWriter) at(i int, op string, value []byte) {
	w.enterAt(i)
	w.operation(op, value)
	w.leave()
}

// operation appends one on what path leads to; one without value removes it.
func (w *jsonPatchWriter) operation(op string, value []byte) {
	if len(w.b) > w.limit {
		return // which is too long already
	}
	if len(w.b) > 1 {
		w.b = append(w.b, ',')
	}
	w.b = append(append(w.b, `{"op":"`...), op...)
	w.b = append(append(w.b, `","path":"`...), w.path...)
	w.b = append(w.b, '"')
	if value != nil {
		w.b = append(append(w.b, `,"value":`...), value...)
	}
	w.b = append(w.b, '}')
}

// appendPointer appends a reference token (RFC 6901 Section 3) for a member whose name
// is this JSON string.
func appendPointer(path, name []byte) []byte {
	if bytes.IndexByte(name, '\\') >= 0 {
		key, _ := jsontext.AppendUnquote(nil, name)
		name = appendString(nil, string(key)) // without an escaped '/'
	}
	path = append(path, '/')
	for _, c := range name[1 : len(name)-1] {
		switch c {
		case '~':
			path = append(path, "~0"...)
		case '/':
			path = append(path, "~1"...)
		default:
			path = append(path, c)
		}
	}
	return path
}
