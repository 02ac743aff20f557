package query

import (
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Fields is a parsed fields expression (RFC 8040 Section 4.8.3).
type Fields struct {
	// Depth is how many levels are kept from each named node on, which is level 1
	// (RFC 8040 Section 4.8.2); 0 keeps all.
	Depth int

	top []*field
}

// field is a node name with what is wanted below it; without kids all of it.
type field struct {
	module, name string // module "" is that of the parent
	kids         []*field
}

// maxFieldDepth bounds the nesting of a fields expression.
const maxFieldDepth = 64

// ParseFields parses an expression like "resource(resource-id;description);meta".
// The error is an invalid-value that says where the expression is wrong.
func ParseFields(text string) (*Fields, error) {
	p := fieldParser{text: text}
	top, err := p.list(0)
	if err == nil && p.pos < len(text) {
		err = p.fail("end of the expression")
	}
	if err != nil {
		return nil, err
	}
	return &Fields{top: top}, nil
}

type fieldParser struct {
	text string
	pos  int
}

func (p *fieldParser) fail(want string) error {
	return rpcerr.NewProtocol(rpcerr.InvalidValue, "fields parameter %q: expected %s at position %d", brief(p.text), want, p.pos+1)
}

func (p *fieldParser) list(depth int) ([]*field, error) {
	if depth > maxFieldDepth {
		return nil, p.fail("less nesting")
	}
	var out []*field
	for {
		f, err := p.path(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		if !p.take(';') {
			return out, nil
		}
	}
}

// path parses name ("/" name)* [ "(" list ")" ] and returns the first field.
func (p *fieldParser) path(depth int) (*field, error) {
	first, err := p.name()
	if err != nil {
		return nil, err
	}
	last := first
	for p.take('/') {
		next, err := p.name()
		if err != nil {
			return nil, err
		}
		last.kids = []*field{next}
		last = next
	}
	if p.take('(') {
		if last.kids, err = p.list(depth + 1); err != nil {
			return nil, err
		}
		if !p.take(')') {
			return nil, p.fail(`")" or ";"`)
		}
	}
	return first, nil
}

func (p *fieldParser) name() (*field, error) {
	end := p.pos
	for end < len(p.text) && !strings.ContainsRune("/;()", rune(p.text[end])) {
		end++
	}
	word := p.text[p.pos:end]
	module, name, ok := strings.Cut(word, ":")
	if !ok {
		module, name = "", word
	}
	if name == "" || ok && module == "" {
		return nil, p.fail("a node name")
	}
	p.pos = end
	return &field{module: module, name: name}, nil
}

func (p *fieldParser) take(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// brief shortens a text from outside for a message.
func brief(text string) string {
	const limit = 200
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// Apply returns of the instances of at in t only the fields, with the ancestors
// of the instances and the keys of entries. A field the schema does not have is an
// invalid-value. Cost: the length of the expression, and what is below the
// instances of the fields.
func (f *Fields) Apply(t *tree.Tree, at tree.Path) (*tree.Tree, error) {
	schema := t.Schema()
	if len(at) > 0 {
		schema = at[len(at)-1].Schema
	}
	picks, err := resolve(schema, f.top)
	if err != nil {
		return nil, err
	}
	m := t.Blank().Mutate()
	f.descend(m, t.Root(), at, picks)
	return m.Done(), nil
}

// pick is a schema node that fields name: the whole of it or some below.
type pick struct {
	schema *yang.Node
	whole  bool
	kids   []pick
}

// resolve finds the fields below s and merges those of one schema node. The
// result is in schema order, without keys: they are always there.
func resolve(s *yang.Node, fields []*field) ([]pick, error) {
	named := map[*yang.Node][]*field{}
	for _, f := range fields {
		c := f.child(s)
		if c == nil || !c.IsData() {
			return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "fields parameter: %s has no node %s", s.Path(), brief(f.String()))
		}
		named[c] = append(named[c], f)
	}
	var out []pick
	for _, c := range s.Data {
		if len(named[c]) == 0 {
			continue
		}
		p, kids := pick{schema: c}, []*field(nil)
		for _, f := range named[c] {
			p.whole = p.whole || len(f.kids) == 0
			kids = append(kids, f.kids...)
		}
		var err error
		if p.kids, err = resolve(c, kids); err != nil {
			return nil, err
		}
		if !c.IsKey {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f *field) String() string {
	if f.module == "" {
		return f.name
	}
	return fmt.Sprintf("%s:%s", f.module, f.name)
}

func (f *field) child(s *yang.Node) *yang.Node {
	switch {
	case f.module != "":
		return s.Child(f.module, f.name)
	case s.Module != nil:
		return s.Child(s.Module.Name, f.name)
	}
	return nil
}

// descend copies what leads to the target, then the fields.
func (f *Fields) descend(out *tree.Mut, n *tree.Node, to tree.Path, picks []pick) {
	switch {
	case len(to) > 0 && len(to[0].Keys) > 0:
		if c := n.Find(to[:1]); c != nil {
			f.descend(open(out, c), c, to[1:], picks)
		}
		return
	case len(to) > 0:
		for c := range n.Entries(to[0].Schema) {
			if out.Meter().Full() {
				return
			}
			f.descend(open(out, c), c, to[1:], picks)
		}
		return
	}
	for _, p := range picks {
		for c := range n.Entries(p.schema) {
			switch k := p.schema.Kind; {
			case out.Meter().Full():
				return
			case !p.whole:
				f.descend(open(out, c), c, nil, p.kids)
			case f.Depth > 0 && (k == yang.Container || k == yang.List):
				cutBelow(open(out, c), c, f.Depth-1)
			default:
				put(out, c)
			}
		}
	}
	for _, k := range n.Schema().Keys {
		if c := n.Child(k); c != nil {
			put(out, c)
		}
	}
}
