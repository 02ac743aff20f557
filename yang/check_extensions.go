package yang

import "slices"

// extensionText is the grammar of the extensions that define something, as in
// grammarText: annotations (RFC 7952 Section 3), yang-data (RFC 8040 Section 8)
// and structures (RFC 8791 Section 4).
const extensionText = `
$doc: status? description? reference?
$data: container* leaf* leaf-list* list* choice* anydata* anyxml* uses*
ietf-yang-metadata:annotation: type! units? if-feature* $doc
ietf-restconf:yang-data: $data
ietf-yang-structure-ext:structure: must* $doc typedef* grouping* $data
ietf-yang-structure-ext:augment-structure: $doc $data case*
`

var extensionGrammar = readGrammar(extensionText)

// checkExtension checks place and substatements of an extension that defines
// something.
func (c *compiler) checkExtension(s *stmt, e *Extension) {
	allowed := extensionGrammar[e.Module.Name+":"+e.Name]
	if allowed == nil {
		return
	}
	if s.parent.parent != nil {
		if e.Name != "yang-data" { // which is then to be ignored
			c.at(s, "%s stands in %s, expected at the top of a module", s.title(), s.parent.title())
		}
		return
	}
	seen := map[string]int{}
	for _, sub := range s.subs {
		if _, _, ok := sub.extension(); ok {
			continue
		}
		card, ok := allowed[sub.kw]
		seen[sub.kw]++
		switch {
		case !ok:
			c.at(sub, "%q is not allowed in %q", sub.kw, s.kw)
		case card.max == 1 && seen[sub.kw] == 2:
			c.at(sub, "more than one %q in %s, expected at most one", sub.kw, s.title())
		}
	}
	for _, kw := range sortedKeys(allowed) {
		if allowed[kw].min > 0 && seen[kw] == 0 {
			c.at(s, "missing %q in %s", kw, s.title())
		}
	}
	if e.Name == "augment-structure" && !slices.ContainsFunc(s.subs, func(k *stmt) bool { return isDefinition[k.kw] }) {
		c.at(s, "%s defines no node, expected at least one", s.title())
	}
	if e.Argument != "" && s.hasArg && e.Name != "augment-structure" && !isIdentifier(s.arg) {
		c.at(s, "%s is %q, expected an identifier", s.kw, s.arg)
	}
}

// checkStructureNames checks that a structure has the name of no other node at
// the top of its module (RFC 8791 Section 4).
func (c *compiler) checkStructureNames(root *draft, structures []*draft) {
	for _, d := range structures {
		if !c.extensionOf(d.st).is("ietf-yang-structure-ext", "structure") {
			continue
		}
		if i := slices.IndexFunc(root.kids, func(k *draft) bool { return k.unit == d.unit && k.name == d.name }); i >= 0 {
			c.at(d.st, "%s has the name of %s", d.st.title(), root.kids[i].st.title())
		}
	}
}
