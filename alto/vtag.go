package alto

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// VTag is a version tag (RFC 7285 Section 10.3): the resource and an opaque
// string that changes whenever the resource's content does.
type VTag struct {
	ResourceID string
	Tag        string
}

func appendVTag(b []byte, v VTag) []byte {
	b = append(b, `{"resource-id":`...)
	b = appendString(b, v.ResourceID)
	b = append(b, `,"tag":`...)
	b = appendString(b, v.Tag)
	return append(b, '}')
}

// appendDependentVTags appends a "dependent-vtags" member and no comma.
func appendDependentVTags(b []byte, vtags []VTag) []byte {
	b = append(b, `"dependent-vtags":[`...)
	for i, v := range vtags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendVTag(b, v)
	}
	return append(b, ']')
}

// version is the hash of content, cut to 160 bits. It prints as a tag: 40 hexadecimal
// digits.
type version [20]byte

func (v version) String() string { return hex.EncodeToString(v[:]) }

// tagOf is the version of what has been hashed as a tag.
func tagOf(h hash.Hash) string { return version(h.Sum(nil)[:20]).String() }

func tagOfBytes(parts ...[]byte) string { return versionOf(parts...).String() }

func versionOf(parts ...[]byte) version {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	var room [512]byte // without a hash of its own where there is little
	if length <= len(room) {
		b := room[:0]
		for _, p := range parts {
			b = append(b, p...)
		}
		sum := sha256.Sum256(b)
		return version(sum[:20])
	}
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return version(h.Sum(nil)[:20])
}
