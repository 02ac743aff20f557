package yang

import "strings"

// StructureKeyword is the extension that defines a Structure: "yang-data" (RFC 8040
// Section 8) or "structure" (RFC 8791 Section 2.1). "" for other kinds of node.
func (n *Node) StructureKeyword() string {
	if n.Kind != Structure {
		return ""
	}
	kw := n.draft.st.kw
	return kw[strings.LastIndexByte(kw, ':')+1:]
}
