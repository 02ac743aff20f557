package agent

import (
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/southbound"
)

// readStack reads an entry of the list listen-stack of altoam-access.
func (l *listening) readStack(entry certs.Place, s *certs.Stores) {
	transport := entry.Below("https")
	secure := transport.Exists()
	if !secure {
		transport = entry.Below("http")
	}
	var sockets alto.ListenConfig
	if l.further == nil {
		l.further = make(map[string]string)
	}
	tcp := transport.Below("tcp-server-parameters")
	for _, b := range tcp.Entries("local-bind") {
		addr := net.JoinHostPort(b.Key(), strconv.FormatUint(b.Uint("local-port"), 10))
		sockets.Addrs = append(sockets.Addrs, addr)
		l.further[addr] = b.Below("local-port").Path.String()
	}
	slices.Sort(sockets.Addrs)
	if k := tcp.Below("keepalives"); k.Exists() {
		sockets.KeepAlive = net.KeepAliveConfig{
			Enable: true, Idle: time.Duration(k.Uint("idle-time")) * time.Second,
			Interval: time.Duration(k.Uint("probe-interval")) * time.Second, Count: int(k.Uint("max-probes")),
		}
	}
	if secure {
		params := transport.Below("tls-server-parameters")
		c, err := l.readTLS(params, s)
		if err != nil {
			l.unfit = append(l.unfit, stackRefusals(params, err)...)
			return
		}
		sockets.TLS = c
	}
	l.sockets.More = append(l.sockets.More, sockets)
}

// stackRefusals are why a further stack cannot be.
func stackRefusals(params certs.Place, err error) []*rpcerr.Error {
	if all := rpcerr.All(err); len(all) > 0 && all[0].Path != "" {
		return all
	}
	return []*rpcerr.Error{params.Refuse(rpcerr.InvalidValue, "%v", err)}
}

// secured tells whether a stack has TLS.
func (l *listening) secured() bool {
	return l.scheme == "https" || slices.ContainsFunc(l.sockets.More, func(c alto.ListenConfig) bool { return c.TLS != nil })
}

// schemeAt is the scheme of URIs that lead to an address that is bound.
func schemeAt(a southbound.Address) string {
	if a.Secure {
		return "https"
	}
	return "http"
}

// stacksChanged tells whether a change of a child of alto-server is one of a further
// stack.
func stacksChanged(x *tree.Change) bool {
	return x.Schema.Module.Name == accessModule && x.Schema.Name == "listen-stack"
}
