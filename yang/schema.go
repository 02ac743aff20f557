package yang

import "slices"

// Schema is a compiled set of modules. It is immutable once Compile returned it
// and may be read by any number of goroutines.
type Schema struct {
	// Root is the node above all top-level data nodes of the implemented
	// modules, in the order the modules were loaded.
	Root *Node
	// Modules are all loaded modules, sorted by name and revision; submodules
	// are folded into theirs.
	Modules []*Module
	// Nodes holds every schema node once, at the index Node.ID: Root, data
	// nodes, choices, cases, RPCs, actions, inputs, outputs, notifications and
	// structures. Packages keep what they derive from the schema in slices of
	// this length.
	Nodes []*Node
	// Warnings are what is legal but cannot have been meant: names in must and
	// when that no instance can have. Sorted by file and line.
	Warnings []*Error

	byName map[string]*Module
	byNS   map[string]*Module

	compiler *compiler // for facts
}

// Module returns the module of that name: the implemented revision where there
// is one, else the newest that is imported, else nil.
func (s *Schema) Module(name string) *Module { return s.byName[name] }

// ModuleByNamespace returns the module that owns the XML namespace, or nil.
func (s *Schema) ModuleByNamespace(ns string) *Module { return s.byNS[ns] }

// RPC returns the RPC of an implemented module, or nil.
func (s *Schema) RPC(module, name string) *Node {
	if m := s.byName[module]; m != nil {
		for _, n := range m.RPCs {
			if n.Name == name {
				return n
			}
		}
	}
	return nil
}

// Module is one compiled module.
type Module struct {
	Name, Revision, Namespace, Prefix string
	// YANGVersion is "1" or "1.1".
	YANGVersion string
	// Implemented is false for a module that is only imported (RFC 8525
	// Section 2): its types and groupings are used, its data nodes do not exist.
	Implemented bool

	Imports       []Import
	Submodules    []Submodule
	Features      []*Feature
	Identities    []*Identity
	Extensions    []*Extension
	Annotations   []*Annotation
	Data          []*Node // top-level schema nodes, choices included
	RPCs          []*Node
	Notifications []*Node
	Structures    []*Node // yang-data (RFC 8040 Section 8) and structure (RFC 8791)
	// Deviations are the deviations this module makes, and DeviatedBy the names
	// of the modules that deviate this one, sorted.
	Deviations []Deviation
	DeviatedBy []string

	// File names the source in error messages; Source is its text as loaded.
	File   string
	Source []byte

	typedefs, groupings []*definition // for facts
}

// Name is a name in a module's namespace.
type Name struct{ Module, Local string }

