package cric

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxPIDName is the length of a PID name (RFC 7285 Section 10.1).
const maxPIDName = 64

// pidNames returns a PID name for each site name, no two the same. A name that is a
// PID name already stays as it is; in others each character that may not occur
// becomes '_', and where that is too long or the name of another PID, a hash of the
// site name is added, so that a name depends on no order.
func pidNames(sites []site) []string {
	count := make(map[string]int, len(sites))
	names := make([]string, len(sites))
	for i, s := range sites {
		names[i] = strings.Map(pidCharacter, s.name)
		count[names[i]]++
	}
	for i, s := range sites {
		if names[i] == s.name && len(s.name) <= maxPIDName && s.name != "" {
			continue
		}
		if count[names[i]] > 1 || len(names[i]) > maxPIDName || names[i] == "" {
			names[i] = hashed(names[i], s.name)
		}
	}
	return names
}

func pidCharacter(r rune) rune {
	if '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || strings.ContainsRune("-:@_", r) {
		return r
	}
	return '_'
}

// hashed cuts a name so that a separator and 16 hexadecimal digits fit.
func hashed(name, of string) string {
	sum := sha256.Sum256([]byte(of))
	return name[:min(len(name), maxPIDName-17)] + "_" + hex.EncodeToString(sum[:8])
}
