package alto

import (
	"encoding/binary"
	"fmt"
)

// form has one number for each pair of PIDs: 0 where there is no path, else one more than
// its length, with the ANEs by their place in the list after it.
func (m *PathMatrix) form() []byte {
	b := []byte{'v'}
	for _, list := range [][]string{m.pids, m.anes} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, name := range list {
			b = appendText(b, name)
		}
	}
	for _, p := range m.paths {
		b = binary.AppendUvarint(b, uint64(p.length+1))
		for _, n := range m.on(p) {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	return b
}

func (r *formReader) pathMatrix() (Data, error) {
	lists := [2][]string{}
	for i := range lists {
		lists[i] = make([]string, r.count(1))
		for j := range lists[i] {
			lists[i][j] = r.text()
		}
	}
	pids, anes := lists[0], lists[1]
	if r.err == nil && len(pids)*len(pids) > len(r.rest) {
		r.err = errShortForm
	}
	if r.err != nil {
		return nil, r.err
	}
	b, err := NewPathBuilder(pids)
	if err != nil {
		return nil, err
	}
	for _, source := range pids {
		for _, destination := range pids {
			if err := r.path(b, source, destination, anes); err != nil {
				return nil, err
			}
		}
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return b.Build(), nil
}

// path reads one pair and adds its path, if there is one.
func (r *formReader) path(b *PathBuilder, source, destination string, anes []string) error {
	n := r.count(1)
	if n == 0 {
		return r.err
	}
	path := make([]string, n-1)
	for i := range path {
		at := r.uvarint()
		if at >= uint64(len(anes)) {
			return fmt.Errorf("a path names ANE number %d of %d", at, len(anes))
		}
		path[i] = anes[at]
	}
	return b.Add(source, destination, path)
}
