package nacm

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const (
	netconfModule = "ietf-netconf"
	eventModule   = "nc-notifications"
)

// MayCall tells whether the user may run the RPC (RFC 8341 Section 3.4.4). Everybody
// may close the own session.
func (a *Access) MayCall(rpc *yang.Node) bool {
	if a == nil || rpc.Module.Name == netconfModule && rpc.Name == "close-session" {
		return true
	}
	if r := a.first(operation, rpc, Exec); r != nil {
		return r.permit
	}
	reserved := rpc.Module.Name == netconfModule && (rpc.Name == "kill-session" || rpc.Name == "delete-config")
	return rpc.DefaultDeny != yang.DenyAll && !reserved && a.exec
}

// MayAct tells whether the user may run the action of the node at p: it takes the right
// to read all that leads there, and to execute the action (RFC 8341 Section 3.1.3).
func (a *Access) MayAct(p tree.Path, action *yang.Node) bool {
	return a == nil || a.reaches(p, action, Exec)
}

// MayReceive tells whether the user may get the notification n of the node at p, which
// is empty for a top-level one (RFC 8341 Section 3.4.6).
func (a *Access) MayReceive(p tree.Path, n *yang.Node) bool {
	switch {
	case a == nil, n.Module.Name == eventModule && (n.Name == "replayComplete" || n.Name == "notificationComplete"):
		return true
	case len(p) > 0:
		return a.reaches(p, n, Read)
	}
	if r := a.first(notification, n, Read); r != nil {
		return r.permit
	}
	return n.DefaultDeny != yang.DenyAll && a.read
}

// reaches tells whether all that leads to n, of the node at p, can be read and op is
// permitted for n.
func (a *Access) reaches(p tree.Path, n *yang.Node, op Ops) bool {
	allowed := true
	a.walk(p.Join(tree.Step{Schema: n}), func(st *state, steps int) bool {
		if allowed = st.readable(); steps > len(p) {
			allowed = st.own&op != 0
		}
		return allowed
	})
	return allowed
}

// first is the first rule that matches an RPC or top-level notification, or nil.
func (a *Access) first(k kind, n *yang.Node, op Ops) *rule {
	for _, r := range a.rules {
		if (r.kind == anything || r.kind == k && (r.name == "" || r.name == n.Name)) &&
			(r.module == "" || r.module == n.Module.Name) && r.ops&op != 0 {
			return r
		}
	}
	return nil
}
