package tree

// AppendURI appends the api-path of the data resource at p (RFC 8040 Section
// 3.5.3.1), nothing for the empty path: "/" before each node, key values behind "=",
// with all but the unreserved characters of RFC 3986 Section 2.3 percent-encoded. A
// list entry without keys is named as its list.
func (p Path) AppendURI(dst []byte) []byte {
	for i, st := range p {
		dst = p.appendName(dst, i)
		for j, v := range st.Keys {
			dst = appendEscaped(append(dst, "=,"[min(j, 1)]), v.String())
		}
	}
	return dst
}

// appendEscaped appends text percent-encoded.
func appendEscaped(dst []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
