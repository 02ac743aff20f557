package tree

import (
	"fmt"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// Where is a place in a list that is ordered by user.
type Where uint8

// The places (RFC 7950 Section 7.8.6).
const (
	Last Where = iota
	First
	Before
	After
)

// Position says where a new entry of a ranked list goes; a list that the system
// orders ignores it. An Anchor that does not exist means Last.
type Position struct {
	Where  Where
	Anchor string // key of the entry for Before and After
}

// Entry returns the handle on the list entry with the key, or nil.
func (m *Mut) Entry(s *yang.Node, key string) *Mut {
	e := m.Node().Entry(s, key)
	if e == nil || s.Kind != yang.List {
		return nil
	}
	return &Mut{txn: m.txn, parent: m, node: e}
}

// AddEntry returns the handle on the entry of list s with these keys. One that is
// new is made at pos; one that existed stays where it is. Without keys, in a list
// that has none, it always makes one.
func (m *Mut) AddEntry(s *yang.Node, keys []yang.Value, pos Position) (e *Mut, existed bool) {
	m.must(s, yang.List)
	if len(keys) != len(s.Keys) {
		panic(fmt.Sprintf("tree: %d keys for %s", len(keys), s.Path()))
	}
	if len(keys) > 0 {
		if e := m.Entry(s, KeyOf(keys...)); e != nil {
			return e, true
		}
	}
	list := m.own().collection(m.txn, s)
	key, _ := list.freshKey(s, keys)
	m.txn.take(innerSize + placeSize + len(key) + len(keys)*(nodeSize+linkSize))
	n := &Node{schema: s, body: &body{owner: m.txn.owner, key: key, kids: make([]*Node, len(keys), len(keys)+2)}}
	for i, v := range keys {
		n.body.kids[i] = &Node{schema: s.Keys[i], value: v}
	}
	list.put(m.txn.owner, key, n, pos)
	return &Mut{txn: m.txn, parent: m, node: n}, false
}

// AddValue adds v to the leaf-list s at pos and tells whether it was there: then
// nothing changes, unless the leaf-list is state, where values may repeat
// (RFC 7950 Section 7.7).
func (m *Mut) AddValue(s *yang.Node, v yang.Value, pos Position) (existed bool) {
	m.must(s, yang.LeafList)
	if !mayRepeat(s) && m.Node().Entry(s, KeyOf(v)) != nil {
		return true
	}
	list := m.own().collection(m.txn, s)
	n := m.txn.leaves.Of(s, v)
	key, own := list.freshKey(s, []yang.Value{v})
	m.txn.take(placeSize)
	if own {
		m.txn.take(innerSize + len(key))
		n = n.withKey(key)
	}
	list.put(m.txn.owner, key, n, pos)
	return own
}

// DeleteEntry removes the entry of the list or leaf-list s with the key and tells
// whether it was there.
func (m *Mut) DeleteEntry(s *yang.Node, key string) bool {
	n := m.Node()
	if n.Entry(s, key) == nil {
		return false
	}
	if n.Len(s) == 1 {
		return m.Delete(s)
	}
	return m.own().collection(m.txn, s).delete(m.txn.owner, key)
}

// Move takes the entry with the key to pos. It fails with bad-attribute and
// missing-instance when the entry or the anchor does not exist (RFC 7950 Section
// 15.7), and does nothing in a list that the system orders.
func (m *Mut) Move(s *yang.Node, key string, pos Position) error {
	n := m.Node()
	anchored := pos.Where == Before || pos.Where == After
	if n.Entry(s, key) == nil || anchored && n.Entry(s, pos.Anchor) == nil {
		return rpcerr.New(rpcerr.BadAttribute, "", "%s has no entry to move or to move to", s.Path()).WithApp(rpcerr.AppMissingInstance)
	}
	if !isRanked(s) || anchored && pos.Anchor == key || n.isAt(s, key, pos) {
		return nil
	}
	m.own().collection(m.txn, s).list.move(m.txn.owner, key, pos)
	return nil
}

// isAt tells whether the entry with the key is at pos already.
func (n *Node) isAt(s *yang.Node, key string, pos Position) bool {
	before := n.Before(s, key)
	switch pos.Where {
	case First:
		return before == nil
	case After:
		return before != nil && before.Key() == pos.Anchor
	}
	after := n.After(s, key)
	if pos.Where == Before {
		return after != nil && after.Key() == pos.Anchor
	}
	return after == nil
}

// Append grafts the entry n at the end of its list or leaf-list with a key of its
// own where entries have none or may repeat, else like Put.
func (m *Mut) Append(n *Node) {
	s := n.schema
	if s.Kind == yang.List && len(s.Keys) > 0 || !isEntry(s) || s.Kind == yang.LeafList && !mayRepeat(s) {
		m.Put(n, Position{})
		return
	}
	m.must(s, yang.List, yang.LeafList)
	if m.owned(n) {
		m.txn.owner = owners.Add(1)
	}
	list := m.own().collection(m.txn, s)
	key, _ := list.freshKey(s, n.KeyValues())
	m.txn.take(innerSize + placeSize + len(key))
	list.put(m.txn.owner, key, n.withKey(key), Position{})
}

// withKey returns n with its own key.
func (n *Node) withKey(key string) *Node {
	b := body{}
	if n.body != nil {
		b = *n.body
	}
	b.owner, b.key = 0, key
	return &Node{schema: n.schema, value: n.value, body: &b}
}
