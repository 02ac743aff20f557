package yang

import "strings"

// typeInfo is a compiled type statement. Leafs share its Type unless it holds
// leafrefs, which each leaf resolves for itself.
type typeInfo struct {
	t        *Type
	members  []*typeInfo // of a union
	leafref  bool        // it is a leafref or a union that holds one
	path     *stmt       // of a leafref
	fallback *stmt       // the default statement of the nearest typedef that has one
	size     int         // types in it, for unions count their members
	busy     bool        // being compiled
}

// restrictions are the substatements of type that each built-in type takes.
var restrictions = map[Base]string{
	Binary: "length", Bits: "bit", Decimal64: "fraction-digits range", Enumeration: "enum", IdentityRef: "base",
	InstanceIdentifier: "require-instance", LeafRef: "path require-instance", String: "length pattern", Union: "type",
	Int8: "range", Int16: "range", Int32: "range", Int64: "range", Uint8: "range", Uint16: "range", Uint32: "range", Uint64: "range",
}

// required is the substatement that a built-in type cannot do without; what is
// derived from it cannot have it (but enum and bit).
var required = map[Base]string{
	Bits: "bit", Decimal64: "fraction-digits", Enumeration: "enum", IdentityRef: "base", LeafRef: "path", Union: "type",
}

// maxMembers bounds the types a union stands for, all levels and leafrefs
// included, for typedefs can multiply.
const maxMembers = 1000

// typeOf compiles a type statement, once. After an error it is nil.
func (c *compiler) typeOf(s *stmt) *typeInfo {
	if s == nil {
		return nil
	}
	info, ok := c.types[s]
	switch {
	case !ok:
		info = &typeInfo{busy: true}
		c.types[s] = info
		if c.compileType(s, info) {
			info.busy = false
			return info
		}
		c.types[s] = nil
		return nil
	case info != nil && info.busy:
		c.at(s, "%s is defined by itself", s.parent.title())
		return nil
	}
	return info
}

// compileType fills info from s and tells whether that went well.
func (c *compiler) compileType(s *stmt, info *typeInfo) bool {
	base := BaseOf(s.arg)
	if base != 0 {
		info.t = &Type{Base: base, RequireInstance: true}
	} else if !c.deriveType(s, info) {
		return false
	}
	t := info.t
	t.schema = c.schema
	t.Real = t
	for _, r := range s.subs {
		if _, _, ext := r.extension(); ext {
			continue
		}
		t.Restricted = t.Restricted || base == 0
		if !strings.Contains(" "+restrictions[t.Base]+" ", " "+r.kw+" ") {
			c.at(r, "%q cannot restrict type %s", r.kw, t.Base)
			return false
		}
	}
	if !c.checkRequired(s, base, t.Base) {
		return false
	}
	ok := c.restrictNumbers(s, info) && c.restrictText(s, info) && c.compileNames(s, t) && c.compileReferences(s, info)
	return c.compileMembers(s, info) && ok
}

// deriveType starts info from the typedef that s names.
func (c *compiler) deriveType(s *stmt, info *typeInfo) bool {
	def := c.lookup(s, "typedef", s.arg)
	if def == nil {
		return false
	}
	from := c.typeOf(def.one("type"))
	if from == nil {
		return false
	}
	*info = *from
	info.busy = true
	t := *from.t
	t.Restricted = false
	t.Typedef = c.files[def.file].mod.Name + ":" + def.arg
	if u := def.one("units"); u != nil {
		t.Units = u.arg
	}
	if d := def.one("default"); d != nil {
		t.Default, t.HasDefault, info.fallback = d.arg, true, d
	}
	info.t = &t
	return true
}

// checkRequired checks what a built-in type must state itself.
func (c *compiler) checkRequired(s *stmt, own, base Base) bool {
	kw := required[base]
	if kw == "" {
		return true
	}
	has := s.one(kw)
	switch {
	case own != 0 && has == nil:
		c.at(s, "type %s needs %q", base, kw)
		return false
	case own == 0 && has != nil && kw != "enum" && kw != "bit":
		c.at(has, "%q cannot stand in a type derived from %s", kw, base)
		return false
	case own == 0 && has != nil && s.file.version == "1":
		c.at(has, "a derived type cannot restrict %q values in YANG version 1, only in 1.1", kw)
		return false
	}
	return true
}

