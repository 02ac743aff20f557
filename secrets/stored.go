package secrets

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Unopened tells, for each sealed value of t that does not open, why: *rpcerr.Errors with
// the path of the node. Cost is that of opening all.
func (s *Sealer) Unopened(t *tree.Tree) (errs []*rpcerr.Error) {
	if s == nil {
		return nil
	}
	for _, f := range s.all(t) {
		if n := t.Find(f.parent); !f.place.inClear(n) {
			if _, _, err := s.open(f.place, n, f.parent); err != nil {
				errs = append(errs, rpcerr.All(err)...)
			}
		}
	}
	return errs
}

// Reseal returns t with all secrets sealed with the first key, and how many were in clear
// or sealed with another one: t itself for none. The error, an *rpcerr.Error, names what
// does not open.
func (s *Sealer) Reseal(t *tree.Tree) (sealed *tree.Tree, inClear, otherwise int, err error) {
	if s == nil {
		return t, 0, 0, nil
	}
	m := t.Mutate()
	for _, f := range s.all(t) {
		parent := t.Find(f.parent)
		switch s.usedBy(f, parent) {
		case s.KeyID():
			continue
		case "":
			inClear++
		default:
			otherwise++
		}
		secret, err := s.get(f, parent)
		if err == nil {
			err = s.put(m.Find(f.parent), f, secret)
		}
		if err != nil {
			return nil, 0, 0, err
		}
	}
	if inClear+otherwise == 0 {
		return t, 0, 0, nil
	}
	return m.Done(), inClear, otherwise, nil
}

// Keys counts the values of t that are sealed with each key, by ID; "" those in clear.
func (s *Sealer) Keys(t *tree.Tree) map[string]int {
	count := map[string]int{}
	if s == nil {
		return count
	}
	for _, f := range s.all(t) {
		count[s.usedBy(f, t.Find(f.parent))]++
	}
	return count
}

// usedBy is the ID of the key that a secret is sealed with: "" for one in clear, "?" where
// that cannot be told.
func (s *Sealer) usedBy(f found, parent *tree.Node) string {
	if f.place.inClear(parent) {
		return ""
	}
	if _, id, _ := s.open(f.place, parent, f.parent); id != "" {
		return id
	}
	return "?"
}

// get is a secret, in clear or not.
func (s *Sealer) get(f found, parent *tree.Node) ([]byte, error) {
	if f.place.inClear(parent) {
		return octets(parent.Child(f.place.clear).Value()), nil
	}
	secret, _, err := s.open(f.place, parent, f.parent)
	return secret, err
}
