package agent

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
)

// listening is where and how the server is reached. It is immutable.
type listening struct {
	scheme     string // "http" or "https": the case of choice transport; "" where the server is not configured
	sockets    alto.ListenConfig
	baseURI    string
	serverName string
	users      map[string]user // by user-id
	idle       error           // why nothing is listened on all the same; nil where it is
}

// user is an HTTP user with a Basic password.
type user struct{ name, hash string }

// localBind and keepalives are what http and https have in common.
type localBind interface {
	GetLocalAddress() string
	GetLocalPort() uint16
}

type keepalives interface {
	GetIdleTime() uint16
	GetMaxProbes() uint16
	GetProbeInterval() uint16
}

// readListen reads the container listen.
func (a *Agent) readListen(server, keystore *tree.Node) *listening {
	n := below(server, "listen")
	if n == nil {
		return new(listening)
	}
	var config gen.IETFAlto_Alto_AltoServer_Listen
	a.fill(&config, n)
	switch {
	case config.Http != nil:
		return readHTTP(config.Http)
	case config.Https != nil:
		l := readHTTPS(config.Https)
		l.secure(config.Https.TlsServerParameters, below(n, "https", "tls-server-parameters"), keystore)
		return l
	}
	return new(listening)
}

func readHTTP(c *gen.IETFAlto_Alto_AltoServer_Listen_Http) *listening {
	l := &listening{scheme: "http", users: make(map[string]user), baseURI: c.AltoServerParameters.GetBaseUri()}
	if t := c.TcpServerParameters; t != nil {
		l.sockets.Addrs = addresses(t.LocalBind)
		if t.Keepalives != nil {
			l.sockets.KeepAlive = keepAlive(t.Keepalives)
		}
	}
	if h := c.HttpServerParameters; h != nil {
		l.serverName = h.GetServerName()
		if h.ClientAuthentication != nil && h.ClientAuthentication.Users != nil {
			for id, u := range h.ClientAuthentication.Users.User {
				if u.Basic != nil {
					l.users[id] = user{u.Basic.GetUsername(), u.Basic.Password.GetHashedPassword()}
				}
			}
		}
	}
	return l
}

func readHTTPS(c *gen.IETFAlto_Alto_AltoServer_Listen_Https) *listening {
	l := &listening{scheme: "https", users: make(map[string]user), baseURI: c.AltoServerParameters.GetBaseUri()}
	if t := c.TcpServerParameters; t != nil {
		l.sockets.Addrs = addresses(t.LocalBind)
		if t.Keepalives != nil {
			l.sockets.KeepAlive = keepAlive(t.Keepalives)
		}
	}
	if h := c.HttpServerParameters; h != nil {
		l.serverName = h.GetServerName()
		if h.ClientAuthentication != nil && h.ClientAuthentication.Users != nil {
			for id, u := range h.ClientAuthentication.Users.User {
				if u.Basic != nil {
					l.users[id] = user{u.Basic.GetUsername(), u.Basic.Password.GetHashedPassword()}
				}
			}
		}
	}
	return l
}

// addresses returns ADDRESS:PORT of each entry, ascending.
func addresses[B localBind](binds map[string]B) []string {
	var list []string
	for _, b := range binds {
		list = append(list, address(b.GetLocalAddress(), b.GetLocalPort()))
	}
	slices.Sort(list)
	return list
}

func address(ip string, port uint16) string {
	return net.JoinHostPort(ip, strconv.Itoa(int(port)))
}

func keepAlive(k keepalives) net.KeepAliveConfig {
	return net.KeepAliveConfig{
		Enable: true, Idle: time.Duration(k.GetIdleTime()) * time.Second,
		Interval: time.Duration(k.GetProbeInterval()) * time.Second, Count: int(k.GetMaxProbes()),
	}
}

// secure sets the server's certificate, or notes why there cannot be a listener.
func (l *listening) secure(c *gen.IETFAlto_Alto_AltoServer_Listen_Https_TlsServerParameters, params, keystore *tree.Node) {
	certificate, err := serverCertificate(params, keystore)
	switch {
	case err != nil:
		l.idle = err
	case c.ClientAuthentication != nil:
		l.idle = errors.New("clients are to be authenticated by TLS, which is not provided yet")
	case c.HelloParams != nil && c.HelloParams.CipherSuites != nil:
		l.idle = errors.New("the choice of cipher suites is not provided yet")
	default:
		l.sockets.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
		if c.HelloParams != nil && c.HelloParams.TlsVersions != nil {
			limitVersions(l.sockets.TLS, below(params, "hello-params", "tls-versions"))
		}
	}
	if l.idle != nil {
		l.sockets = alto.ListenConfig{}
	}
}

// bind prepares the sockets. The error names the local-bind at fault.
func (a *Agent) bind(l *listening) (*alto.Binding, *rpcerr.Error) {
	b, err := a.stack.Bind(l.sockets)
	if err == nil {
		return b, nil
	}
	path := serverPath + "/listen/" + l.scheme + "/tcp-server-parameters"
	var fault *alto.BindError
	if errors.As(err, &fault) {
		if at, parseErr := netip.ParseAddrPort(fault.Addr); parseErr == nil {
			path += "/" + driver.Entry("local-bind", "local-address", at.Addr().String()) + "/local-port"
		}
	}
	return nil, &rpcerr.Error{Tag: rpcerr.OperationFailed, Path: path, Message: err.Error(), Err: err}
}
