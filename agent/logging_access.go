package agent

import (
	"net/http"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/logging"
)

// logged is a server with every request told to r, which may be nil.
func logged(server *alto.Server, r *logging.Router) http.Handler {
	if r == nil {
		return server
	}
	return r.Handler(server, func(req *http.Request) string {
		if s := server.Snapshot(); s != nil {
			return s.ResourceAt(req.URL.Path)
		}
		return ""
	})
}

// note tells the statistics and the log that a client has proved to be a user, and which
// auth-clients that is.
func (x *access) note(r *http.Request, user string, by ...proof) {
	var ids []string
	for _, p := range by {
		for id := range x.clients.Of(p).All() {
			ids = append(ids, id)
		}
	}
	alto.NoteClients(r, ids...)
	x.rates.noteClients(r, ids)
	logging.NoteClient(r.Context(), user, func() []string { return merged(ids, nil) })
}

// noteCertified tells the log whose certificate a client has shown.
func (x *access) noteCertified(r *http.Request) {
	for _, chain := range r.TLS.VerifiedChains {
		by := []proof{{byIssuer, string(chain[len(chain)-1].Raw)}}
		if len(chain) == 1 {
			by = append(by, proof{byCertificate, string(chain[0].Raw)})
		}
		x.note(r, chain[0].Subject.String(), by...)
	}
}
