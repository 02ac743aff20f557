package agent

import (
	"net/http"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore/tree"
)

// rates are the requests in a second that roles and auth-clients with a budget of their
// own may send. They are immutable.
type rates struct{ roles, clients persistent.Map[string, int] }

// with returns the rates after some entries of the lists role and auth-client have
// changed; nil is one that is gone.
func (x rates) with(roles, clients map[string]*tree.Node) rates {
	return rates{rated(x.roles, roles), rated(x.clients, clients)}
}

func rated(known persistent.Map[string, int], entries map[string]*tree.Node) persistent.Map[string, int] {
	next := known.Edit()
	for key, entry := range entries {
		if n := rateOf(entry); n > 0 {
			next.Set(key, n)
		} else {
			next.Delete(key)
		}
	}
	return next.Done()
}

// rateOf returns the rate of an entry, which may be nil; 0 where it has none.
func rateOf(entry *tree.Node) int {
	if entry == nil {
		return 0
	}
	s := entry.Schema().Child(accessModule, "requests-per-second")
	if s == nil || entry.Child(s) == nil {
		return 0
	}
	n, _ := entry.Child(s).Value().Uint()
	return int(n)
}

// some tells whether anyone has a budget of its own.
func (x rates) some() bool { return x.roles.Len()+x.clients.Len() > 0 }

// noteRoles has a request take from the budgets of roles.
func (x rates) noteRoles(r *http.Request, roles []string) {
	note(r, alto.LimitRoleRate, x.roles, roles)
}

// noteClients has a request take from the budgets of auth-clients.
func (x rates) noteClients(r *http.Request, ids []string) {
	note(r, alto.LimitClientRate, x.clients, ids)
}

func note(r *http.Request, limit alto.Limit, of persistent.Map[string, int], names []string) {
	if of.Len() == 0 {
		return
	}
	for _, name := range names {
		if n := of.At(name); n > 0 {
			alto.NoteRate(r, alto.Rate{Limit: limit, Account: name, PerSecond: n})
		}
	}
}
