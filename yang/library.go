package yang

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Library finds module texts by name and revision in layers of folders. Files
// are named NAME.yang or NAME@REVISION.yang (RFC 7950 Section 5.2) and may lie
// anywhere below a layer. It parses each file once and is safe for concurrent use.
type Library struct {
	layers []fs.FS

	mu     sync.Mutex
	files  map[string][]*libraryFile // by module name; nil until the layers were read
	err    error                     // why a layer could not be read
	parsed map[*libraryFile]*sourceFile
}

// libraryFile is one file of one layer.
type libraryFile struct {
	layer    int
	path     string
	revision string // from the name of the file, else from its text once that was needed
	known    bool   // revision is known
}

// NewLibrary makes a Library of the layers. Where two layers hold the same
// revision of a module the later one wins. Nothing is read before it is needed.
func NewLibrary(layers ...fs.FS) *Library {
	return &Library{layers: slices.Clone(layers), parsed: map[*libraryFile]*sourceFile{}}
}

// With is a Library with further layers above those of l.
func (l *Library) With(layers ...fs.FS) *Library {
	return NewLibrary(append(slices.Clone(l.layers), layers...)...)
}

// Names lists the names of all modules and submodules, sorted.
func (l *Library) Names() ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.scan(); err != nil {
		return nil, err
	}
	var names []string
	for n := range l.files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, nil
}

var fileName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.-]*?)(?:@(\d{4}-\d\d-\d\d))?\.yang$`)

// scan lists the files of all layers, once. The lock is held.
func (l *Library) scan() error {
	if l.files != nil || l.err != nil {
		return l.err
	}
	files := map[string][]*libraryFile{}
	for i, layer := range l.layers {
		err := fs.WalkDir(layer, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if m := fileName.FindStringSubmatch(path.Base(p)); m != nil {
				files[m[1]] = append(files[m[1]], &libraryFile{layer: i, path: p, revision: m[2], known: m[2] != ""})
			}
			return nil
		})
		if err != nil {
			l.err = fmt.Errorf("yang: reading the module folders: %w", err)
			return l.err
		}
	}
	l.files = files
	return nil
}

// source returns the parsed text of a module or submodule: that revision, or
// the newest where revision is "". The error is an *Error or a join of them.
func (l *Library) source(name, revision string) (*sourceFile, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.scan(); err != nil {
		return nil, err
	}
	if len(l.files[name]) == 0 {
		return nil, &Error{Message: fmt.Sprintf("module %q not found: no file %s.yang or %s@REVISION.yang in the module folders", name, name, name)}
	}
	best, err := l.pick(name, revision)
	if err != nil {
		return nil, err
	}
	src, err := l.parse(best)
	if err != nil {
		return nil, err
	}
	if src.name != name {
		return nil, src.top.fault("the file is named after %q but holds %q", name, src.name)
	}
	if best.revision != src.revision {
		return nil, src.top.fault("the file is named after revision %s but its newest revision is %q", best.revision, src.revision)
	}
	return src, nil
}

// pick chooses among the files of a module. The lock is held.
func (l *Library) pick(name, revision string) (*libraryFile, error) {
	var best *libraryFile
	var have []string
	for _, f := range l.files[name] {
		if !f.known {
			src, err := l.parse(f)
			if err != nil {
				return nil, err
			}
			f.revision, f.known = src.revision, true
		}
		have = append(have, cmp.Or(f.revision, "one without a revision"))
		if revision != "" && f.revision != revision {
			continue
		}
		if best == nil || f.revision > best.revision || f.revision == best.revision && f.layer >= best.layer {
			best = f
		}
	}
	if best == nil {
		return nil, &Error{Message: fmt.Sprintf("module %q: revision %s not found; there is %s", name, revision, strings.Join(have, ", "))}
	}
	return best, nil
}

// parse reads and parses a file, once. The lock is held.
func (l *Library) parse(f *libraryFile) (*sourceFile, error) {
	if src := l.parsed[f]; src != nil {
		return src, nil
	}
	text, err := fs.ReadFile(l.layers[f.layer], f.path)
	if err != nil {
		return nil, fmt.Errorf("yang: %w", err)
	}
	src, err := parseSource(f.path, text)
	if err != nil {
		return nil, err
	}
	l.parsed[f] = src
	return src, nil
}
