package yang

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// typeText is a type as facts write it. A typedef used as it is shows only its
// base and name, unless full. Prefixes of paths are module names, dropped where
// they are own.
func (w *factWriter) typeText(info *typeInfo, own string, full bool) string {
	t := info.t
	a := []string{t.Base.String()}
	if t.Typedef != "" {
		a[0] += "<" + t.Typedef + ">"
		if !t.Restricted && !full {
			return a[0]
		}
	}
	if t.FractionDigits > 0 {
		a = append(a, "fd="+strconv.Itoa(t.FractionDigits))
	}
	a = append(a, restrictionFacts(t)...)
	a = append(a, namedText("enum", t.Enums)...)
	a = append(a, namedText("bit", t.Bits)...)
	if len(t.Bases) > 0 {
		var bases []string
		for _, b := range t.Bases {
			bases = append(bases, b.String())
		}
		slices.Sort(bases)
		a = append(a, "base="+strings.Join(bases, ","))
	}
	if info.path != nil {
		if x := w.c.xpath(info.path, nil); x != nil {
			a = append(a, "path="+x.Canonical(own))
		}
	}
	if !t.RequireInstance {
		a = append(a, "require-instance=false")
	}
	if len(info.members) > 0 {
		var members []string
		for _, m := range info.members {
			members = append(members, w.typeText(m, own, false))
		}
		a = append(a, "{"+strings.Join(members, " | ")+"}")
	}
	return strings.Join(a, " ")
}

// restrictionFacts are range, length and patterns, those of all typedefs included.
func restrictionFacts(t *Type) (a []string) {
	if t.Range != nil {
		a = append(a, "range="+rangeFact(t))
	}
	if t.Length != nil {
		a = append(a, "length="+strings.Join(rangeWords(t.Length, func(n int64) string {
			if n == math.MaxInt64 {
				return "max"
			}
			return strconv.FormatInt(n, 10)
		}), "|"))
	}
	var patterns []string
	for _, p := range t.Patterns {
		text := strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(p.Text)
		if p.Invert {
			text = "!" + text
		}
		patterns = append(patterns, text)
	}
	slices.Sort(patterns)
	for _, p := range patterns {
		a = append(a, "pattern='"+p+"'")
	}
	return a
}

// rangeFact is a range with min and max written out. Other ends of a decimal64
// stay as they were written.
func rangeFact(t *Type) string {
	words := rangeWords(t.Range, func(n int64) string {
		return strings.TrimSuffix(Value{typ: t, num: n}.String(), ".0")
	})
	for i, part := range strings.Split(t.RangeText, "|") {
		if t.Base == Decimal64 && i < len(words) && !strings.Contains(part, "m") {
			words[i] = strings.Join(strings.Fields(part), "")
		}
	}
	return strings.Join(words, "|")
}

// namedText is the list of enums or bits by number.
func namedText(kind string, l []EnumValue) []string {
	if l == nil {
		return nil
	}
	l = slices.Clone(l)
	slices.SortStableFunc(l, func(a, b EnumValue) int { return cmp.Compare(a.Value, b.Value) })
	var words []string
	for _, v := range l {
		word := v.Name + "=" + strconv.FormatInt(v.Value, 10)
		if len(v.IfFeatures) > 0 {
			word += "[if " + strings.Join(v.IfFeatures, " ; ") + "]"
		}
		if v.Status != Current {
			word += "[" + v.Status.String() + "]"
		}
		words = append(words, word)
	}
	return []string{kind + "{" + strings.Join(words, ",") + "}"}
}

// defaultText is a default with the module name for the prefix of an identity.
func defaultText(info *typeInfo, d *stmt) string {
	prefix, name, prefixed := strings.Cut(d.arg, ":")
	if info == nil {
		return d.arg
	}
	t := info.t
	identity := t.Base == IdentityRef
	holds := identity || t.Base == Union && slices.ContainsFunc(t.Members, func(m *Type) bool { return m.Base == IdentityRef })
	if prefixed && holds {
		if m, ok := d.file.resolver.ModuleOf(prefix); ok {
			return m + ":" + name
		}
	}
	if identity {
		return d.file.module + ":" + d.arg
	}
	return d.arg
}
