package datastore

import (
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// prune removes from to what a when expression forbids and old, which is valid, had:
// it went away by the change of another node (RFC 7950 Section 8.3.2). What a client
// wrote anew where its when is false is an unknown-element.
func (s *Store) prune(old, to *tree.Tree) (*tree.Tree, error) {
	pruned := s.validator.PruneChange(old, to)
	if pruned == to {
		return to, nil
	}
	var errs []*rpcerr.Error
	err := tree.Compare(pruned, to).Walk(func(p tree.Path, c *tree.Change) error {
		if c.Op == tree.Create && old.Find(p) == nil {
			errs = append(errs, rpcerr.New(rpcerr.UnknownElement, p.String(),
				"%s is not allowed here: it exists only when %s", c.Schema.Name, conditions(c.Schema)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pruned, rpcerr.Join(errs)
}

// conditions are the when expressions that n is subject to.
func conditions(n *yang.Node) string {
	var all []string
	for s := n; s != nil && (s == n || s.Kind == yang.Choice || s.Kind == yang.Case); s = s.Parent {
		for _, w := range s.Whens {
			all = append(all, w.XPath.Text)
		}
	}
	return strings.Join(all, " and ")
}
