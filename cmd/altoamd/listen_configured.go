package main

import (
	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/users"
)

// addEndpoints makes what ietf-netconf-server configures, besides the address of
// --netconf-ssh, which stays whatever the configuration says.
func (s *server) addEndpoints() {
	if s.options.Bare {
		return
	}
	s.endpoints = listeners.New(listeners.Options{
		Handle: s.netconf.Handle, Users: sshUsers{s.users}, Verify: users.Verify, Logger: s.log,
	})
	s.store.AddParticipant(s.endpoints)
}
