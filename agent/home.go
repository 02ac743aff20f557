package agent

import "path/filepath"

// homeFolder is the folder of what this program keeps for itself, its keys, datastores and audit
// for instance; "" where none is known. What the configuration names to be written must not be
// there: a log that is rotated would put such a file out of the way.
type homeFolder string

// holds tells whether the file at an absolute path, which may not be there yet, would be in the
// folder, or in one in it, whatever symbolic links lead there.
func (h homeFolder) holds(path string) bool {
	if h == "" {
		return false
	}
	in, err := filepath.Rel(resolved(string(h)), resolved(path))
	return err == nil && filepath.IsLocal(in)
}

// resolved is the path without symbolic links, as far as it is there.
func resolved(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder := filepath.Dir(path); folder != path {
		return filepath.Join(resolved(folder), filepath.Base(path))
	}
	return path
}
