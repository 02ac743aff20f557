package listeners

import (
	"net/http"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// metrics is protocol.service of the server of metrics: clients must be asked who they are.
func (r *reader) metrics(p certs.Place, _ time.Duration) (service, certs.Place, error) {
	stack := p.Below("https")
	w, err := r.https(stack)
	if err != nil {
		return nil, stack, err
	}
	if w.trust.Empty() && len(w.users) == 0 {
		return nil, stack, p.Refuse(rpcerr.DataMissing,
			"nobody may read metrics: there must be client-authentication in tls-server-parameters or users in http-server-parameters")
	}
	return w, stack, nil
}

// Certified tells whether the client of a request has shown a certificate that its endpoint
// trusts, whomever it names.
func Certified(r *http.Request) bool {
	p, _ := r.Context().Value(peerKey{}).(*peer)
	return p != nil && !p.web.trust.Empty() && r.TLS != nil && len(r.TLS.PeerCertificates) > 0 // verified in the handshake
}

// web is the protocol of its clients of HTTP, for records.
func (l *Listeners) web() string { return l.protocols[len(l.protocols)-1].name }
