package alto

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// maxPatchDepth bounds the levels that a patch looks into, each of which is read anew;
// ALTO's own objects have four.
const maxPatchDepth = 32

// diffMembers tells w in what the members of an object differ, looking so many levels
// deep. Cost is that of one pass over both and one more over each object or array that
// differs.
func diffMembers(w *patchWriter, prev, next []member, depth int) {
	old := memberSet{list: prev}
	for _, m := range next {
		if w.hopeless() {
			return
		}
		before := old.take(m.key)
		switch {
		case bytes.Equal(before, m.value):
		case before == nil:
			w.put(m.name, m.value, false)
		case isObject(before) && isObject(m.value) && depth == 0:
			w.exchange(m.name, m.value)
		case isObject(before) && isObject(m.value):
			w.enter(m.name)
			diffMembers(w, membersOf(before), membersOf(m.value), depth-1)
			w.leave()
		case isArray(before) && isArray(m.value) && depth > 0:
			w.putList(m.name, m.value, func(j *jsonPatchWriter) { diffArrays(j, before, m.value, depth-1) })
		default:
			w.put(m.name, m.value, true)
		}
	}
	for _, m := range old.list {
		if !m.taken {
			w.remove(m.name)
		}
	}
}

// diffArrays tells in what an array differs: in a run of elements, which become others
// one by one, after which some are left over or missing.
func diffArrays(w *jsonPatchWriter, prev, next []byte, depth int) {
	a, b := elementsOf(prev), elementsOf(next)
	start := 0
	for start < min(len(a), len(b)) && bytes.Equal(a[start], b[start]) {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && bytes.Equal(a[endA-1], b[endB-1]) {
		endA--
		endB--
	}
	both := min(endA, endB)
	for i := start; i < both; i++ {
		switch {
		case bytes.Equal(a[i], b[i]):
		case depth > 0 && isObject(a[i]) && isObject(b[i]):
			w.enterAt(i)
			diffMembers(&patchWriter{json: w}, membersOf(a[i]), membersOf(b[i]), depth-1)
			w.leave()
		default:
			w.exchange(i, b[i])
		}
	}
	for i := endA - 1; i >= both; i-- {
		w.removeAt(i)
	}
	for i := both; i < endB; i++ {
		w.insert(i, b[i])
	}
}

func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }
func isArray(value []byte) bool  { return len(value) > 0 && value[0] == '[' }

// hasNullMember reports whether a value is null or an object with such a member:
// applying a patch would drop it.
func hasNullMember(value []byte, depth int) bool {
	if !bytes.Contains(value, []byte("null")) {
		return false
	}
	if !isObject(value) {
		return value[0] == 'n'
	}
	for _, m := range membersOf(value) {
		if depth == 0 || hasNullMember(m.value, depth-1) {
			return true
		}
	}
	return false
}

// member is a member of a JSON object, in parts of its text.
type member struct {
	name  []byte // with quotes
	key   []byte // what name stands for
	value []byte
	taken bool
}

// membersOf splits a valid JSON object without copying it.
func membersOf(object []byte) []member {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var list []member
	for dec.PeekKind() == '"' {
		m := member{name: nextValue(dec, object)}
		if m.key = m.name[1 : len(m.name)-1]; bytes.IndexByte(m.key, '\\') >= 0 {
			m.key, _ = jsontext.AppendUnquote(nil, m.name)
		}
		m.value = nextValue(dec, object)
		list = append(list, m)
	}
	return list
}

// elementsOf splits a valid JSON array without copying it.
func elementsOf(array []byte) [][]byte {
	dec := jsontext.NewDecoder(bytes.NewBuffer(array), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var list [][]byte
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		list = append(list, nextValue(dec, array))
	}
	return list
}

// nextValue reads a value as a part of the text that dec reads.
func nextValue(dec *jsontext.Decoder, text []byte) []byte {
	v, err := dec.ReadValue()
	if err != nil {
		panic("alto: patch of what is not JSON: " + err.Error())
	}
	end := int(dec.InputOffset())
	return text[end-len(v) : end : end]
}

// memberSet finds members by key, at once where they are asked for in their order.
type memberSet struct {
	list  []member
	next  int
	index map[string]int // made when the order fails
}

// take returns the value of a member and marks it; nil where there is none.
func (s *memberSet) take(key []byte) []byte {
	i := s.next
	if i >= len(s.list) || !bytes.Equal(s.list[i].key, key) {
		if s.index == nil {
			s.index = make(map[string]int, len(s.list))
			for i, m := range s.list {
				s.index[string(m.key)] = i
			}
		}
		var ok bool
		if i, ok = s.index[string(key)]; !ok {
			return nil
		}
	}
	s.next = i + 1
	s.list[i].taken = true
	return s.list[i].value
}
