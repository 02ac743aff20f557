package alto

// composed returns one merge patch that does what patches do one after the other. ok is
// false where some are of another kind or no patch can.
func composed(patches []*updateItem) (patch []byte, ok bool) {
	for i, p := range patches {
		switch {
		case !p.isMergePatch():
			return nil, false
		case i == 0:
			patch = p.parts[0]
		default:
			if patch, ok = composeMergePatches(nil, patch, p.parts[0], maxPatchDepth); !ok {
				return nil, false
			}
		}
	}
	return patch, len(patches) > 0
}

// composeMergePatches appends the patch that does what first and then second do, valid
// JSON objects (RFC 7396). ok is false where none can: an object takes the place of what
// first has removed, where a patch would change it. Cost is that of their size at each
// level where they meet.
func composeMergePatches(b, first, second []byte, depth int) (_ []byte, ok bool) {
	later := memberSet{list: membersOf(second)}
	b = append(b, '{')
	start := len(b)
	for _, m := range membersOf(first) {
		after := later.take(m.key)
		b = appendName(b, start, m.name)
		switch {
		case after == nil:
			b = append(b, m.value...)
		case !isObject(after):
			b = append(b, after...)
		case !isObject(m.value) || depth == 0:
			return nil, false
		default:
			if b, ok = composeMergePatches(b, m.value, after, depth-1); !ok {
				return nil, false
			}
		}
	}
	for _, m := range later.list {
		if !m.taken {
			b = append(appendName(b, start, m.name), m.value...)
		}
	}
	return append(b, '}'), true
}

// appendName begins a member of the object whose members begin at start.
func appendName(b []byte, start int, name []byte) []byte {
	if len(b) > start {
		b = append(b, ',')
	}
	return append(append(b, name...), ':')
}
