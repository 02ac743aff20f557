package yang

import (
	"slices"
	"strings"
)

// deviate applies a deviation (RFC 7950 Section 7.20.3).
func (c *compiler) deviate(root *draft, d *stmt) {
	target := c.find(root, d, d.arg)
	if target == nil {
		return
	}
	u := c.files[d.file]
	if by := &target.unit.mod.DeviatedBy; !slices.Contains(*by, u.mod.Name) {
		*by = append(*by, u.mod.Name)
		slices.Sort(*by)
	}
	list := d.all("deviate")
	for _, v := range list {
		record := Deviation{Target: target.where(), Kind: v.arg, Reason: d.prose()}
		for _, s := range v.subs {
			record.Props = append(record.Props, s.kw+"="+s.arg)
		}
		u.mod.Deviations = append(u.mod.Deviations, record)
		if v.arg == "not-supported" {
			if len(list) > 1 || len(v.subs) > 0 {
				c.at(v, "deviate not-supported stands alone")
			}
			target.removed = true
			continue
		}
		for _, s := range v.subs {
			if _, _, ok := s.extension(); !ok {
				c.deviateProp(target, v.arg, s)
			}
		}
	}
}

// deviable says which properties each kind of deviate takes.
var deviable = map[string]string{
	"add":     "units must unique default config mandatory min-elements max-elements",
	"replace": "type units default config mandatory min-elements max-elements",
	"delete":  "units must unique default",
}

// deviateProp adds, replaces or deletes one property of d.
func (c *compiler) deviateProp(d *draft, how string, s *stmt) {
	if !slices.Contains(strings.Fields(deviable[how]), s.kw) {
		c.at(s, "deviate %s cannot have %q", how, s.kw)
		return
	}
	if !slices.Contains(propKinds[s.kw], d.kind) {
		c.at(s, "deviate %s: %s has no %q", how, d.kind.a(), s.kw)
		return
	}
	switch s.kw {
	case "must":
		c.deviateList(d, &d.musts, how, s)
	case "unique":
		c.deviateList(d, &d.uniques, how, s)
	case "default":
		c.deviateDefault(d, how, s)
	default:
		old := d.props[s.kw]
		switch {
		case how == "add" && old != nil:
			c.at(s, "deviate add: %s has %q already", d.where(), s.kw)
		case how == "replace" && old == nil && s.kw != "config" && s.kw != "mandatory" && s.kw != "min-elements" && s.kw != "max-elements":
			c.at(s, "deviate replace: %s has no %q", d.where(), s.kw)
		case how == "delete" && (old == nil || old.arg != s.arg):
			c.at(s, "deviate delete: %s has no %s", d.where(), s.title())
		case how == "delete":
			d.unset(s.kw)
		default:
			d.set(s.kw, s)
		}
	}
}

// propKinds are the kinds of nodes that have a property.
var propKinds = map[string][]Kind{
	"units": {Leaf, LeafList}, "type": {Leaf, LeafList}, "default": {Leaf, LeafList, Choice}, "unique": {List},
	"must":   {Container, List, Leaf, LeafList, AnyData, AnyXML, Input, Output, Notification},
	"config": {Container, List, Leaf, LeafList, Choice, AnyData, AnyXML}, "mandatory": {Leaf, Choice, AnyData, AnyXML},
	"min-elements": {List, LeafList}, "max-elements": {List, LeafList},
}

// deviateList adds s to the statements of its keyword or deletes the one it equals.
func (c *compiler) deviateList(d *draft, list *[]*stmt, how string, s *stmt) {
	if how == "add" {
		*list = append(slices.Clip(*list), s)
		return
	}
	i := slices.IndexFunc(*list, func(o *stmt) bool { return o.arg == s.arg })
	if i < 0 {
		c.at(s, "deviate delete: %s has no %s", d.where(), s.title())
		return
	}
	*list = slices.Delete(slices.Clone(*list), i, i+1)
}

// deviateDefault: only a leaf-list has several defaults.
func (c *compiler) deviateDefault(d *draft, how string, s *stmt) {
	switch {
	case how == "delete", d.kind == LeafList && how == "add":
		c.deviateList(d, &d.defaults, how, s)
	case how == "add" && len(d.defaults) > 0:
		c.at(s, "deviate add: %s has a default already", d.where())
	case how == "replace" && len(d.defaults) == 0:
		c.at(s, "deviate replace: %s has no default", d.where())
	default:
		d.defaults = []*stmt{s}
	}
}
