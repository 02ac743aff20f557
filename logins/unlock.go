package logins

import (
	"context"
	"net/netip"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// unlockCall carries out the action unlock.
func (l *Lockout) unlockCall(_ context.Context, c datastore.Call) (*tree.Tree, error) {
	in := c.Input.Root()
	service, user, text := in.Leaf("service").String(), in.Leaf("user").String(), in.Leaf("source").String()
	var source netip.Prefix
	if text != "" {
		var ok bool
		if source, ok = parseSource(text); !ok {
			return nil, rpcerr.New(rpcerr.InvalidValue, at+"/unlock/source", "%q is no IP address, and no IPv6 prefix of 64 bits", text)
		}
	}
	n := l.forget(service, user, source)
	operator := c.Session.User().Name
	l.log.Warn("logins unlocked", "service", service, "user", user, "source", sourceText(source), "locks", n, "operator", operator)
	l.publish("unlocked", func(w *datastore.Writer) {
		whom(w, service, key{source, user}).Set("operator", operator).Set("unlocked", n)
	})
	m := tree.New(c.Node.Output()).Mutate()
	w := datastore.NewWriter(m)
	w.Set("unlocked", n)
	return m.Done(), w.Err()
}
