package openapi

import (
	"math"
	"slices"
	"strings"

	"github.com/altoam/altoam/yang"
)

// largeType is the length in octets from which on a type is a component.
const largeType = 80

// leafType is the schema of a value of the leaf or leaf-list n.
func (d *document) leafType(n *yang.Node) object {
	if s, ok := d.types[n]; ok {
		return s
	}
	t := n.Type
	if t.Real != nil {
		t = t.Real
	}
	s := d.valueOf(t, false)
	if len(appendJSON(nil, s)) >= largeType {
		s = d.sharedType(n, t, s)
	}
	d.types[n] = s
	return s
}

// sharedType refers to the component of the type t of n, which s describes.
func (d *document) sharedType(n *yang.Node, t *yang.Type, s object) object {
	names := namesOf(n, ".type")
	if module, name, ok := strings.Cut(t.Typedef, ":"); ok && !t.Restricted {
		names = append([]string{module + "." + name}, names...)
	}
	return ref(schemas, d.share(schemas, s, names...))
}

// valueOf is the schema of a value of type t in JSON (RFC 7951 Section 6); or, for
// keys, in a URI (RFC 8040 Section 3.5.3), where an empty value is no text.
func (d *document) valueOf(t *yang.Type, key bool) object {
	if t.Real != nil {
		t = t.Real
	}
	switch t.Base {
	case yang.Int8, yang.Int16, yang.Int32, yang.Uint8, yang.Uint16, yang.Uint32:
		return integer(t)
	case yang.Int64:
		return ranged(t, `^(?:0|-?[1-9][0-9]{0,18})$`)
	case yang.Uint64:
		return ranged(t, `^(?:0|[1-9][0-9]{0,19})$`)
	case yang.Decimal64:
		return ranged(t, decimalPattern(t.FractionDigits))
	case yang.Boolean:
		return object{{"type", "boolean"}}
	case yang.Empty:
		if key {
			return object{{"const", ""}}
		}
		return object{{"const", []any{nil}}}
	case yang.Enumeration:
		return names(valueNames(t.Enums))
	case yang.IdentityRef:
		return names(d.identities(t))
	case yang.Bits:
		return bits(t)
	case yang.Binary:
		return binary(t)
	case yang.InstanceIdentifier:
		return object{{"type", "string"}, {"pattern", "^/"}}
	case yang.Union:
		var members []object
		for _, m := range t.Members {
			members = append(members, d.valueOf(m, key))
		}
		return object{{"anyOf", members}}
	}
	return d.text(t)
}

func names(list []string) object {
	if len(list) == 0 {
		return object{{"not", object{}}}
	}
	return object{{"type", "string"}, {"enum", list}}
}

func valueNames(values []yang.EnumValue) (out []string) {
	for _, v := range values {
		out = append(out, v.Name)
	}
	return out
}

// identities are the values that an identityref can have, sorted.
func (d *document) identities(t *yang.Type) (out []string) {
	for _, m := range d.o.Schema.Modules {
		if !m.Implemented {
			continue
		}
		for _, i := range m.Identities {
			derived := !slices.ContainsFunc(t.Bases, func(b *yang.Identity) bool { return i == b || !i.DerivedFromOrSelf(b) })
			if derived && i.Enabled {
				out = append(out, i.String())
			}
		}
	}
	slices.Sort(out)
	return out
}

// bits allows the names in any order.
func bits(t *yang.Type) object {
	if len(t.Bits) == 0 {
		return object{{"const", ""}}
	}
	var quoted []string
	for _, b := range t.Bits {
		quoted = append(quoted, strings.ReplaceAll(b.Name, ".", `\.`))
	}
	one := "(?:" + strings.Join(quoted, "|") + ")"
	return object{{"type", "string"}, {"pattern", "^(?:" + one + "(?: " + one + ")*)?$"}}
}

// binary is base64: four characters for three octets, or for the last ones.
func binary(t *yang.Type) object {
	s := object{
		{"type", "string"},
		{"contentEncoding", "base64"},
		{"pattern", `^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`},
	}
	return append(s, lengths(t.Length, func(octets int64) int64 { return (octets + 2) / 3 * 4 })...)
}

// text is the schema of a string.
func (d *document) text(t *yang.Type) object {
	s := append(object{{"type", "string"}}, lengths(t.Length, func(n int64) int64 { return n })...)
	var patterns []object
	var untranslated []string
	for _, p := range t.Patterns {
		e, done := d.patterns[p.Text]
		if !done {
			e, _ = p.ECMA()
			d.patterns[p.Text] = e
		}
		switch {
		case e == "":
			untranslated = append(untranslated, p.Text)
		case p.Invert:
			patterns = append(patterns, object{{"not", object{{"pattern", e}}}})
		default:
			patterns = append(patterns, object{{"pattern", e}})
		}
	}
	switch len(patterns) {
	case 0:
	case 1:
		s = append(s, patterns[0]...)
	default:
		s.set("allOf", patterns)
	}
	if len(untranslated) > 0 {
		s.set("x-yang-pattern", untranslated)
	}
	return s
}

// lengths are the keywords for a length; scale makes characters of its unit.
func lengths(parts []yang.Range, scale func(int64) int64) object {
	var list []object
	for _, r := range parts {
		var s object
		if r.Min > 0 {
			s.set("minLength", scale(r.Min))
		}
		if r.Max < math.MaxInt64/4 {
			s.set("maxLength", scale(r.Max))
		}
		list = append(list, s)
	}
	return anyOf(list)
}

// anyOf is the alternative of list, without the keyword where there is one only.
func anyOf(list []object) object {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return object{{"anyOf", list}}
}
