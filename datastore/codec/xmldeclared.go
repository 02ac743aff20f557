package codec

// Declared are the namespace declarations of the start tag that was read last,
// in their order: Local is the prefix, "" for the default namespace, and Value
// the namespace. It is for the call of Next that returned the tag only.
func (x *XMLReader) Declared() []XMLAttr {
	out := make([]XMLAttr, 0, len(x.tagDecls))
	for _, prefix := range x.tagDecls {
		uri, _ := x.scope.lookup(prefix)
		out = append(out, XMLAttr{Local: prefix, Value: uri})
	}
	return out
}
