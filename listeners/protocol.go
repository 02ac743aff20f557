package listeners

import (
	"context"
	"net"
	"time"

	"github.com/altoam/altoam/certs"
)

// service serves connections, each to its end: a transport.SSHServer or TLSServer, or a
// web.
type service interface {
	Serve(context.Context, net.Listener) error
	ServeConn(context.Context, net.Conn) error
}

// protocol is a server that can be configured.
type protocol struct {
	name   string // in records and errors
	root   string // its container
	client string // its list of clients to call
	// idle is the leaf of container listen with the time that a session may be silent; ""
	// where there is none.
	idle string
	// service reads the transport of an endpoint; stack is its container, and silent the
	// time without traffic after which a session ends: 0 for as long as others, negative
	// for none.
	service func(r *reader, p certs.Place, silent time.Duration) (s service, stack certs.Place, err error)
}

// management are those that operators speak.
var management = []*protocol{
	{"NETCONF", "ietf-netconf-server:netconf-server", "netconf-client", "idle-timeout", (*reader).netconf},
	{"RESTCONF", "ietf-restconf-server:restconf-server", "restconf-client", "", (*reader).restconf},
}

// figures is the server of metrics.
var figures = []*protocol{{"metrics", "altoam-metrics:metrics-server", "", "", (*reader).metrics}}
