package driver

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

var registry struct {
	mu         sync.RWMutex
	sources    []*SourceType
	algorithms []*Algorithm
}

// RegisterSource makes a kind of source known. It is called from init functions
// and panics on an incomplete type and on an identity that is taken.
func RegisterSource(t SourceType) {
	if module, name, ok := strings.Cut(t.Identity, ":"); !ok || module == "" || name == "" || t.YANG == nil || t.New == nil {
		panic(fmt.Sprintf("driver: source type %q is incomplete", t.Identity))
	}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	for _, other := range registry.sources {
		if other.Identity == t.Identity {
			panic(fmt.Sprintf("driver: source type %q is registered twice", t.Identity))
		}
	}
	registry.sources = append(registry.sources, &t)
	slices.SortFunc(registry.sources, func(a, b *SourceType) int { return cmp.Compare(a.Identity, b.Identity) })
}

// RegisterAlgorithm makes an algorithm known. It is called from init functions and
// panics on an incomplete one and on a case that is taken.
func RegisterAlgorithm(a Algorithm) {
	if a.Kind.String() == "" || a.Module == "" || a.Case == "" || a.YANG == nil || a.Chosen == nil || a.Plan == nil || a.Compute == nil {
		panic(fmt.Sprintf("driver: algorithm %s of module %q is incomplete", a.Case, a.Module))
	}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	for _, other := range registry.algorithms {
		if other.order(&a) == 0 {
			panic(fmt.Sprintf("driver: algorithm %s:%s for %s is registered twice", a.Module, a.Case, a.Kind))
		}
	}
	registry.algorithms = append(registry.algorithms, &a)
	slices.SortFunc(registry.algorithms, (*Algorithm).order)
}

func (a *Algorithm) order(b *Algorithm) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Module, b.Module), cmp.Compare(a.Case, b.Case))
}

// Sources returns the kinds of sources, ordered by identity.
func Sources() []*SourceType {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return slices.Clone(registry.sources)
}

// Algorithms returns the algorithms, ordered by kind, module and case.
func Algorithms() []*Algorithm {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return slices.Clone(registry.algorithms)
}

// SourceTypeOf returns the kind of source with that identity ("module:name"), or nil.
func SourceTypeOf(identity string) *SourceType {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	for _, t := range registry.sources {
		if t.Identity == identity {
			return t
		}
	}
	return nil
}

// AlgorithmOf returns the algorithm that the configuration of a resource selects,
// or nil.
func AlgorithmOf(r *Resource) *Algorithm {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	for _, a := range registry.algorithms {
		if a.Chosen(r) {
			return a
		}
	}
	return nil
}

// ModuleNames returns the names of the drivers' YANG modules, ascending.
func ModuleNames() []string {
	var names []string
	for _, t := range Sources() {
		module, _, _ := strings.Cut(t.Identity, ":")
		names = append(names, module)
	}
	for _, a := range Algorithms() {
		names = append(names, a.Module)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Modules returns the folders that hold the drivers' YANG modules, one for each
// registration: layers for yang.NewLibrary.
func Modules() []fs.FS {
	var layers []fs.FS
	for _, t := range Sources() {
		layers = append(layers, t.YANG)
	}
	for _, a := range Algorithms() {
		layers = append(layers, a.YANG)
	}
	return layers
}
