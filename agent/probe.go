package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto/client"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

const (
	probeModule = "altoam-probe"
	probePath   = serverPath + "/" + probeModule + ":probe"
)

// probed is what a run of the probe found. It is not modified any more.
type probed struct {
	began     time.Time
	duration  time.Duration
	directory string // "": there is none
	err       error  // why there was nothing to go out from
	resources []client.Result
	failures  int
	others    []probedAddress
}

// probedAddress is what was found at a further address.
type probedAddress struct {
	directory string
	duration  time.Duration
	err       error
}

func (p *probed) ok() bool {
	return p.err == nil && p.failures == 0 && !slices.ContainsFunc(p.others, func(o probedAddress) bool { return o.err != nil })
}

// probeLoop runs the probe at its interval until ctx ends.
func (a *Agent) probeLoop(ctx context.Context) {
	var last time.Time
	every(ctx, min(lookEvery, a.retry), func(now time.Time) {
		w := a.world.Load()
		interval := time.Duration(a.number(w.server, probePath+"/interval")) * time.Second
		if w.server == nil || interval == 0 || now.Sub(last) < interval {
			return
		}
		last = now
		a.probe(ctx)
	})
}

// probe walks the directory as a client does and keeps what it found, unless ctx ended
// meanwhile. One run at a time.
func (a *Agent) probe(ctx context.Context) *probed {
	a.probing.Lock()
	defer a.probing.Unlock()
	began := time.Now()
	p := &probed{began: a.now()}
	p.resources, p.err = a.walk(ctx, p)
	p.duration = time.Since(began)
	for _, r := range p.resources {
		if r.Err != nil {
			p.failures++
		}
	}
	if ctx.Err() == nil {
		a.lastProbe.Store(p)
	}
	return p
}

// walk goes out from the first address that is listened on to all resources; at each other
// address, where the same server answers, it asks for the directory alone.
func (a *Agent) walk(ctx context.Context, p *probed) ([]client.Result, error) {
	irds := a.IRDs()
	if len(irds) == 0 {
		return nil, errors.New("the ALTO server does not listen")
	}
	p.directory = irds[0]
	for _, ird := range irds[1:] {
		p.others = append(p.others, a.lookAt(ctx, ird))
	}
	c, known, leave, err := a.visit(irds[0])
	if err != nil {
		return nil, err
	}
	defer leave()
	return c.Walk(ctx, known.String(), func(e client.Entry) bool { return e.URI.Host == known.Host })
}

// lookAt asks for the directory at the address of ird.
func (a *Agent) lookAt(ctx context.Context, ird string) probedAddress {
	began, found := time.Now(), probedAddress{directory: ird}
	c, known, leave, err := a.visit(ird)
	if err == nil {
		defer leave()
		_, err = c.Directory(ctx, known.String())
	}
	found.err, found.duration = err, time.Since(began)
	return found
}

// visit returns a client of the address of ird, which is that of a root IRD, and the URI
// of that IRD under the name that clients know the server by. The connections end with
// leave.
func (a *Agent) visit(ird string) (c *client.Client, known *url.URL, leave func(), err error) {
	w := a.world.Load()
	bound, err := url.Parse(ird)
	if err != nil {
		return nil, nil, nil, err
	}
	known = bound
	if root, err := url.Parse(w.snapshot.RootURI()); err == nil && root.Host != "" {
		known = root
	}
	name := known.Hostname()
	if known.Host == bound.Host {
		name = ""
	}
	dial := dialer(bound, name)
	transport := &http.Transport{DialContext: dial, DialTLSContext: dial}
	c = &client.Client{HTTP: &http.Client{
		Transport: transport, Timeout: time.Duration(a.number(w.server, probePath+"/timeout")) * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if name, ok := w.probeUser(); ok {
		at := certs.Place{Node: w.root}.Below("ietf-alto:alto", "alto-server", probeModule+":probe", "credentials")
		if c.Password, err = a.password(at); err != nil {
			return nil, nil, nil, err
		}
		c.User = name
	}
	return c, known, transport.CloseIdleConnections, nil
}

// dialer connects to the listener at bound, whatever the address, as it wants: by HTTP or
// HTTPS, which a proxy may turn into the other one for clients. The server's certificate
// must be valid at present, and for host unless it is ""; who signed it is for clients to
// judge.
func dialer(bound *url.URL, host string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, bound.Host)
		if err != nil || bound.Scheme != "https" {
			return c, err
		}
		secured := tls.Client(c, &tls.Config{
			ServerName: host, InsecureSkipVerify: true, // it is a socket of our own
			VerifyConnection: func(s tls.ConnectionState) error { return checkCertificate(s.PeerCertificates[0], host) },
		})
		if err := secured.HandshakeContext(ctx); err != nil {
			c.Close()
			return nil, err
		}
		return secured, nil
	}
}

func checkCertificate(c *x509.Certificate, host string) error {
	if now := time.Now(); now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return fmt.Errorf("the certificate of %s is valid from %s to %s", c.Subject, dateAndTime(c.NotBefore), dateAndTime(c.NotAfter))
	}
	if host == "" {
		return nil
	}
	return c.VerifyHostname(host)
}

// probeCredentials is the container credentials, nil where there is none.
func probeCredentials(server *tree.Node) *tree.Node {
	if server == nil {
		return nil
	}
	s := server.Schema().Child(probeModule, "probe")
	if s == nil || server.Child(s) == nil {
		return nil
	}
	return below(server.Child(s), "credentials")
}

// probeUser returns the name of the HTTP user that the probe comes as; false where it is
// anonymous or its client has no user with a Basic password.
func (w *world) probeUser() (name string, ok bool) {
	c := probeCredentials(w.server)
	if c == nil {
		return "", false
	}
	for _, p := range w.access.proofs.At(c.Leaf("client").String()) {
		for _, u := range w.listening.users {
			if p.kind == byPassword && u.id == p.of && u.hash != "" {
				return u.name, true
			}
		}
	}
	return "", false
}

// checkProbe refuses credentials of a client that the probe cannot come as.
func (w *world) checkProbe() (refused refusals) {
	c := probeCredentials(w.server)
	if c == nil || w.listening.scheme == "" {
		return nil
	}
	if _, ok := w.probeUser(); !ok {
		refused.add(rpcerr.InvalidValue, probePath+"/credentials",
			driver.Errorf("client", "client %q has no HTTP user of the listen stack with a Basic password", c.Leaf("client")))
	}
	return refused
}
