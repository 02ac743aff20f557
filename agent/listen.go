package agent

import (
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
	"github.com/openconfig/ygot/ygot"
)

// listening is where and how the server is reached. It is immutable.
type listening struct {
	scheme     string // "http" or "https": the case of choice transport; "" where the server is not configured
	sockets    alto.ListenConfig
	baseURI    string
	serverName string
	users      []user
	digests    map[string][]digestUser // by name
	unfit      []*rpcerr.Error         // why it cannot be so
	further    map[string]string       // paths of the ports of further stacks, by address
	idle       error                   // why nothing is listened on all the same; nil where it is
	notes      []string                // what is configured and not provided
}

// user is an HTTP user with a Basic password.
type user struct{ id, name, hash string }

// byName returns the users that have a name and a password.
func (l *listening) byName() map[string][]user {
	users := make(map[string][]user)
	for _, u := range l.users {
		if u.name != "" && u.hash != "" {
			users[u.name] = append(users[u.name], u)
		}
	}
	return users
}

// The containers below http and https are the same but for the default port, so that
// those of http are filled from both.
type (
	tcpParameters      = gen.IETFAlto_Alto_AltoServer_Listen_Http_TcpServerParameters
	httpParameters     = gen.IETFAlto_Alto_AltoServer_Listen_Http_HttpServerParameters
	altoParameters     = gen.IETFAlto_Alto_AltoServer_Listen_Http_AltoServerParameters
	httpsTCPParameters = gen.IETFAlto_Alto_AltoServer_Listen_Https_TcpServerParameters
)

// readListen reads the container listen.
func (a *Agent) readListen(at certs.Place, s *certs.Stores) *listening {
	l := new(listening)
	server := at.Node
	stack := below(server, "listen", "http")
	if l.scheme = "http"; stack == nil {
		stack, l.scheme = below(server, "listen", "https"), "https"
	}
	if stack == nil {
		return new(listening)
	}
	var uri altoParameters
	a.fillContainer(&uri, stack, "alto-server-parameters")
	l.baseURI = uri.GetBaseUri()
	var http httpParameters
	a.fillContainer(&http, stack, "http-server-parameters")
	l.readHTTP(&http)
	a.readDigest(l, at.Below("listen", l.scheme, "http-server-parameters", "client-authentication", "users"))
	var tcp tcpParameters
	a.fillContainer(&tcp, stack, "tcp-server-parameters")
	l.readTCP(&tcp)
	if l.scheme == "https" {
		var tcp httpsTCPParameters
		a.fillContainer(&tcp, stack, "tcp-server-parameters")
		l.sockets.Addrs = addresses(tcp.LocalBind)
		l.secure(at.Below("listen", "https", "tls-server-parameters"), s)
	}
	for _, stack := range at.Entries(accessModule + ":listen-stack") {
		l.readStack(stack, s)
	}
	return l
}

func (l *listening) readTCP(c *tcpParameters) {
	l.sockets.Addrs = addresses(c.LocalBind)
	if k := c.Keepalives; k != nil {
		l.sockets.KeepAlive = net.KeepAliveConfig{
			Enable: true, Idle: time.Duration(k.GetIdleTime()) * time.Second,
			Interval: time.Duration(k.GetProbeInterval()) * time.Second, Count: int(k.GetMaxProbes()),
		}
	}
}

// fillContainer fills dst from a child of n, which may be absent.
func (a *Agent) fillContainer(dst ygot.GoStruct, n *tree.Node, name string) {
	if c := below(n, name); c != nil {
		a.fill(dst, c)
	}
}

func (l *listening) readHTTP(c *httpParameters) {
	l.serverName = c.GetServerName()
	if c.ClientAuthentication == nil || c.ClientAuthentication.Users == nil {
		return
	}
	for id, u := range c.ClientAuthentication.Users.User {
		if u.Basic != nil {
			l.users = append(l.users, user{id, u.Basic.GetUsername(), u.Basic.Password.GetHashedPassword()})
		}
	}
}

// localBind is an entry of the list local-bind of either transport.
type localBind interface {
	GetLocalAddress() string
	GetLocalPort() uint16
}

// addresses returns ADDRESS:PORT of each entry, ascending.
func addresses[B localBind](binds map[string]B) []string {
	var list []string
	for _, b := range binds {
		list = append(list, net.JoinHostPort(b.GetLocalAddress(), strconv.Itoa(int(b.GetLocalPort()))))
	}
	slices.Sort(list)
	return list
}

// secure makes the TLS settings, or notes why there cannot be a listener.
func (l *listening) secure(params certs.Place, s *certs.Stores) {
	c, err := l.readTLS(params, s)
	if l.idle = err; err != nil {
		l.sockets = alto.ListenConfig{}
		return
	}
	l.sockets.TLS = c
}

// readTLS makes the TLS settings of a stack, and notes what has no effect.
func (l *listening) readTLS(params certs.Place, s *certs.Stores) (*tls.Config, error) {
	identity := params.Below("server-identity", "certificate")
	certificate, err := s.ServerCertificate(identity)
	if !identity.Exists() {
		err = params.Refuse(rpcerr.OperationNotSupported, "the server's identity is not a certificate, which is all that is provided yet")
	}
	c := certs.Modern()
	c.Certificates, c.NextProtos = []tls.Certificate{certificate}, []string{"h2", "http/1.1"}
	if err == nil {
		var notes []string
		notes, err = certs.LimitHello(c, params.Below("hello-params"))
		notes = append(notes, certs.Doubts(certificate, time.Now())...)
		l.notes = append(append(l.notes, notes...), authenticateClients(c, params.Below("client-authentication"), s)...)
	}
	return c, err
}
