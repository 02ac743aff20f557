package secrets

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const (
	formatName   = Module + ":sealed-value-format"
	sealedPrefix = "$sealed$"
)

// Sealer seals and opens the secrets of a schema. All methods are safe for concurrent
// use, and may be called on nil: then nothing is sealed and only secrets in clear open.
type Sealer struct {
	ring   *Ring
	places places
}

// NewSealer returns nil where the schema does not implement altoam-secrets.
func NewSealer(s *yang.Schema, r *Ring) *Sealer {
	if m := s.Module(Module); m == nil || !m.Implemented {
		return nil
	}
	return &Sealer{r, placesOf(s)}
}

// KeyID is that of the key that seals.
func (s *Sealer) KeyID() string { return s.ring.keys[0].id }

// Covers tells whether the values of a leaf are stored sealed.
func (s *Sealer) Covers(leaf *yang.Node) bool {
	p := s.places.of[leaf]
	return p != nil && p.clear == leaf
}

// Seal returns next, of which diff says what it has other than base, with the secrets
// sealed that diff brings in clear. One that is the same as in base leaves that as it is.
// Sealed values that diff brings must open: the error is an *rpcerr.Error with the node.
// Cost is proportional to diff.
func (s *Sealer) Seal(base, next *tree.Tree, diff *tree.Diff) (*tree.Tree, error) {
	if s == nil || diff.Empty() {
		return next, nil
	}
	w := finder{places: s.places}
	w.change(nil, diff.Root)
	m := next.Mutate()
	for _, f := range w.found {
		if err := s.settle(base, m, f); err != nil {
			return nil, err
		}
	}
	return m.Done(), nil
}

// settle makes sure that what was found is sealed.
func (s *Sealer) settle(base *tree.Tree, m *tree.Mut, f found) error {
	parent := m.Find(f.parent)
	n := parent.Node()
	if !f.place.inClear(n) {
		_, _, err := s.open(f.place, n, f.parent)
		return err
	}
	secret := octets(n.Child(f.place.clear).Value())
	if old := base.Find(f.parent); old != nil && old.Child(f.place.at()) != nil && !f.place.inClear(old) {
		if was, _, err := s.open(f.place, old, f.parent); err == nil && bytes.Equal(was, secret) {
			parent.Delete(f.place.clear)
			parent.Put(old.Child(f.place.at()), tree.Position{})
			return nil
		}
	}
	return s.put(parent, f, secret)
}

// put replaces a secret by its sealed form.
func (s *Sealer) put(parent *tree.Mut, f found, secret []byte) error {
	p := f.place
	sealed := base64.StdEncoding.EncodeToString(s.ring.seal(p.kind, f.where(), secret))
	set := func(m *tree.Mut, leaf *yang.Node, text string) error {
		v, err := leaf.Type.Parse(text, yang.JSONResolver{Default: leaf.Module.Name})
		if err != nil {
			return rpcerr.New(rpcerr.InvalidValue, f.where(), "the secret cannot be stored in its sealed form, which %s has no room for", leaf.Path())
		}
		m.SetLeaf(leaf, v)
		return nil
	}
	if p.sealed == nil {
		return set(parent, p.clear, sealedPrefix+sealed)
	}
	parent.Delete(p.clear)
	parent.Delete(p.sealed)
	twin := parent.Ensure(p.sealed)
	err := errors.Join(set(twin, p.format, formatName), set(twin, p.value, sealed))
	if err == nil && p.key != nil {
		err = set(twin.Ensure(p.by), p.key, s.KeyID())
	}
	return err
}

// open returns the secret of a place, whose parent n at path at is, and the ID of the key
// it was sealed with. The error is an *rpcerr.Error.
func (s *Sealer) open(p *place, n *tree.Node, at tree.Path) (secret []byte, id string, err error) {
	where := found{at, p}.where()
	refuse := func(err error) error {
		e := rpcerr.New(rpcerr.InvalidValue, where, "the secret cannot be used: %v", err)
		e.Err = err
		return e
	}
	var sealed []byte
	if p.sealed == nil {
		if sealed, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(n.Child(p.clear).Value().String(), sealedPrefix)); err != nil {
			return nil, "", refuse(errNotSealed)
		}
	} else {
		twin := n.Child(p.sealed)
		if format := twin.Child(p.format); format == nil || format.Value().String() != formatName {
			return nil, "", refuse(errors.New("only the format " + formatName + " can be opened"))
		}
		if value := twin.Child(p.value); value != nil {
			sealed = value.Value().Bytes()
		}
	}
	if id, err = keyID(sealed); err != nil {
		return nil, "", refuse(err)
	}
	if named := p.keyNamed(n); named != "" && named != id {
		return nil, "", refuse(fmt.Errorf("it is sealed with the key %s, not %s", id, named))
	}
	if secret, err = s.ring.open(p.kind, where, sealed); err != nil {
		return nil, id, refuse(err)
	}
	return secret, id, nil
}

// keyNamed is the ID that encrypted-by has, "" for none.
func (p *place) keyNamed(n *tree.Node) string {
	if p.key == nil {
		return ""
	}
	if by := n.Child(p.sealed).Child(p.by); by != nil && by.Child(p.key) != nil {
		return by.Child(p.key).Value().String()
	}
	return ""
}

// inClear tells whether n, the parent, has the secret in clear.
func (p *place) inClear(n *tree.Node) bool {
	c := n.Child(p.clear)
	return c != nil && (p.sealed != nil || !strings.HasPrefix(c.Value().String(), sealedPrefix))
}

// octets are what a leaf in clear stands for.
func octets(v yang.Value) []byte {
	if v.Base() == yang.Binary {
		return v.Bytes()
	}
	return []byte(v.String())
}

// inLeaf is a secret as a value of the leaf in clear.
func (p *place) inLeaf(secret []byte) (yang.Value, error) {
	text := string(secret)
	if p.clear.Type.Base == yang.Binary {
		text = base64.StdEncoding.EncodeToString(secret)
	}
	return p.clear.Type.Parse(text, yang.JSONResolver{Default: p.clear.Module.Name})
}
