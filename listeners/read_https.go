package listeners

import (
	"crypto/tls"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/passwords"
)

// restconf is protocol.service of RESTCONF.
func (r *reader) restconf(p certs.Place, silent time.Duration) (service, certs.Place, error) {
	stack := p.Below("https")
	if !stack.Exists() {
		return nil, stack, p.Refuse(rpcerr.DataMissing, "there is no transport")
	}
	w, err := r.https(stack)
	if err != nil {
		return nil, stack, err
	}
	w.silent = silent
	if h3 := stack.Below("altoam-restconf-server:http3"); h3.Exists() {
		if v := w.tls.MaxVersion; v != 0 && v < tls.VersionTLS13 {
			return nil, stack, h3.Refuse(rpcerr.InvalidValue, "HTTP/3 needs TLS 1.3, which hello-params do not allow")
		}
		for _, b := range stack.Below("tcp-server-parameters").Entries("local-bind") {
			if b.Uint("local-port") == 0 {
				return nil, stack, h3.Refuse(rpcerr.InvalidValue, "HTTP/3 needs the number of a port at %s", b.Path)
			}
		}
		w.overQUIC()
	}
	return w, stack, nil
}

// https reads the container https of an endpoint at p.
func (r *reader) https(p certs.Place) (*web, error) {
	params, parameters := p.Below("tls-server-parameters"), p.Below("http-server-parameters")
	w := newWeb(r.l)
	var err error
	if w.tls, w.trust, err = r.tlsServer(params); err != nil {
		return nil, err
	}
	byHTTP := parameters.Below("client-authentication")
	byTLS := params.Below("client-authentication")
	if byTLS.Exists() && w.trust.Empty() {
		return nil, byTLS.Refuse(rpcerr.DataMissing, "no certificate is there to authenticate clients by")
	}
	w.askForCertificates(!byHTTP.Exists())
	if w.maps, err = certMaps(p.Below("restconf-server-parameters", "client-identity-mappings")); err != nil {
		return nil, err
	}
	w.name = parameters.Leaf("server-name").String()
	for _, e := range byHTTP.Below("users").Entries("user") {
		basic := e.Below("basic")
		name, hash := basic.Leaf("username").String(), basic.Below("password").Leaf("hashed-password").String()
		if name == "" || hash == "" {
			return nil, e.Refuse(rpcerr.DataMissing, "a user of HTTP needs a username and a hashed-password")
		}
		w.users[name] = append(w.users[name], hash)
	}
	w.cost = passwords.Greatest(w.users, func(hash string) string { return hash })
	return w, nil
}
