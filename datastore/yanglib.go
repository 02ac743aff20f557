package datastore

import (
	"context"
	"sync"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// yangLibrary describes the schema in operational (RFC 8525), with the
// deprecated modules-state for clients of YANG library 1.0.
type yangLibrary struct {
	schema  *yang.Schema
	startup bool // there is a startup datastore
	made    func() (*tree.Tree, error)
}

func newYangLibrary(schema *yang.Schema, startup bool) *yangLibrary {
	l := &yangLibrary{schema: schema, startup: startup}
	l.made = sync.OnceValues(l.make)
	return l
}

func (l *yangLibrary) Paths() []string {
	return []string{"/ietf-yang-library:yang-library", "/ietf-yang-library:modules-state"}
}

// State implements StateProvider. All readers share what is made once.
func (l *yangLibrary) State(_ context.Context, _ StateRequest, m *tree.Mut) error {
	t, err := l.made()
	if err != nil {
		return err
	}
	for n := range t.Root().Children() {
		m.Put(n, tree.Position{})
	}
	return nil
}

func (l *yangLibrary) make() (*tree.Tree, error) {
	m := tree.New(l.schema.Root).Mutate()
	w := NewWriter(m)
	l.library(w.In("ietf-yang-library:yang-library"))
	l.modulesState(w.In("ietf-yang-library:modules-state"))
	return m.Done(), w.Err()
}

// The one module set and schema; every datastore has the same.
const librarySet, librarySchema = "all", "all"

func (l *yangLibrary) library(w *Writer) {
	if w == nil {
		return
	}
	set := w.Entry("module-set", librarySet)
	for _, m := range l.schema.Modules {
		if m.Implemented {
			e := set.Entry("module", m.Name).Set("namespace", m.Namespace)
			setNonEmpty(e, "revision", m.Revision)
			for _, s := range m.Submodules {
				setNonEmpty(e.Entry("submodule", s.Name), "revision", s.Revision)
			}
			for _, f := range m.Features {
				if f.Enabled {
					e.Set("feature", f.Name)
				}
			}
			for _, d := range m.DeviatedBy {
				e.Set("deviation", d)
			}
			continue
		}
		e := set.Entry("import-only-module", m.Name, m.Revision).Set("namespace", m.Namespace)
		for _, s := range m.Submodules {
			setNonEmpty(e.Entry("submodule", s.Name), "revision", s.Revision)
		}
	}
	w.Entry("schema", librarySchema).Set("module-set", librarySet)
	for _, ds := range []Datastore{Running, Candidate, Startup, Intended, Operational} {
		if ds == Startup && !l.startup {
			continue
		}
		w.Entry("datastore", "ietf-datastores:"+ds.String()).Set("schema", librarySchema)
	}
	w.Set("content-id", l.schema.ContentID())
}

func (l *yangLibrary) modulesState(w *Writer) {
	if w == nil {
		return
	}
	w.Set("module-set-id", l.schema.ContentID())
	for _, m := range l.schema.Modules {
		e := w.Entry("module", m.Name, m.Revision).Set("namespace", m.Namespace)
		conformance := "import"
		if m.Implemented {
			conformance = "implement"
		}
		e.Set("conformance-type", conformance)
		for _, f := range m.Features {
			if f.Enabled && m.Implemented {
				e.Set("feature", f.Name)
			}
		}
		for _, d := range m.DeviatedBy {
			revision := ""
			if dm := l.schema.Module(d); dm != nil {
				revision = dm.Revision
			}
			e.Entry("deviation", d, revision)
		}
		for _, s := range m.Submodules {
			e.Entry("submodule", s.Name, s.Revision)
		}
	}
}

func setNonEmpty(w *Writer, name, value string) {
	if value != "" {
		w.Set(name, value)
	}
}
