package listeners

import (
	"context"
	"crypto/tls"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/netconf/transport"
)

// tls reads the container tls of an endpoint at p.
func (r *reader) tls(p certs.Place, handle func(context.Context, *transport.Conn)) (*transport.TLSServer, error) {
	params := p.Below("tls-server-parameters")
	if err := onlyCertificates(params); err != nil {
		return nil, err
	}
	certificate, err := r.stores.ServerCertificate(params.Below("server-identity", "certificate"))
	if err != nil {
		return nil, err
	}
	s := &transport.TLSServer{
		Config: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		Handle: handle, Limits: r.l.o.Limits, Logger: r.l.log,
	}
	notes, err := certs.LimitHello(s.Config, params.Below("hello-params"))
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		r.notes = append(r.notes, n+" at "+params.Path.String())
	}
	clients := params.Below("client-authentication")
	if s.Trust.Authorities, err = r.stores.Certificates(clients.Below("ca-certs")); err != nil {
		return nil, err
	}
	if s.Trust.Clients, err = r.stores.Certificates(clients.Below("ee-certs")); err != nil {
		return nil, err
	}
	if len(s.Trust.Authorities)+len(s.Trust.Clients) == 0 {
		return nil, clients.Refuse(rpcerr.DataMissing, "no certificate is there to authenticate clients by, which NETCONF over TLS needs")
	}
	s.Users, err = certMaps(p.Below("netconf-server-parameters", "client-identity-mappings"))
	return s, err
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
				return n.Refuse(rpcerr.OperationNotSupported, "%s is not provided for NETCONF over TLS; certificates are", name)
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
