package alto

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is a SHA-256 hash of what a resource is answered with.
type Digest [sha256.Size]byte

// String returns the digest in hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }
