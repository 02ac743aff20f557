package tree

import (
	"cmp"
	"iter"

	"github.com/altoam/altoam/yang"
)

// Rest says what becomes of the instances of a schema node that a Reducer does not
// name.
type Rest uint8

// The fates of the rest. TrimRest keeps all, each with what Into leaves of it, which is
// not nothing; EachToo leaves it to Into which are kept.
const (
	KeepRest Rest = iota
	DropRest
	TrimRest
	EachToo
)

// Reducer chooses what of a node's children is kept. It says the same each time, as
// long as what it made is in use, to any number of goroutines. One that trims is comparable.
type Reducer interface {
	// Plan tells the fate of the instances of s. Those with the keys, which are in order,
	// are looked at whatever it is; other children than entries have no keys.
	Plan(s *yang.Node) (rest Rest, keys []string)
	// Into tells whether a child that is looked at is kept, and what reduces it: nil
	// where all that is in it is kept.
	Into(c *Node) (in Reducer, keep bool)
	// Bare tells whether a container in which nothing is left stays.
	Bare(s *yang.Node) bool
}

// Sparse is a Reducer that concerns few children.
type Sparse interface {
	Reducer
	// Concerned are the children of which something may go, in order: of all others
	// Plan says KeepRest without keys.
	Concerned() []*yang.Node
}

// Reduce returns n with those children that r keeps: n itself where these are all, as
// they are, and no long list is trimmed. What is kept whole is shared. Entries of a long
// list that is trimmed are made when they are asked for: it costs nothing itself. Else
// cost is that of the children looked at, and for the keys of a list a search each.
func (n *Node) Reduce(r Reducer) *Node {
	return (&room{}).reduce(n, r)
}

func (at *room) reduceSlot(n *Node, r Reducer) *Node {
	rest, keys := r.Plan(n.schema)
	switch {
	case rest == KeepRest && len(keys) == 0:
		return n
	case rest == DropRest && len(keys) == 0:
		return nil
	case !n.isCollection():
		return at.child(n, r)
	}
	each := func(e *Node) *Node { return at.child(e, r) }
	var b *body
	switch {
	case rest != EachToo && rest != DropRest && !n.body.few && n.body.len() > len(keys):
		b = n.body.trimmed(r, rest == KeepRest, keys)
	case rest == KeepRest:
		b = n.body.without(each, keys)
	case rest == DropRest && !isRanked(n.schema):
		b = n.body.only(each, n.schema, keys)
	case rest == DropRest:
		wanted := make(map[string]bool, len(keys))
		for _, k := range keys {
			wanted[k] = true
		}
		b = n.body.mapped(func(e *Node) *Node {
			if wanted[e.Key()] {
				return each(e)
			}
			return nil
		})
	default:
		b = n.body.mapped(each)
	}
	switch {
	case b == n.body:
		return n
	case b.len() == 0:
		return nil
	}
	return &Node{schema: n.schema, body: b}
}

// Follow lets n, which Reduce has just made of of, take from was, which it made of another
// version, the entries that are the same in both and have been made there, as long as
// somebody else has was. What n shares with of, which others may be reading, stays as it
// is. Cost is that of the containers that were reduced.
func (n *Node) Follow(was, of *Node) {
	for _, c := range n.slots() {
		old, source := was.slot(c.schema), of.slot(c.schema)
		switch {
		case old == nil || source == nil || c == source:
		case c.schema.Kind == yang.Container:
			c.Follow(old, source)
		case c.isCollection() && !c.body.few && !old.body.few:
			c.body.list.sorted.root.follow(old.body.list.sorted.root)
			c.body.list.byRank.root.follow(old.body.list.byRank.root)
		}
	}
}

// Passing are the Children for one who looks at each once, and at nothing of it later:
// entries that Reduce left to be made may take the place of those before them.
func (n *Node) Passing() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for _, c := range n.slots() {
			if !c.pass(yield) {
				return
			}
		}
	}
}

// pass is each for Passing.
func (n *Node) pass(yield func(*Node) bool) bool {
	if n.isCollection() && !n.body.few {
		switch l := n.body.list; {
		case l.ranked && l.byRank.root.isLater():
			return passing(l.byRank.root, yield)
		case l.sorted.root.isLater():
			return passing(l.sorted.root, yield)
		}
	}
	return n.each(yield)
}

func passing[K cmp.Ordered](root *onode[K, *Node], yield func(*Node) bool) bool {
	at := &room{}
	return root.passing(func(by any, e *Node) *Node {
		at.again()
		return at.child(e, by.(Reducer))
	}, yield)
}
