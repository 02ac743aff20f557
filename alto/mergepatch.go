package alto

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// maxPatchDepth bounds the levels that a merge patch looks into, each of which is
// read anew; ALTO's own objects have four.
const maxPatchDepth = 32

// mergePatch returns the JSON merge patch (RFC 7396) that makes next of prev, both
// valid JSON objects, and whether it changes anything. ok is false where no patch
// can: a member that is to be null (RFC 8895 Section 6.3), or very deep objects.
// Cost is that of one pass over both and one more over each object that differs.
func mergePatch(prev, next []byte) (patch []byte, changed, ok bool) {
	return appendMergePatch(nil, prev, next, maxPatchDepth)
}

func appendMergePatch(b, prev, next []byte, depth int) (_ []byte, changed, ok bool) {
	old := memberSet{list: membersOf(prev)}
	b = append(b, '{')
	start := len(b)
	for _, m := range membersOf(next) {
		before := old.take(m.key)
		if bytes.Equal(before, m.value) {
			continue
		}
		mark := len(b)
		b = appendMember(b, start, m)
		if !isObject(before) || !isObject(m.value) {
			if hasNullMember(m.value, depth) {
				return nil, false, false
			}
			b = append(b, m.value...)
			continue
		}
		if depth == 0 {
			return nil, false, false
		}
		if b, changed, ok = appendMergePatch(b, before, m.value, depth-1); !ok {
			return nil, false, false
		}
		if !changed {
			b = b[:mark]
		}
	}
	for _, m := range old.list {
		if !m.taken {
			b = append(appendMember(b, start, m), "null"...)
		}
	}
	return append(b, '}'), len(b) > start, true
}

// appendMember begins a member of the object whose members begin at start.
func appendMember(b []byte, start int, m member) []byte {
	if len(b) > start {
		b = append(b, ',')
	}
	return append(append(b, m.name...), ':')
}

func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }

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

// nextValue reads a value as a part of the text that dec reads.
func nextValue(dec *jsontext.Decoder, text []byte) []byte {
	v, err := dec.ReadValue()
	if err != nil {
		panic("alto: merge patch of what is not JSON: " + err.Error())
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
