package main

import (
	"net"
	"net/http"

	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/users"
)

// addEndpoints makes what ietf-netconf-server and ietf-restconf-server configure, besides
// the addresses of --netconf-ssh and --restconf, which stay whatever the configuration
// says.
func (s *server) addEndpoints() {
	if s.options.Bare {
		return
	}
	s.endpoints = listeners.New(listeners.Options{
		Handle: s.netconf.Handle, Users: sshUsers{s.users}, Knows: s.users.Knows, Logins: s.logins, Verify: users.Verify, Logger: s.sparing, Secrets: s.secrets,
		HTTP:  func() *http.Server { return s.httpServer(s.restconf) },
		Admit: func(remote net.Addr, cut func()) (func(), bool) { return s.restconf.EnterConnection(remote, cut) }, // which is made later
	})
	s.store.AddParticipant(s.endpoints)
}
