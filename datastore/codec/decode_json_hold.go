package codec

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// jsonObject is the state of an object being read: what is held back until no
// annotation can come any more that the stream still honours.
type jsonObject struct {
	begin *yang.Node // whose Begin is held back, nil when it is out or is the top level
	attrs []tree.Attr
	held  []heldNode
	early []annotation // came before what they annotate
	seen  []uint64     // bit set of schema indexes
}

// heldNode is a leaf, leaf-list entry, anydata or anyxml to be handed on.
type heldNode struct {
	schema *yang.Node
	value  yang.Value
	any    *tree.Any
	attrs  []tree.Attr
}

// annotation is an "@name" member: the attributes of the i-th instance.
type annotation struct {
	schema *yang.Node
	attrs  [][]tree.Attr
}

func (d *jsonDecoder) push(begin *yang.Node) *jsonObject {
	if d.level == len(d.objects) {
		d.objects = append(d.objects, &jsonObject{})
	}
	o := d.objects[d.level]
	d.level++
	o.begin, o.attrs, o.held, o.early = begin, o.attrs[:0], o.held[:0], o.early[:0]
	clear(o.seen)
	return o
}

func (o *jsonObject) saw(s *yang.Node) bool {
	word := s.Index / 64
	return word < len(o.seen) && o.seen[word]>>(s.Index%64)&1 != 0
}

func (o *jsonObject) mark(s *yang.Node) {
	word := s.Index / 64
	for len(o.seen) <= word {
		o.seen = append(o.seen, 0)
	}
	o.seen[word] |= 1 << (s.Index % 64)
}

// hold keeps n, with the annotations that came before it.
func (o *jsonObject) hold(n heldNode) {
	for i := range o.early {
		if a := &o.early[i]; a.schema == n.schema {
			n.attrs, a.attrs = a.attrs[0], a.attrs[1:]
			if len(a.attrs) == 0 {
				o.early = append(o.early[:i], o.early[i+1:]...)
			}
			break
		}
	}
	o.held = append(o.held, n)
}

// release hands on what was held back.
func (d *jsonDecoder) release(o *jsonObject) error {
	if s := o.begin; s != nil {
		o.begin = nil
		if err := d.sink.Begin(s, o.attrs); err != nil {
			return d.fromSink(nil, err)
		}
	}
	for _, n := range o.held {
		var err error
		if n.any != nil {
			err = d.sink.Any(n.schema, n.any, n.attrs)
		} else {
			err = d.sink.Leaf(n.schema, n.value, n.attrs)
		}
		if err != nil {
			return d.fromSink(n.schema, err)
		}
	}
	o.held = o.held[:0]
	return nil
}
