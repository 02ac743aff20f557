package agent

import (
	"runtime"
	"sync"
	"weak"

	"github.com/altoam/altoam/alto"
)

// sharedMaps are the network maps in use, so that resources that are made from the same
// data hold it once. It is safe for concurrent use and keeps no map alive.
type sharedMaps struct {
	mu    sync.Mutex
	byTag map[string]weak.Pointer[alto.NetworkMap]
}

func newSharedMaps() *sharedMaps {
	return &sharedMaps{byTag: make(map[string]weak.Pointer[alto.NetworkMap])}
}

// share returns the map in use that equals m, else m. Cost is that of comparing it with
// one of the same tag.
func (s *sharedMaps) share(m *alto.NetworkMap) *alto.NetworkMap {
	if m == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if used := s.byTag[m.Tag()].Value(); used != nil && used.Equal(m) {
		return used
	}
	s.byTag[m.Tag()] = weak.Make(m)
	runtime.AddCleanup(m, s.forget, m.Tag())
	return m
}

// forget drops the entry of a map that is not in use any more.
func (s *sharedMaps) forget(tag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.byTag[tag]; ok && p.Value() == nil {
		delete(s.byTag, tag)
	}
}
