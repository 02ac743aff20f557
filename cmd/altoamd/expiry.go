package main

import (
	"crypto/x509"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/expiry"
)

// addExpiry has the end of certificates told.
func (s *server) addExpiry() {
	s.expiry = expiry.New(expiry.Options{Publish: s.store.Publish, Files: s.certificateFiles, Logger: s.log})
	s.store.AddParticipant(s.expiry)
	s.registry.MustRegister(s.expiry)
}

// certificateFiles are the certificates in files that are in use.
func (s *server) certificateFiles() (all []certs.Held) {
	for _, f := range s.certificates {
		var chain []*x509.Certificate
		for _, der := range f.Certificate().Certificate {
			if c, err := x509.ParseCertificate(der); err == nil {
				chain = append(chain, c)
			}
		}
		if h, ok := certs.HeldIn(f.Name(), chain); ok {
			all = append(all, h)
		}
	}
	return all
}
