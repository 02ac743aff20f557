package yang

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FlatModule is an expanded module, see Flatten.
type FlatModule struct {
	Name string
	Text []byte
}

// File is the name of the file that goyang looks for: NAME.yang.
func (f FlatModule) File() string { return f.Name + ".yang" }

// Flatten writes the data trees of the named modules as plain nested YANG for
// ygot: every uses, augment, deviation and if-feature is applied, choices and
// cases are left out, leafrefs have the type of what they point to, typedefs are
// written out except enumerations, which give Go types their names. Data nodes
// that augments put below a named module's are in its tree, whatever their
// module. Bits and instance-identifiers are strings, and so are binary keys;
// restrictions of values, operations, notifications, anydata and anyxml are left out.
//
// Each module keeps its name and namespace; modules that only give identities or
// enumerations to others come along. A node whose sibling from another module
// has the same name is called "MODULE.NAME", see FlatName. The result is sorted
// by name and the same for the same schema. The error names a module that is
// not implemented.
func Flatten(s *Schema, modules ...string) ([]FlatModule, error) {
	f := &flattener{modules: map[string]*flatModule{}, enums: map[string]*Type{}}
	for _, name := range modules {
		m := s.Module(name)
		if m == nil || !m.Implemented {
			return nil, fmt.Errorf("yang: flatten: module %q is not implemented", name)
		}
		out := f.module(m)
		for _, n := range s.Root.Data {
			if n.Module == m {
				f.node(out, n, 1)
			}
		}
	}
	var list []FlatModule
	for _, name := range sortedKeys(f.modules) {
		list = append(list, FlatModule{name, f.modules[name].text()})
	}
	return list, nil
}

// FlatName is the name of a data node in what Flatten writes.
func (n *Node) FlatName() string {
	for _, o := range n.DataParent.Data {
		if o == n {
			break
		}
		if o.Name == n.Name {
			return n.Module.Name + "." + n.Name
		}
	}
	return n.Name
}

// flattener holds the modules being written.
type flattener struct {
	modules map[string]*flatModule
	enums   map[string]*Type // typedefs written, by "module:name"
}

// flatModule is one module: its parts in the order of the text. The prefix of
// every module is its name.
type flatModule struct {
	m                          *Module
	imports                    map[string]bool
	identities, typedefs, body bytes.Buffer
	done                       map[*Identity]bool
}

func (f *flattener) module(m *Module) *flatModule {
	out := f.modules[m.Name]
	if out == nil {
		out = &flatModule{m: m, imports: map[string]bool{}, done: map[*Identity]bool{}}
		f.modules[m.Name] = out
	}
	return out
}

