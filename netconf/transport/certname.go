package transport

import (
	"bytes"
	"crypto"
	_ "crypto/md5"  // #nosec G501 -- a hash algorithm that fingerprints may have
	_ "crypto/sha1" // #nosec G505 -- likewise
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// ErrNoUser refuses a client whose certificate no entry of [CertMaps] maps.
var ErrNoUser = errors.New("no cert-to-name entry gives a user name for the certificate")

// MapType tells where a username comes from: the name of an identity of
// ietf-x509-cert-to-name (RFC 7407 Section 4.1).
type MapType string

// The map types of RFC 7589 Section 7.
const (
	MapSpecified MapType = "specified"
	MapSANEmail  MapType = "san-rfc822-name"
	MapSANDNS    MapType = "san-dns-name"
	MapSANIP     MapType = "san-ip-address"
	MapSANAny    MapType = "san-any"
	MapCommon    MapType = "common-name"
)

// CertMap is an entry of the list that RFC 7589 Section 7 describes.
type CertMap struct {
	// Fingerprint is a hash algorithm (the number that TLS 1.2 gave it) in one octet and
	// the hash of a certificate with it. None matches every certificate.
	Fingerprint []byte
	Type        MapType
	Name        string // for MapSpecified
}

// CertMaps is the whole list, in order.
type CertMaps []CertMap

// ParseFingerprint reads the text of a tls-fingerprint, hexadecimal octets with
// colons between. It fails where the hash algorithm is unknown or the hash has not
// its length: such a fingerprint matches nothing.
func ParseFingerprint(text string) ([]byte, error) {
	f, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	if len(f) == 0 {
		return nil, errors.New("the fingerprint is empty")
	}
	h, ok := fingerprintHashes[f[0]]
	if !ok {
		return nil, fmt.Errorf("the fingerprint starts with hash algorithm %d; 1 to 6 are known, 4 is SHA-256", f[0])
	}
	if len(f)-1 != h.Size() {
		return nil, fmt.Errorf("the fingerprint has %d octets after the hash algorithm; %v has %d", len(f)-1, h, h.Size())
	}
	return f, nil
}

// fingerprintHashes are by number of the TLS HashAlgorithm registry, to which RFC 7407
// Section 4.1 refers.
var fingerprintHashes = map[byte]crypto.Hash{
	1: crypto.MD5, 2: crypto.SHA1, 3: crypto.SHA224, 4: crypto.SHA256, 5: crypto.SHA384, 6: crypto.SHA512,
}

// User derives the username of a client from its verified chains, which all start
// with the certificate it presented (RFC 7589 Section 7). The error is ErrNoUser.
func (m CertMaps) User(chains [][]*x509.Certificate) (string, error) {
	if len(chains) == 0 || len(chains[0]) == 0 {
		return "", ErrNoUser
	}
	for _, e := range m {
		if !e.matches(chains) {
			continue
		}
		if name := e.name(chains[0][0]); validUsername(name) {
			return name, nil
		}
	}
	return "", ErrNoUser
}

// matches tells whether the fingerprint is that of a certificate of the chains.
func (e CertMap) matches(chains [][]*x509.Certificate) bool {
	if len(e.Fingerprint) == 0 {
		return true
	}
	hash, ok := fingerprintHashes[e.Fingerprint[0]]
	if !ok {
		return false
	}
	return slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		return slices.ContainsFunc(chain, func(c *x509.Certificate) bool {
			h := hash.New()
			h.Write(c.Raw)
			return bytes.Equal(h.Sum(nil), e.Fingerprint[1:])
		})
	})
}

// name is the username that the entry gives a certificate, "" for none.
func (e CertMap) name(c *x509.Certificate) string {
	switch e.Type {
	case MapSpecified:
		return e.Name
	case MapCommon:
		return c.Subject.CommonName
	}
	for _, n := range alternativeNames(c) {
		if e.Type == MapSANAny || e.Type == n.kind {
			return n.text
		}
	}
	return ""
}

// alternativeName is a subjectAltName as a username.
type alternativeName struct {
	kind MapType
	text string
}

var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// alternativeNames returns the names of the kinds that can be mapped, in the order of
// the certificate, which x509.Certificate does not keep across kinds.
func alternativeNames(c *x509.Certificate) (names []alternativeName) {
	for _, x := range c.Extensions {
		if x.Id.Equal(oidSubjectAltName) {
			names = append(names, parseAlternativeNames(x.Value)...)
		}
	}
	return names
}

// parseAlternativeNames reads the extension of RFC 5280 Section 4.2.1.6. What cannot
// be read gives no names.
func parseAlternativeNames(der []byte) (names []alternativeName) {
	var all []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &all); err != nil || len(rest) > 0 {
		return nil
	}
	for _, n := range all {
		if n.Class != asn1.ClassContextSpecific {
			continue
		}
		switch n.Tag {
		case 1:
			names = append(names, alternativeName{MapSANEmail, lowerHost(string(n.Bytes))})
		case 2:
			names = append(names, alternativeName{MapSANDNS, strings.ToLower(string(n.Bytes))})
		case 7:
			if text := addressName(n.Bytes); text != "" {
				names = append(names, alternativeName{MapSANIP, text})
			}
		}
	}
	return names
}

// lowerHost puts what follows the at sign of a mail address in lower case.
func lowerHost(mail string) string {
	at := strings.LastIndexByte(mail, '@') + 1
	return mail[:at] + strings.ToLower(mail[at:])
}

// addressName is dotted for IPv4, and 32 hexadecimal digits for IPv6.
func addressName(octets []byte) string {
	a, ok := netip.AddrFromSlice(octets)
	switch {
	case !ok:
		return ""
	case a.Is4():
		return a.String()
	}
	return hex.EncodeToString(octets)
}
