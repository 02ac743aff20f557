package openapi

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// draw makes random trees.
type draw struct {
	*rapid.T
	schema *yang.Schema
	// within bounds the nodes, odds are those of a node that may be left out, in tenths,
	// state tells that state is wanted.
	within, odds int
	state        bool
}

// value is a random value of s; ok is false where none was found.
func (d *draw) value(s *yang.Node) (v yang.Value, ok bool) {
	for range 3 {
		if v, err := s.Type.Parse(d.literal(s.Type), yang.JSONResolver{Schema: d.schema, Default: s.Module.Name}); err == nil {
			return v, true
		}
	}
	return v, false
}

func (d *draw) literal(t *yang.Type) string {
	if t.Real != nil {
		t = t.Real
	}
	switch t.Base {
	case yang.Int8, yang.Int16, yang.Int32, yang.Int64, yang.Uint8, yang.Uint16, yang.Uint32, yang.Uint64:
		return d.integer(t)
	case yang.Decimal64:
		return strconv.FormatInt(rapid.Int64Range(-9e8, 9e8).Draw(d.T, "whole"), 10) + "." + strconv.Itoa(rapid.IntRange(0, 9).Draw(d.T, "tenths"))
	case yang.Boolean:
		return strconv.FormatBool(rapid.Bool().Draw(d.T, "flag"))
	case yang.Enumeration:
		return rapid.SampledFrom(t.Enums).Draw(d.T, "enum").Name
	case yang.Bits:
		var names []string
		for _, b := range t.Bits {
			if rapid.Bool().Draw(d.T, "bit") {
				names = append(names, b.Name)
			}
		}
		return strings.Join(names, " ")
	case yang.Binary:
		least, most := length(t)
		return base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), least, most).Draw(d.T, "octets"))
	case yang.IdentityRef:
		if all := (&document{o: Options{Schema: d.schema}}).identities(t); len(all) > 0 {
			return rapid.SampledFrom(all).Draw(d.T, "identity")
		}
		return ""
	case yang.InstanceIdentifier:
		return "/" + rapid.SampledFrom(d.schema.Root.Data).Draw(d.T, "node").QName()
	case yang.Union:
		return d.literal(rapid.SampledFrom(t.Members).Draw(d.T, "member"))
	case yang.Empty:
		return ""
	}
	return d.text(t)
}

// matching are the generators made for patterns.
var matching = map[string]*rapid.Generator[string]{}

func (d *draw) integer(t *yang.Type) string {
	if t.Base == yang.Uint64 && len(t.Range) == 0 {
		return strconv.FormatUint(rapid.Uint64().Draw(d.T, "uint"), 10)
	}
	r := yang.Range{Min: math.MinInt64, Max: math.MaxInt64}
	if whole, ok := wholes[t.Base]; ok {
		r = whole
	}
	if len(t.Range) > 0 {
		r = rapid.SampledFrom(t.Range).Draw(d.T, "range")
	}
	return strconv.FormatInt(rapid.Int64Range(r.Min, max(r.Min, r.Max)).Draw(d.T, "int"), 10)
}

func (d *draw) text(t *yang.Type) string {
	for _, p := range t.Patterns {
		if e, ok := p.ECMA(); ok && !p.Invert && len(e) < 300 {
			g := matching[e]
			if g == nil {
				g = rapid.StringMatching(e)
				matching[e] = g
			}
			return g.Draw(d.T, "text")
		}
	}
	least, most := length(t)
	r := rapid.RuneFrom([]rune("aZ <>&\"'\\\n\t/:@é漢\U0001F600"))
	return rapid.StringOfN(r, least, most, -1).Draw(d.T, "text")
}

func length(t *yang.Type) (least, most int) {
	if len(t.Length) == 0 {
		return 0, 12
	}
	return int(t.Length[0].Min), int(min(t.Length[0].Max, t.Length[0].Min+12))
}

// fill adds random children to m.
func (d *draw) fill(m *tree.Mut) {
	for _, s := range m.Schema().Data {
		left := !s.Mandatory && rapid.IntRange(0, 9).Draw(d.T, s.Name) >= d.odds
		if s.IsKey || left || d.excluded(m, s) || !s.Config && !d.state || d.within == 0 {
			continue
		}
		d.within--
		switch s.Kind {
		case yang.Leaf:
			if v, ok := d.value(s); ok {
				m.SetLeaf(s, v)
			}
		case yang.LeafList:
			for range rapid.IntRange(1, 3).Draw(d.T, "entries") {
				if v, ok := d.value(s); ok {
					m.AddValue(s, v, tree.Position{})
				}
			}
		case yang.Container:
			d.fill(m.Ensure(s))
		case yang.List:
			for range rapid.IntRange(1, 4).Draw(d.T, "entries") {
				d.entry(m, s)
			}
		}
	}
}

func (d *draw) entry(m *tree.Mut, s *yang.Node) {
	var keys []yang.Value
	for _, k := range s.Keys {
		v, ok := d.value(k)
		if !ok {
			return
		}
		keys = append(keys, v)
	}
	e, _ := m.AddEntry(s, keys, tree.Position{})
	d.fill(e)
}

// excluded tells whether another case of s's choice is there.
func (d *draw) excluded(m *tree.Mut, s *yang.Node) bool {
	for c := range m.Node().Children() {
		if tree.Exclusive(c.Schema(), s) {
			return true
		}
	}
	return false
}
