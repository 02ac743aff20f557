package trail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Bounds of the changes that a record lists.
const (
	mostChanges = 200
	mostText    = 16 << 10 // octets
)

// masked stands for the value of a secret.
const masked = "masked"

// secret tells whether values of s stay out of the record. Access control and the audit are
// kept from other readers as a whole, but what they say is no secret from those who read this.
func secret(s *yang.Node) bool {
	if m := s.Module.Name; m == "ietf-netconf-acm" || m == module {
		return false
	}
	return s.Secret()
}

// changes lists what differs, leaf by leaf in the order of the data, and counts what is beyond
// the bounds. Cost is that of the difference.
func changes(d *tree.Diff) ([]audit.Change, *audit.More) {
	if d.Empty() {
		return nil, nil
	}
	l := &lister{}
	l.inside(nil, d.Root)
	if l.more == 0 {
		return l.list, nil
	}
	return l.list, &audit.More{Changes: l.more, SHA256: hex.EncodeToString(l.rest.Sum(nil))}
}

type lister struct {
	list []audit.Change
	size int
	more uint64
	rest hash.Hash // of those that are not listed
	text []byte
}

func (l *lister) inside(at tree.Path, c *tree.Change) {
	for _, ch := range c.Children {
		n := ch.New
		if n == nil {
			n = ch.Old
		}
		p := append(at, step(n))
		switch ch.Op {
		case tree.Inside:
			if ch.Moved {
				l.add(p, "move", nil, nil)
			}
			l.inside(p, ch)
		case tree.Modify:
			l.add(p, "replace", value(ch.Old), value(ch.New))
		case tree.Delete:
			l.whole(p, n, "delete")
		default:
			l.whole(p, n, "create")
		}
	}
}

// whole lists a subtree that came or went.
func (l *lister) whole(p tree.Path, n *tree.Node, operation string) {
	s := n.Schema()
	if s.Kind != yang.Container && s.Kind != yang.List {
		v := value(n)
		if operation == "delete" {
			l.add(p, operation, v, nil)
		} else {
			l.add(p, operation, nil, v)
		}
		return
	}
	if s.Kind == yang.List || s.Presence {
		l.add(p, operation, nil, nil)
	}
	for c := range n.Children() {
		if !c.Schema().IsKey {
			l.whole(append(p, step(c)), c, operation)
		}
	}
}

func (l *lister) add(p tree.Path, operation string, from, to *string) {
	l.text = p.AppendText(l.text[:0])
	if size := len(l.text) + length(from) + length(to); len(l.list) < mostChanges && l.size+size <= mostText && l.more == 0 {
		l.size += size
		l.list = append(l.list, audit.Change{Path: audit.Clip(string(l.text)), Operation: operation, Old: clip(from), New: clip(to)})
		return
	}
	if l.rest == nil {
		l.rest = sha256.New()
	}
	l.more++
	fmt.Fprintf(l.rest, "%s\x00%s\x00%s\x00%s\n", l.text, operation, deref(from), deref(to))
}

// value is the value of a node that has one, masked where it is secret.
func value(n *tree.Node) *string {
	text := masked
	switch s := n.Schema(); {
	case secret(s):
	case s.IsLeafy():
		text = n.Value().String()
	default:
		text = "(anydata)"
	}
	return &text
}

// step is the step to n. Of a leaf-list entry it holds the value, unless that is secret.
func step(n *tree.Node) tree.Step {
	if n.Schema().Kind == yang.LeafList && secret(n.Schema()) {
		return tree.Step{Schema: n.Schema()}
	}
	return tree.StepTo(n)
}

// hide is p without values of leaf-lists that are secret.
func hide(p tree.Path) tree.Path {
	if last := p.Schema(); last != nil && last.Kind == yang.LeafList && secret(last) {
		return p.Parent().Join(tree.Step{Schema: last})
	}
	return p
}

func clip(text *string) *string {
	if text != nil {
		*text = audit.Clip(*text)
	}
	return text
}

func length(text *string) int { return min(len(deref(text)), 1024) }

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
