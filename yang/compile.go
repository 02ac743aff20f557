package yang

import (
	"io/fs"
	"maps"
	"slices"
	"sync"
)

// ModuleSpec names a module to implement.
type ModuleSpec struct {
	Name     string
	Revision string // "" for the newest
	// Features are the features that are on: nil for all of them, empty for none.
	Features []string
	// AllFeatures turns all of them on, whatever Features says.
	AllFeatures bool
}

// Options say what Compile makes of a Library.
type Options struct {
	Implement []ModuleSpec
	// ImplementAll implements what is imported, too.
	ImplementAll bool
	// Features gives the features that are on, for implemented and imported
	// modules alike. All features of a module that is named neither here nor by
	// a ModuleSpec with Features are on.
	Features map[string][]string
	// Overrides is a layer above the Library, or nil.
	Overrides fs.FS
}

// Compile compiles the modules that o names and all they need. Modules that an
// augment, deviation or leafref of an implemented module points into are
// implemented, too (RFC 7950 Section 5.6.5); others that are only imported give
// types, groupings, features and identities but no data nodes.
//
// The error joins every *Error found, in order of file and line, without those
// that only follow from others; the Schema is then nil. A text that cannot be
// split into statements is not looked into further. The same input gives the same Schema. Cost is linear in the size of
// the expanded schema; Compile may run concurrently with other calls on lib.
func Compile(lib *Library, o Options) (*Schema, error) {
	if o.Overrides != nil {
		lib = lib.With(o.Overrides)
	}
	c := newCompiler(lib, o)
	c.loadAll()
	c.readDefinitions()
	c.readFeatures()
	c.readIdentities()
	for !c.build() {
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	c.schema.Warnings = c.warnings.sorted()
	return c.schema, nil
}

// compiler is the state of one compilation.
type compiler struct {
	faults
	warnings faults
	mu       sync.Mutex // held by Facts, which fills the caches after compilation
	lib      *Library
	options  Options

	units   map[unitKey]*unit
	order   []*unit // as loaded
	byName  map[string]*unit
	files   map[*sourceFile]*unit
	imports map[*stmt]*unit // import statement to module
	loading []*unit         // being loaded: a chain of imports

	features   map[*stmt]*featureState
	conditions map[*stmt]condition
	xpaths     map[xpathKey]*XPath
	types      map[*stmt]*typeInfo
	templates  map[*stmt]*draft // groupings, expanded
	expanding  []*stmt          // groupings being expanded
	used       map[*stmt]bool   // groupings that are used
	loose      bool             // nodes are made of a grouping alone
	shapes     int              // draft nodes made, see maxNodes

	schema *Schema
	needed map[*unit]bool // must be implemented, found while building
	refs   []*reference   // leafrefs to resolve
	root   *draft
}

// maxNodes bounds the expanded schema, for groupings can multiply.
const maxNodes = 1_000_000

type unitKey struct{ name, revision string }

// unit is a module with its submodules while it is compiled.
type unit struct {
	mod   *Module
	files []*sourceFile    // the module, then its submodules
	defs  map[string]*stmt // "typedef NAME", grouping, feature, identity, extension
	// broken tells that parts are missing for an error that is recorded: what
	// cannot be found in the unit is then no further error.
	broken bool
	holes  bool // the same for schema nodes alone
}

func newCompiler(lib *Library, o Options) *compiler {
	return &compiler{
		lib: lib, options: o,
		units: map[unitKey]*unit{}, byName: map[string]*unit{}, files: map[*sourceFile]*unit{}, imports: map[*stmt]*unit{},
		features: map[*stmt]*featureState{}, conditions: map[*stmt]condition{}, xpaths: map[xpathKey]*XPath{}, types: map[*stmt]*typeInfo{},
		templates: map[*stmt]*draft{}, used: map[*stmt]bool{},
		schema: &Schema{},
	}
}

// build makes the schema of the implemented modules. It returns false when more
// modules turned out to be needed: they are then marked, and build must run again.
func (c *compiler) build() bool {
	c.reset()
	root, structures := c.expandModules()
	if c.extend() {
		return false
	}
	c.checkTemplates()
	c.root = root
	c.finish(root, structures)
	bounded := c.resolveLeafrefs()
	if c.extend() {
		return false
	}
	if bounded {
		c.resolveDefaults()
	}
	c.checkNodes()
	c.checkNames()
	c.checkUnusedTemplates()
	return true
}

// reset forgets what an earlier round of build made.
func (c *compiler) reset() {
	*c.schema = Schema{compiler: c}
	c.warnings = faults{}
	c.needed, c.refs, c.shapes = map[*unit]bool{}, nil, 0
	for _, u := range c.order {
		u.mod.Data, u.mod.RPCs, u.mod.Notifications, u.mod.Structures, u.mod.Annotations = nil, nil, nil, nil, nil
		u.mod.Deviations, u.mod.DeviatedBy = nil, nil
		u.holes = u.broken
	}
}

// extend implements the modules found needed and tells whether there are any.
func (c *compiler) extend() bool {
	if len(c.needed) == 0 {
		return false
	}
	for u := range c.needed {
		u.mod.Implemented = true
	}
	clear(c.needed)
	return true
}

// sortedKeys are the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
