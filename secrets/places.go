package secrets

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// Module is the YANG module that sealed values need.
const Module = "altoam-secrets"

// place is a leaf of the schema whose values are kept sealed.
type place struct {
	kind  string     // "private-key", "symmetric-key", "password", or "credentials" where it has no twin
	clear *yang.Node // the leaf as clients write it; where it has no twin its sealed form too

	// The encrypted twin (RFC 9640 Section 2.1.3); nil where there is none.
	sealed, format, value *yang.Node
	by, key               *yang.Node // container encrypted-by; leaf of ours below it, nil where the model has no room
}

// at is the node that holds the sealed form.
func (p *place) at() *yang.Node {
	if p.sealed != nil {
		return p.sealed
	}
	return p.clear
}

// places are those of a schema.
type places struct {
	of    map[*yang.Node]*place // by leaf and by twin
	above map[*yang.Node]bool   // they and all data nodes above them
}

func placesOf(s *yang.Schema) places {
	all := places{map[*yang.Node]*place{}, map[*yang.Node]bool{}}
	for _, n := range s.Nodes {
		if n.Kind != yang.Leaf || !n.Config {
			continue
		}
		p := twinned(n)
		if p == nil && marked(n) {
			p = &place{kind: "credentials", clear: n}
		}
		if p == nil {
			continue
		}
		all.of[p.clear], all.of[p.at()] = p, p
		all.above[p.clear] = true
		for up := p.at(); up != nil; up = up.DataParent {
			all.above[up] = true
		}
	}
	return all
}

// twinned returns the place of a leaf of the groupings of ietf-crypto-types, nil for
// another one or where the feature of its twin is off.
func twinned(n *yang.Node) *place {
	kind, ok := strings.CutPrefix(n.Name, "cleartext-")
	if !ok || n.DataParent == nil {
		return nil
	}
	module := n.Module.Name
	p := &place{kind: kind, clear: n, sealed: n.DataParent.Child(module, "encrypted-"+kind)}
	if p.sealed == nil || p.sealed.Kind != yang.Container {
		return nil
	}
	p.by = p.sealed.Child(module, "encrypted-by")
	p.format = p.sealed.Child(module, "encrypted-value-format")
	p.value = p.sealed.Child(module, "encrypted-value")
	if p.by == nil || p.format == nil || p.value == nil {
		return nil
	}
	p.key = p.by.Child(Module, "secret-key")
	return p
}

// marked tells whether values of a leaf are sealed in place: altoam-secrets:sealed.
func marked(n *yang.Node) bool {
	for _, x := range n.Exts {
		if x.Extension != nil && x.Extension.Name == "sealed" && x.Extension.Module.Name == Module {
			return true
		}
	}
	return false
}
