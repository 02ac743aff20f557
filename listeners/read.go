package listeners

import (
	"context"
	"net"
	"strconv"
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
	server certs.Place
	stores *certs.Stores // of what is being read
	notes  []string
}

// listen returns the endpoints to listen at: those of before that are as they were, and
// those that are new. At a restart one that cannot be had is left out.
func (r *reader) listen(before map[string]*endpoint) (map[string]*endpoint, error) {
	all := map[string]*endpoint{}
	listen := r.server.Below("listen")
	idle := listen.Below("idle-timeout").Path
	for _, p := range listen.Below("endpoints").Entries("endpoint") {
		name := p.Key()
		if old := before[name]; old != nil && !old.uses.touched(r.change.Diff) {
			all[name] = old
			continue
		}
		e, err := r.endpoint(p, silence(listen.Uint("idle-timeout")))
		if err != nil {
			if r.change.Resumed {
				r.l.log.Error("the NETCONF endpoint is left out", "endpoint", name, "error", err)
				continue
			}
			return nil, err
		}
		e.uses = append(e.uses, p.Path, idle)
		all[name] = e
	}
	return all, nil
}

func (r *reader) endpoint(p certs.Place, idle time.Duration) (*endpoint, error) {
	s, stack, err := r.service(p, idle)
	if err != nil {
		return nil, err
	}
	e := newEndpoint(p.Key(), s)
	e.uses = r.stores.Used()
	tcp := stack.Below("tcp-server-parameters")
	e.keepalive = keepalive(tcp)
	for _, b := range tcp.Entries("local-bind") {
		e.binds = append(e.binds, &bind{
			addr: net.JoinHostPort(b.Leaf("local-address").String(), strconv.FormatUint(b.Uint("local-port"), 10)), at: b,
		})
	}
	return e, nil
}

// service reads the transport of an endpoint; stack is its container.
func (r *reader) service(p certs.Place, idle time.Duration) (s service, stack certs.Place, err error) {
	r.stores = certs.StoresOf(r.change.New)
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
