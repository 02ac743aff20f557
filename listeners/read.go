package listeners

import (
	"context"
	"net"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/netconf/transport"
)

// reader reads one configuration.
type reader struct {
	l      *Listeners
	change datastore.Change
	stores *certs.Stores // of what is being read
	notes  []string
}

// listen returns the endpoints to listen at by their path: those of before that are as
// they were, and those that are new. At a restart one that cannot be had is left out.
func (r *reader) listen(before map[string]*endpoint) (map[string]*endpoint, error) {
	all := map[string]*endpoint{}
	for _, x := range r.l.protocols {
		listen := certs.Root(r.change.New).Below(x.root, "listen")
		for _, p := range listen.Below("endpoints").Entries("endpoint") {
			key := p.Path.String()
			if old := before[key]; old != nil && !old.uses.touched(r.change.Diff) {
				all[key] = old
				continue
			}
			e, err := r.endpoint(x, p, listen)
			if err != nil {
				if r.change.Resumed {
					r.l.log.Error("the "+x.name+" endpoint is left out", "endpoint", p.Key(), "error", err)
					continue
				}
				return nil, err
			}
			all[key] = e
		}
	}
	return all, nil
}

func (r *reader) endpoint(x *protocol, p, listen certs.Place) (*endpoint, error) {
	uses := uses{p.Path}
	silent := time.Duration(0)
	if x.idle != "" {
		silent = silence(listen.Uint(x.idle))
		uses = append(uses, listen.Below(x.idle).Path)
	}
	r.stores = certs.StoresOf(r.change.New).SealedBy(r.l.o.Secrets)
	s, stack, err := x.service(r, p, silent)
	if err != nil {
		return nil, err
	}
	e := newEndpoint(x, p.Key(), s)
	e.uses = append(uses, r.stores.Used()...)
	tcp := stack.Below("tcp-server-parameters")
	e.keepalive = keepalive(tcp)
	for _, b := range tcp.Entries("local-bind") {
		host, port := b.Leaf("local-address").String(), b.Uint("local-port")
		for _, network := range networks(s) {
			e.binds = append(e.binds, newBind(network, host, port, b))
		}
	}
	return e, nil
}

// netconf is protocol.service of NETCONF.
func (r *reader) netconf(p certs.Place, idle time.Duration) (s service, stack certs.Place, err error) {
	handle := func(ctx context.Context, c *transport.Conn) {
		c.Idle = idle
		r.l.o.Handle(ctx, c)
	}
	if stack = p.Below("ssh"); stack.Exists() {
		s, err = r.ssh(stack.Below("ssh-server-parameters"), handle)
		return s, stack, err
	}
	if stack = p.Below("tls"); stack.Exists() {
		s, err = r.tls(stack, handle)
		return s, stack, err
	}
	return nil, stack, p.Refuse(rpcerr.DataMissing, "there is no transport")
}

// silence is the idle time of so many seconds; negative for no limit.
func silence(seconds uint64) time.Duration {
	if seconds == 0 {
		return -1
	}
	return time.Duration(seconds) * time.Second
}

// keepalive reads the container keepalives of ietf-tcp-common below p. Without it the
// defaults of the net package stay, as a dead client would hold its locks for ever.
func keepalive(p certs.Place) (c net.KeepAliveConfig) {
	k := p.Below("keepalives")
	if !k.Exists() {
		return c
	}
	return net.KeepAliveConfig{
		Enable: true, Idle: time.Duration(k.Uint("idle-time")) * time.Second,
		Interval: time.Duration(k.Uint("probe-interval")) * time.Second, Count: int(k.Uint("max-probes")),
	}
}
