package users

import (
	"sync"

	"github.com/altoam/altoam/passwords"
)

// Meter has each hash that a Directory computes from now on counted, in place of being
// computed: none is right.
func (d *Directory) Meter() (spent func() passwords.Cost) {
	var mu sync.Mutex
	var cost passwords.Cost
	d.compute = func(hash, _ string) bool {
		mu.Lock()
		defer mu.Unlock()
		cost = cost.Plus(priceOf(hash))
		return false
	}
	return func() (c passwords.Cost) {
		mu.Lock()
		defer mu.Unlock()
		c, cost = cost, passwords.Cost{}
		return c
	}
}
