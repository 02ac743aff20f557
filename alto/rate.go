package alto

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Rate is how many requests in a second are answered that take from one account, on
// average: as many more come at once after a second of silence. A request that takes from
// several is answered where all have one left, and takes nothing from any where it is not.
type Rate struct {
	// Limit is what counts the requests that are refused: LimitRoleRate or LimitClientRate.
	Limit Limit
	// Account is the role or the client of the configuration.
	Account string
	// PerSecond is at least 1.
	PerSecond int
}

// NoteRate tells what a request takes from. It is for Config.Authenticate, which is called
// with r, and without effect elsewhere; that of one account counts once.
func NoteRate(r *http.Request, rate Rate) {
	if i, ok := r.Context().Value(identityKey{}).(*identity); ok && !slices.Contains(i.rates, rate) {
		i.rates = append(i.rates, rate)
	}
}

// rateBudgets have what is left of rates. All methods are safe for concurrent use.
type rateBudgets struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[rateKey]*budget
	kept     int // of accounts, after those with all they may have had been dropped last
}

type rateKey struct {
	limit   Limit
	account string
}

// take takes one request from each of rates, or from none and tells which has none left.
func (b *rateBudgets) take(rates []Rate) Limit {
	if b == nil || len(rates) == 0 {
		return noLimit
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, r := range rates {
		if !b.of(r, now).has(r.PerSecond, now) {
			return r.Limit
		}
	}
	for _, r := range rates {
		b.of(r, now).left--
	}
	return noLimit
}

// of returns the budget of an account. Needs mu.
func (b *rateBudgets) of(r Rate, now time.Time) *budget {
	key := rateKey{r.Limit, r.Account}
	x := b.accounts[key]
	if x == nil {
		if b.accounts == nil {
			b.accounts = make(map[rateKey]*budget)
		}
		b.drop(now)
		x = new(budget)
		b.accounts[key] = x
	}
	return x
}

// drop forgets accounts that have all they may have, once those there are have doubled:
// those that are configured no longer are among them. Needs mu.
func (b *rateBudgets) drop(now time.Time) {
	const few = 64
	if len(b.accounts) < max(few, 2*b.kept) {
		return
	}
	for key, x := range b.accounts {
		if now.Sub(x.at) >= time.Second {
			delete(b.accounts, key)
		}
	}
	b.kept = len(b.accounts)
}
