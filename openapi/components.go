package openapi

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/altoam/altoam/yang"
)

// components are the shared parts of a description, of each kind by their names.
// Parts that are equal are one: a grouping has the same component wherever it is
// used without being refined.
type components struct {
	kinds map[string]*componentKind
}

type componentKind struct {
	list      object
	byName    map[string]bool
	byContent map[string]string // JSON → name
}

// schemas and the others are the kinds (OpenAPI 3.1.1 Section 4.8.7).
const (
	schemas       = "schemas"
	responses     = "responses"
	parameters    = "parameters"
	requestBodies = "requestBodies"
	headers       = "headers"
)

// share returns the name of the component of that content, which it makes if there is
// none, under the first of the names that is free.
func (c *components) share(kind string, content object, names ...string) string {
	k := c.kind(kind)
	text := string(appendJSON(nil, content))
	if name, ok := k.byContent[text]; ok {
		return name
	}
	name := names[len(names)-1]
	if i := slices.IndexFunc(names, func(n string) bool { return !k.byName[n] }); i >= 0 {
		name = names[i]
	} else {
		for n := 2; k.byName[name]; n++ {
			name = names[len(names)-1] + "-" + strconv.Itoa(n)
		}
	}
	k.byName[name], k.byContent[text] = true, name
	k.list.set(name, content)
	return name
}

// put makes a component of that very name.
func (c *components) put(kind, name string, content object) {
	k := c.kind(kind)
	k.byName[name] = true
	k.list.set(name, content)
}

func (c *components) has(kind, name string) bool { return c.kind(kind).byName[name] }

func (c *components) kind(kind string) *componentKind {
	if c.kinds == nil {
		c.kinds = map[string]*componentKind{}
	}
	k := c.kinds[kind]
	if k == nil {
		k = &componentKind{byName: map[string]bool{}, byContent: map[string]string{}}
		c.kinds[kind] = k
	}
	return k
}

// object is the Components Object, sorted.
func (c *components) object() (o object) {
	for _, kind := range []string{schemas, responses, parameters, requestBodies, headers} {
		list := slices.Clone(c.kind(kind).list)
		slices.SortFunc(list, func(a, b member) int { return cmp.Compare(a.name, b.name) })
		if len(list) > 0 {
			o.set(kind, list)
		}
	}
	return o
}

// namesOf are the names that a component made for n may have: the module and name,
// with more and more of the nodes above where that is taken.
func namesOf(n *yang.Node, suffix string) (names []string) {
	path, last := "", n
	for ; n != nil && n.Kind != yang.Root && n.Kind != yang.Structure; n = n.Parent {
		if n.Kind == yang.Choice || n.Kind == yang.Case {
			continue
		}
		path = "." + n.Name + path
		if n.Kind != yang.Input && n.Kind != yang.Output {
			names = append(names, last.Module.Name+path+suffix)
		}
	}
	return names
}
