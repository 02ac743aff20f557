package alto

import "strings"

// ResourceAt returns the ID of the resource at the path of a URI, "" where there is none.
func (s *Snapshot) ResourceAt(path string) string {
	below, ok := strings.CutPrefix(path, s.base.path)
	if !ok {
		return ""
	}
	if n := s.at(below); n != nil {
		return n.ID
	}
	return ""
}
