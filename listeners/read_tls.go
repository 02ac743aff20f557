package listeners

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/netconf/transport"
)

// tls reads the container tls of an endpoint of NETCONF at p.
func (r *reader) tls(p certs.Place, handle func(context.Context, *transport.Conn)) (*transport.TLSServer, error) {
	params := p.Below("tls-server-parameters")
	s := &transport.TLSServer{Handle: handle, Limits: r.l.o.Limits, Logger: r.l.log, Attempted: r.l.o.Logins.Certificate}
	var err error
	if s.Config, s.Trust, err = r.tlsServer(params); err != nil {
		return nil, err
	}
	if s.Trust.Empty() {
		return nil, params.Below("client-authentication").Refuse(rpcerr.DataMissing,
			"no certificate is there to authenticate clients by, which NETCONF over TLS needs")
	}
	s.Users, err = certMaps(p.Below("netconf-server-parameters", "client-identity-mappings"))
	return s, err
}

// tlsServer reads a tls-server-grouping at p.
func (r *reader) tlsServer(p certs.Place) (config *tls.Config, trust transport.ClientTrust, err error) {
	if err := onlyCertificates(p); err != nil {
		return nil, trust, err
	}
	certificate, err := r.stores.ServerCertificate(p.Below("server-identity", "certificate"))
	if err != nil {
		return nil, trust, err
	}
	config = certs.Modern()
	config.Certificates = []tls.Certificate{certificate}
	notes, err := certs.LimitHello(config, p.Below("hello-params"))
	if err != nil {
		return nil, trust, err
	}
	for _, n := range append(notes, certs.Doubts(certificate, time.Now())...) {
		r.notes = append(r.notes, n+" at "+p.Path.String())
	}
	clients := p.Below("client-authentication")
	if trust.Authorities, err = r.stores.Certificates(clients.Below("ca-certs")); err != nil {
		return nil, trust, err
	}
	trust.Clients, err = r.stores.Certificates(clients.Below("ee-certs"))
	return config, trust, err
}

// onlyCertificates refuses what the tls package cannot do.
func onlyCertificates(params certs.Place) error {
	for parent, names := range map[string][]string{
		"":                      {"keepalives"},
		"server-identity":       {"raw-private-key", "tls12-psk", "tls13-epsk"},
		"client-authentication": {"raw-public-keys", "tls12-psks", "tls13-epsks"},
	} {
		at := params
		if parent != "" {
			at = params.Below(parent)
		}
		for _, name := range names {
			if n := at.Below(name); n.Exists() {
				return n.Refuse(rpcerr.OperationNotSupported, "%s is not provided; certificates are, and keepalives of TCP", name)
			}
		}
	}
	return nil
}

// certMaps reads the list cert-to-name below p.
func certMaps(p certs.Place) (maps transport.CertMaps, err error) {
	for _, e := range p.Entries("cert-to-name") {
		m := transport.CertMap{Name: e.Leaf("name").String()}
		if id := e.Leaf("map-type").Identity(); id != nil {
			m.Type = transport.MapType(id.Name)
		}
		if f := e.Leaf("fingerprint"); !f.IsZero() {
			if m.Fingerprint, err = transport.ParseFingerprint(f.String()); err != nil {
				return nil, e.Below("fingerprint").Refuse(rpcerr.InvalidValue, "%v", err)
			}
		}
		maps = append(maps, m)
	}
	return maps, nil
}
