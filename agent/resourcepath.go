package agent

import "github.com/altoam/altoam/agent/driver"

const (
	pathLeaf         = "altoam-resource-path:path"
	filteredPathLeaf = "altoam-resource-path:filtered-path"
)

// place puts what is served for r where altoam-resource-path says. The error is a
// *driver.ParamError; whether the paths are free is not judged here.
func (r *resource) place() error {
	if path := r.text(pathLeaf); path != "" {
		if r.kind == kinds["ird"] {
			return driver.Errorf(pathLeaf, "a delegated IRD is at another server, as delegation says")
		}
		r.served[0].Path = path
	}
	if path := r.text(filteredPathLeaf); path != "" {
		if len(r.served) != 2 {
			return driver.Errorf(filteredPathLeaf, "no filtered service is offered beside this resource")
		}
		r.served[1].Path = path
	}
	return nil
}

// text returns the value of a leaf of r's entry, "" where it has none.
func (r *resource) text(leaf string) string {
	if n := below(r.entry, leaf); n != nil {
		return n.Value().String()
	}
	return ""
}

// pathLeafOf names the leaf that a path comes from.
func (r *resource) pathLeafOf(path string) string {
	for _, leaf := range []string{pathLeaf, filteredPathLeaf} {
		if r.text(leaf) == path {
			return leaf
		}
	}
	return "resource-id"
}
