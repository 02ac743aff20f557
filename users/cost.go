package users

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/passwords"
)

// priced is what a failure costs with some users.
type priced struct {
	users *tree.Node // the container authentication; nil for none
	cost  passwords.Cost
}

// leastCost is that of a hash made here: so much even where no user has one.
var leastCost = passwords.Cost{SHA512: hashRounds}

// cost is what each failure costs: of each kind of hash as many rounds as the user has
// whose hash takes the most. It is found out anew when the users have changed.
func (d *Directory) cost() passwords.Cost {
	a := authentication(d.store.Running().Tree)
	if p := d.priced.Load(); p != nil && p.users == a {
		return p.cost
	}
	p := &priced{a, leastCost}
	for _, hash := range d.fixed {
		p.cost = p.cost.Max(priceOf(hash))
	}
	if a != nil {
		for u := range a.Entries(a.Schema().Child(module, "user")) {
			p.cost = p.cost.Max(priceOf(u.Leaf("password").String()))
		}
	}
	d.priced.Store(p)
	return p.cost
}

// priceOf is what Verify takes with a hash, nothing with one that it refuses unseen.
func priceOf(hash string) passwords.Cost {
	if checkHash(hash) != nil {
		return passwords.Cost{}
	}
	return passwords.CostOf(hash)
}