// Feature returns the module's feature, or nil.
func (m *Module) Feature(name string) *Feature {
	for _, f := range m.Features {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Identity returns the module's identity, or nil.
func (m *Module) Identity(name string) *Identity {
	for _, i := range m.Identities {
		if i.Name == name {
			return i
		}
	}
	return nil
}

func (m *Module) annotation(name string) *Annotation {
	for _, a := range m.Annotations {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Import is an import statement.
type Import struct {
	Module, Prefix string
	Revision       string // "" where the import names none
}

// Submodule is an included submodule with its text.
type Submodule struct {
	Name, Revision, File string
	Source               []byte
}

// Feature is a feature and whether it is on in this schema.
type Feature struct {
	Module     *Module
	Name       string
	Enabled    bool
	IfFeatures []string
	Status     Status
}

// Identity is an identity; Enabled is false when an if-feature switched it off.
type Identity struct {
	Module     *Module
	Name       string
	Bases      []*Identity
	Derived    []*Identity // those that name it as a base, directly
	Enabled    bool
	IfFeatures []string
	Status     Status

	ancestors map[*Identity]bool // bases over any number of steps
}

// String is the canonical "module:name".
func (i *Identity) String() string { return i.Module.Name + ":" + i.Name }

// DerivedFromOrSelf tells whether i is base or derived from it, over any number
// of steps (RFC 7950 Section 10.4.2).
func (i *Identity) DerivedFromOrSelf(base *Identity) bool {
	if i.ancestors != nil {
		return i == base || i.ancestors[base]
	}
	return i == base || slices.ContainsFunc(i.Bases, func(b *Identity) bool { return b.DerivedFromOrSelf(base) })
}

// Extension is an extension definition.
type Extension struct {
	Module   *Module
	Name     string
	Argument string // name of the argument, "" without one
	Status   Status
}

// Annotation is a metadata annotation (RFC 7952 Section 3).
type Annotation struct {
	Module     *Module
	Name       string
	Type       *Type
	IfFeatures []string
	Status     Status

	info *typeInfo // of Type
}

// Deviation is one deviate statement that was applied.
type Deviation struct {
	Target string // schema path as in Node.SchemaPath
	Kind   string // not-supported, add, replace, delete
	Props  []string
	Reason string // the description of the deviation, as one line
}

// Status is the status of a definition (RFC 7950 Section 7.21.2).
type Status uint8

// The statuses.
const (
	Current Status = iota
	Deprecated
	Obsolete
)

// Kind is what kind of schema node a Node is.
type Kind uint8

// The kinds of schema nodes. Root is the node above the data nodes.
const (
	Root Kind = iota
	Container
	List
	Leaf
	LeafList
	Choice
	Case
	AnyData
	AnyXML
	RPC
	Action
	Input
	Output
	Notification
	Structure
)

// Node is a schema node. The tree of Parent and Children includes choices and
// cases; that of DataParent and Data has data nodes only.
type Node struct {
	Kind   Kind
	Name   string
	Module *Module // owns the namespace; nil for Root
	ID     int     // index in Schema.Nodes

	Parent   *Node
	Children []*Node // schema children in order: choices, cases, actions, notifications too
	// DataParent is the nearest ancestor that is not a choice or case: a
	// container, list, Root, Input, Output, Notification or Structure.
	DataParent *Node
	// Data are the data nodes (container, list, leaf, leaf-list, anydata,
	// anyxml) below, choices and cases flattened, in schema order: the order in
	// which they are kept and encoded. A list's keys come first, in key order.
	Data []*Node
	// Index is this node's place in DataParent.Data.
	Index int
	// Case is the innermost case the data node stands in, nil outside choices.
	Case *Node

	Config    bool // false below RPCs, actions and notifications too
	Mandatory bool // leaf, choice, anydata, anyxml
	Presence  bool // container with a presence statement
	Status    Status

	// Type, Units: leaf and leaf-list. Defaults are the values of default
	// statements, or else of the typedef's default; empty for a mandatory leaf.
	Type     *Type
	Units    string
	Defaults []Value
	// DefaultFromTypedef tells that Defaults came from the typedef.
	DefaultFromTypedef bool
	// DefaultCase is the default case of a choice, or nil.
	DefaultCase *Node

	// Keys are a list's key leafs in key order; IsKey marks them. A state list may have none.
	Keys  []*Node
	IsKey bool
	// OrderedByUser: list and leaf-list (RFC 7950 Section 7.7.7).
	OrderedByUser bool
	// MinElements and MaxElements: list and leaf-list; MaxElements 0 is unbounded.
	MinElements, MaxElements uint64
	Uniques                  []*Unique

	Musts []*Must
	Whens []*When
	// IfFeatures are the node's own expressions and those of the uses, augment
	// or refine that put it there, with module names for prefixes.
	IfFeatures []string
	Exts       []ExtUse
	// DefaultDeny is NACM's default-deny-write or default-deny-all on this node
	// or inherited (RFC 8341 Section 3.2.2).
	DefaultDeny Deny

	// File and Line say where the node is defined.
	File string
	Line int

	byName map[Name]*Node // data nodes, actions and notifications below, through choices
	draft  *draft         // what it was made from
	info   *typeInfo      // of Type
}

// Deny is the NACM extension that applies to a node.
type Deny uint8

// The values of Node.DefaultDeny.
const (
	DenyNone Deny = iota
	DenyWrite
	DenyAll
)

// ExtUse is an extension used on a node.
type ExtUse struct {
	Extension *Extension
	Arg       string
	HasArg    bool
}

// Unique is one unique statement: descendant leafs, by their data paths below the list.
type Unique struct {
	Leafs []*Node
	Text  string // canonical, as in facts

	st *stmt
}

// Must is a must statement. Its context node is the node it stands on.
type Must struct {
	XPath           *XPath
	AppTag, Message string

	st *stmt
}

// When is a when statement. The context node is the node itself, or with
// OnParent (from uses, augment, choice or case) the nearest data ancestor.
type When struct {
	XPath    *XPath
	OnParent bool

	use whenUse
}

// IsData tells whether n is a data node: what may have instances in a data tree.
func (n *Node) IsData() bool {
	switch n.Kind {
	case Container, List, Leaf, LeafList, AnyData, AnyXML:
		return true
	}
	return false
}

// IsLeafy tells whether n is a leaf or leaf-list.
func (n *Node) IsLeafy() bool { return n.Kind == Leaf || n.Kind == LeafList }

// Child returns the data node, action or notification directly below n (through
// choices), or nil. Constant time. On Root, also RPCs and notifications are not found here: see Schema.RPC.
func (n *Node) Child(module, name string) *Node { return n.byName[Name{module, name}] }

// QName is the name with its module: "module:name".
func (n *Node) QName() string {
	if n.Module == nil {
		return n.Name
	}
	return n.Module.Name + ":" + n.Name
}

// Path is the data path without keys, a module name where it changes:
// "/ietf-alto:alto/alto-server/resource". "/" for Root.
func (n *Node) Path() string { return n.path(func(n *Node) *Node { return n.DataParent }) }

// SchemaPath is Path with choices and cases, as in facts.
func (n *Node) SchemaPath() string { return n.path(func(n *Node) *Node { return n.Parent }) }

// Description is what the module that defines n says of it, as one line, or "".
func (n *Node) Description() string {
	if n.draft == nil || n.draft.st == nil {
		return ""
	}
	return n.draft.st.prose()
}

func (n *Node) path(up func(*Node) *Node) string {
	if n.Kind == Root {
		return "/"
	}
	p, prefix := up(n), ""
	if p != nil && p.Kind != Root {
		prefix = p.path(up)
	}
	if p != nil && p.Module == n.Module {
		return prefix + "/" + n.Name
	}
	return prefix + "/" + n.QName()
}