// text is the whole module.
func (o *flatModule) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "module %s {\n  yang-version 1.1;\n  namespace %q;\n  prefix %s;\n", o.m.Name, o.m.Namespace, o.m.Name)
	for _, name := range sortedKeys(o.imports) {
		fmt.Fprintf(&b, "  import %s {\n    prefix %s;\n  }\n", name, name)
	}
	if o.m.Revision != "" {
		fmt.Fprintf(&b, "  revision %s;\n", o.m.Revision)
	}
	for _, part := range []*bytes.Buffer{&o.identities, &o.typedefs, &o.body} {
		b.Write(part.Bytes())
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// line writes one indented line.
func (o *flatModule) line(depth int, format string, args ...any) {
	writeLine(&o.body, depth, format, args...)
}

func writeLine(b *bytes.Buffer, depth int, format string, args ...any) {
	b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(b, format, args...)
	b.WriteByte('\n')
}

// node writes a data node and all below it.
func (f *flattener) node(o *flatModule, n *Node, depth int) {
	if n.Kind == AnyData || n.Kind == AnyXML {
		return
	}
	o.line(depth, "%s %s {", n.Kind, n.FlatName())
	if len(n.Keys) > 0 {
		var keys []string
		for _, k := range n.Keys {
			keys = append(keys, k.FlatName())
		}
		o.line(depth+1, "key %q;", strings.Join(keys, " "))
	}
	if n.Presence {
		o.line(depth+1, "presence %q;", n.Name)
	}
	if n.IsLeafy() {
		f.typ(o, &o.body, n.Type, depth+1, n.IsKey)
		if text, ok := flatDefault(n); ok {
			o.line(depth+1, "default %s;", quoteYANG(text))
		}
	}
	if !n.Config && n.DataParent.Config {
		o.line(depth+1, "config false;")
	}
	if n.OrderedByUser {
		o.line(depth+1, "ordered-by user;")
	}
	for _, k := range n.Data {
		f.node(o, k, depth+1)
	}
	o.line(depth, "}")
}

// quoteYANG quotes a string so that every parser reads it back.
func quoteYANG(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

// flatDefault is the default of a leaf where ygot can turn it into Go.
func flatDefault(n *Node) (string, bool) {
	if n.Kind != Leaf || len(n.Defaults) != 1 || n.Type.Real.Base == Union {
		return "", false
	}
	v := n.Defaults[0]
	switch v.Base() {
	case Bits, InstanceIdentifier, Empty, Binary:
		return "", false
	}
	return v.String(), true
}

// flatBases are the types written as another one.
var flatBases = map[Base]Base{Bits: String, InstanceIdentifier: String}

// typ writes a type statement into b. What it refers to is imported by o.
func (f *flattener) typ(o *flatModule, b *bytes.Buffer, t *Type, depth int, key bool) {
	t = t.Real
	base := t.Base
	if to, ok := flatBases[base]; ok {
		base = to
	}
	if key && base == Binary {
		base = String
	}
	switch base {
	case Enumeration:
		if name, ok := f.enumeration(t); ok {
			module, _, _ := strings.Cut(name, ":")
			o.use(module)
			writeLine(b, depth, "type %s;", name)
			return
		}
		writeLine(b, depth, "type enumeration {")
		writeEnums(b, t, depth+1)
	case IdentityRef:
		writeLine(b, depth, "type identityref {")
		f.identity(t.Bases[0])
		o.use(t.Bases[0].Module.Name)
		writeLine(b, depth+1, "base %s;", t.Bases[0])
	case Union:
		writeLine(b, depth, "type union {")
		for _, m := range t.Members {
			f.typ(o, b, m, depth+1, key)
		}
	case Decimal64:
		writeLine(b, depth, "type decimal64 {")
		writeLine(b, depth+1, "fraction-digits %d;", t.FractionDigits)
	default:
		writeLine(b, depth, "type %s;", base)
		return
	}
	writeLine(b, depth, "}")
}

func writeEnums(b *bytes.Buffer, t *Type, depth int) {
	for _, e := range t.Enums {
		writeLine(b, depth, "enum %s { value %s; }", quoteYANG(e.Name), strconv.FormatInt(e.Value, 10))
	}
}

func (o *flatModule) use(module string) {
	if module != o.m.Name {
		o.imports[module] = true
	}
}

// enumeration writes the typedef that t is, once, and returns its name; ok is
// false for an enumeration that is none, or when another has its name.
func (f *flattener) enumeration(t *Type) (name string, ok bool) {
	if t.Typedef == "" || t.Restricted {
		return "", false
	}
	if old := f.enums[t.Typedef]; old != nil {
		same := func(a, b EnumValue) bool { return a.Name == b.Name && a.Value == b.Value }
		return t.Typedef, slices.EqualFunc(old.Enums, t.Enums, same)
	}
	f.enums[t.Typedef] = t
	module, local, _ := strings.Cut(t.Typedef, ":")
	o := f.module(t.schema.Module(module))
	writeLine(&o.typedefs, 1, "typedef %s {", local)
	writeLine(&o.typedefs, 2, "type enumeration {")
	writeEnums(&o.typedefs, t, 3)
	writeLine(&o.typedefs, 2, "}")
	writeLine(&o.typedefs, 1, "}")
	return t.Typedef, true
}

// identity writes an identity and all derived from it, once, each in its module.
func (f *flattener) identity(i *Identity) {
	o := f.module(i.Module)
	if o.done[i] {
		return
	}
	o.done[i] = true
	var bases []string
	for _, b := range i.Bases {
		if b.Enabled {
			f.identity(b)
			o.use(b.Module.Name)
			bases = append(bases, b.String())
		}
	}
	writeLine(&o.identities, 1, "identity %s {", i.Name)
	for _, b := range bases {
		writeLine(&o.identities, 2, "base %s;", b)
	}
	writeLine(&o.identities, 1, "}")
	for _, d := range i.Derived {
		if d.Enabled {
			f.identity(d)
		}
	}
}