// restrictNumbers reads fraction-digits and range.
func (c *compiler) restrictNumbers(s *stmt, info *typeInfo) bool {
	t := info.t
	if f := s.one("fraction-digits"); f != nil {
		if !argDigits.ok(f.arg) {
			return false // the error is recorded
		}
		t.FractionDigits = 0
		for _, digit := range f.arg {
			t.FractionDigits = t.FractionDigits*10 + int(digit-'0')
		}
	}
	r := s.one("range")
	if r == nil {
		return true
	}
	ranges, err := parseRanges(r.arg, t)
	if err != nil {
		c.at(r, "%s", err)
		return false
	}
	t.Range, t.RangeText = ranges, r.arg
	t.RangeAppTag, t.RangeMessage = r.value("error-app-tag"), r.value("error-message")
	return true
}

// restrictText reads length and pattern. The patterns of the base type stay.
func (c *compiler) restrictText(s *stmt, info *typeInfo) bool {
	t, ok := info.t, true
	if l := s.one("length"); l != nil {
		lengths, err := parseLengths(l.arg, t)
		if err != nil {
			c.at(l, "%s", err)
			return false
		}
		t.Length, t.LengthText = lengths, l.arg
		t.LengthAppTag, t.LengthMessage = l.value("error-app-tag"), l.value("error-message")
	}
	t.Patterns = t.Patterns[:len(t.Patterns):len(t.Patterns)]
	for _, p := range s.all("pattern") {
		pattern, err := CompilePattern(p.arg, p.one("modifier") != nil)
		if err != nil {
			c.at(p, "%s", err)
			ok = false
			continue
		}
		pattern.AppTag, pattern.Message = p.value("error-app-tag"), p.value("error-message")
		t.Patterns = append(t.Patterns, pattern)
	}
	return ok
}

// compileReferences reads base, path and require-instance.
func (c *compiler) compileReferences(s *stmt, info *typeInfo) bool {
	t := info.t
	bases := s.all("base")
	if len(bases) > 1 && s.file.version == "1" {
		c.at(bases[1], "identityref has more than one base, YANG version 1 allows one")
		return false
	}
	for _, b := range bases {
		def := c.lookup(b, "identity", b.arg)
		if def == nil {
			return false
		}
		t.Bases = append(t.Bases, c.files[def.file].mod.Identity(def.arg))
	}
	if p := s.one("path"); p != nil {
		info.path, info.leafref = p, true
	}
	if r := s.one("require-instance"); r != nil {
		if t.Base == LeafRef && s.file.version == "1" {
			c.at(r, "a leafref cannot have require-instance in YANG version 1, only in 1.1")
			return false
		}
		t.RequireInstance = r.arg == "true"
	}
	return true
}

// compileMembers reads the types of a union.
func (c *compiler) compileMembers(s *stmt, info *typeInfo) bool {
	ok := true
	info.size = max(info.size, 1)
	for _, m := range s.all("type") {
		member := c.typeOf(m)
		if member == nil {
			ok = false
			continue
		}
		if b := member.t.Base; s.file.version == "1" && (b == Empty || b == LeafRef) {
			c.at(m, "type %s cannot be in a union in YANG version 1, only in 1.1", b)
			ok = false
		}
		info.members = append(info.members, member)
		info.t.Members = append(info.t.Members, member.t)
		info.leafref = info.leafref || member.leafref
		info.size += member.size
	}
	if info.size > maxMembers {
		c.at(s, "the union has more than %d types in all", maxMembers)
		ok = false
	}
	return ok
}

// instance returns the Type for one leaf: its own copy where leafrefs have to be
// resolved. visit is called for each leafref in it.
func (info *typeInfo) instance(visit func(t *Type, path *stmt)) *Type {
	if !info.leafref {
		return info.t
	}
	t := *info.t
	t.Real = &t
	if info.path != nil {
		visit(&t, info.path)
	}
	if len(info.members) > 0 {
		t.Members = make([]*Type, len(info.members))
		for i, m := range info.members {
			t.Members[i] = m.instance(visit)
		}
	}
	return &t
}
