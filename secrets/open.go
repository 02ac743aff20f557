package secrets

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Secret returns the private key, symmetric key or password that n has, in clear or
// sealed: kind is "private-key", "symmetric-key" or "password"; nil where it has none. n
// is at path in a datastore. The error is an *rpcerr.Error that names the node.
func (s *Sealer) Secret(n *tree.Node, path tree.Path, kind string) ([]byte, error) {
	schema := n.Schema()
	if schema.Module == nil {
		return nil, nil
	}
	clear := schema.Child(schema.Module.Name, "cleartext-"+kind)
	if clear == nil {
		return nil, nil
	}
	if leaf := n.Child(clear); leaf != nil {
		return octets(leaf.Value()), nil
	}
	return s.sealedIn(n, path, clear, schema.Child(schema.Module.Name, "encrypted-"+kind))
}

// sealedIn is the secret that the twin of a leaf below n holds, nil where there is none.
func (s *Sealer) sealedIn(n *tree.Node, path tree.Path, clear, twin *yang.Node) ([]byte, error) {
	if twin == nil || n.Child(twin) == nil {
		return nil, nil
	}
	if s == nil || s.places.of[clear] == nil {
		return nil, rpcerr.New(rpcerr.OperationNotSupported, path.Join(tree.Step{Schema: twin}).String(), "there is no key to open the secret with")
	}
	secret, _, err := s.open(s.places.of[clear], n, path)
	return secret, err
}

// Credentials returns what the leaf n below parent at path stands for, one that is sealed
// in place or in clear.
func (s *Sealer) Credentials(parent *tree.Node, path tree.Path, n *tree.Node) (string, error) {
	if s == nil || s.places.of[n.Schema()] == nil || s.places.of[n.Schema()].inClear(parent) {
		return n.Value().String(), nil
	}
	secret, _, err := s.open(s.places.of[n.Schema()], parent, path)
	return string(secret), err
}

// Opened returns t with all secrets in clear, for a process that this one manages and
// that has no keys. Those that do not open stay sealed.
func (s *Sealer) Opened(t *tree.Tree) *tree.Tree {
	if s == nil {
		return t
	}
	m := t.Mutate()
	for _, f := range s.all(t) {
		parent := m.Find(f.parent)
		if f.place.inClear(parent.Node()) {
			continue
		}
		secret, _, err := s.open(f.place, parent.Node(), f.parent)
		if err != nil {
			continue
		}
		v, err := f.place.inLeaf(secret)
		if err != nil {
			continue
		}
		if f.place.sealed != nil {
			parent.Delete(f.place.sealed)
		}
		parent.SetLeaf(f.place.clear, v)
	}
	return m.Done()
}
