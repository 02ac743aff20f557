package certs

import "github.com/altoam/altoam/secrets"

// SealedBy lets s open private keys that are stored sealed, and returns s.
func (s *Stores) SealedBy(sealer *secrets.Sealer) *Stores {
	s.sealer = sealer
	return s
}
