package certs

import (
	"crypto/x509"
	"sync"
	"time"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Held is what there is to know of a certificate, or of the one of a chain that expires
// first.
type Held struct {
	Place     string    // the path of the node that holds it, or the name of the file
	Path      tree.Path // of that node; empty for a file
	Subject   string
	NotBefore time.Time
	NotAfter  time.Time
}

// HeldIn makes a Held of a chain; false where there is no certificate.
func HeldIn(place string, chain []*x509.Certificate) (h Held, ok bool) {
	h.Place = place
	for _, c := range chain {
		if !ok || c.NotAfter.Before(h.NotAfter) {
			h.Subject, h.NotBefore, h.NotAfter, ok = c.Subject.String(), c.NotBefore, c.NotAfter, true
		}
	}
	return h, ok
}

// Finder finds the certificates of configurations: whatever has a leaf cert-data of
// ietf-crypto-types (RFC 9640), in the central stores and inline. Safe for concurrent use.
type Finder struct {
	mu    sync.Mutex
	below map[*yang.Node][]*yang.Node // the children that lead to certificates
	root  *tree.Node                  // that was looked at last
	last  []Held
}

const certData = "cert-data"

// Find returns the certificates below root, the root of a tree, in the order of the data.
// Those that cannot be read are left out. The result is not to be changed. The cost is that
// of the entries of lists that can have certificates; nothing for the same root again.
func (f *Finder) Find(root *tree.Node) []Held {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != root && root != nil {
		if f.below == nil {
			f.below = map[*yang.Node][]*yang.Node{}
			f.learn(root.Schema())
		}
		f.root, f.last = root, f.walk(nil, Place{Node: root})
	}
	return f.last
}

// learn notes the ways to certificates below s, and tells whether there is one.
func (f *Finder) learn(s *yang.Node) bool {
	for _, c := range s.Data {
		if c.Config && (c.Kind == yang.Container || c.Kind == yang.List) && f.learn(c) {
			f.below[s] = append(f.below[s], c)
		}
	}
	return len(f.below[s]) > 0 || holds(s)
}

// holds tells whether a node is one of a certificate.
func holds(s *yang.Node) bool {
	return s.Module != nil && s.Child(s.Module.Name, certData) != nil
}

func (f *Finder) walk(all []Held, p Place) []Held {
	s := p.Node.Schema()
	if holds(s) {
		if chain, err := Chain(p); err == nil {
			if h, ok := HeldIn(p.Path.String(), chain); ok {
				h.Path = p.Path
				all = append(all, h)
			}
		}
	}
	for _, c := range f.below[s] {
		if c.Kind == yang.Container {
			if n := p.Node.Child(c); n != nil {
				all = f.walk(all, Place{n, p.Path.Join(tree.Step{Schema: c})})
			}
			continue
		}
		for e := range p.Node.Entries(c) {
			all = f.walk(all, Place{e, p.Path.Join(tree.StepTo(e))})
		}
	}
	return all
}
