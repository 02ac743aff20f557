package codec

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// draw makes random trees.
type draw struct {
	*rapid.T
	schema *yang.Schema
}

// text is a legal YANG string, rich in what encodings must escape.
func (d draw) text(least, most int) string {
	r := rapid.RuneFrom([]rune("aZ <>&\"'\\\r\n\t/:@[]\x7f\u0085\u2028é漢\U0001F600\ufffd"))
	return rapid.StringOfN(r, least, most, -1).Draw(d.T, "text")
}

// value is a random value of s.
func (d draw) value(s *yang.Node) yang.Value {
	t := s.Type
	if t.Real != nil {
		t = t.Real
	}
	text := d.literal(t)
	v, err := t.Parse(text, yang.JSONResolver{Schema: d.schema, Default: s.Module.Name})
	if err != nil {
		d.Fatalf("%s: %v", s.Path(), err)
	}
	return v
}

func (d draw) literal(t *yang.Type) string {
	switch t.Base {
	case yang.Int8, yang.Int16, yang.Int32, yang.Int64:
		bits := map[yang.Base]int{yang.Int8: 8, yang.Int16: 16, yang.Int32: 32, yang.Int64: 64}[t.Base]
		return strconv.FormatInt(rapid.Int64Range(-1<<(bits-1), 1<<(bits-1)-1).Draw(d.T, "int"), 10)
	case yang.Uint8:
		return strconv.Itoa(rapid.IntRange(0, 100).Draw(d.T, "uint"))
	case yang.Uint16, yang.Uint32, yang.Uint64:
		bits := map[yang.Base]int{yang.Uint16: 16, yang.Uint32: 32, yang.Uint64: 64}[t.Base]
		return strconv.FormatUint(rapid.Uint64Range(0, 1<<bits-1).Draw(d.T, "uint"), 10)
	case yang.Decimal64:
		return strconv.FormatInt(rapid.Int64Range(-9e14, 9e14).Draw(d.T, "whole"), 10) + "." + strconv.Itoa(rapid.IntRange(0, 9).Draw(d.T, "tenths"))
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
		return base64.StdEncoding.EncodeToString(rapid.SliceOf(rapid.Byte()).Draw(d.T, "octets"))
	case yang.IdentityRef:
		return rapid.SampledFrom([]string{"codec-a:round", "codec-b:square"}).Draw(d.T, "identity")
	case yang.InstanceIdentifier:
		return rapid.SampledFrom([]string{
			"/codec-a:all/text", "/codec-a:all/codec-b:extra/deep",
			"/codec-a:item[name='a<b>]\"'][kind='codec-b:square']/codec-b:weight", "/codec-a:all/tag[.=\"it's\"]", "/codec-a:state/event[3]/code",
		}).Draw(d.T, "path")
	case yang.Union:
		m := rapid.SampledFrom(t.Members).Draw(d.T, "member")
		return d.literal(m)
	case yang.Empty:
		return ""
	}
	if len(t.Length) > 0 {
		return d.text(1, 3)
	}
	return d.text(0, 12)
}

// fill adds random children to m.
func (d draw) fill(m *tree.Mut) {
	for _, s := range m.Schema().Data {
		if s.IsKey || !rapid.Bool().Draw(d.T, s.Name) || d.excluded(m, s) {
			continue
		}
		switch s.Kind {
		case yang.Leaf:
			m.SetLeaf(s, d.value(s))
		case yang.LeafList:
			for range rapid.IntRange(1, 4).Draw(d.T, "entries") {
				m.AddValue(s, d.value(s), tree.Position{})
			}
		case yang.Container:
			d.fill(m.Ensure(s))
		case yang.List:
			for range rapid.IntRange(1, 3).Draw(d.T, "entries") {
				var keys []yang.Value
				for _, k := range s.Keys {
					keys = append(keys, d.value(k))
				}
				e, _ := m.AddEntry(s, keys, tree.Position{})
				d.fill(e)
			}
		}
	}
}

// excluded tells whether another case of s's choice is there.
func (d draw) excluded(m *tree.Mut, s *yang.Node) bool {
	if s.Case == nil {
		return false
	}
	for c := range m.Node().Children() {
		if tree.Exclusive(c.Schema(), s) {
			return true
		}
	}
	return false
}

// TestRoundTrip checks that every tree survives both encodings, and one after
// the other.
func TestRoundTrip(t *testing.T) {
	s := schemaOf(t)
	rapid.Check(t, func(r *rapid.T) {
		m := tree.New(s.Root).Mutate()
		draw{r, s}.fill(m)
		want := m.Done()
		o := EncodeOptions{Indent: rapid.SampledFrom([]string{"", " "}).Draw(r, "indent")}
		x, err := fromXML(t, toXML(t, want, o))
		if err != nil {
			r.Fatalf("%v: %s", err, toXML(t, want, o))
		}
		if !tree.Compare(want, x).Empty() {
			r.Fatalf("XML: %s\nbecame %s", toXML(t, want, o), toXML(t, x, o))
		}
		j, err := fromJSON(t, toJSON(t, x, o))
		if err != nil {
			r.Fatalf("%v: %s", err, toJSON(t, x, o))
		}
		if !tree.Compare(want, j).Empty() {
			r.Fatalf("JSON: %s\nbecame %s", toJSON(t, x, o), toJSON(t, j, o))
		}
	})
}
