package certs

import (
	"crypto/tls"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
)

var tlsVersions = map[string]uint16{"tls12": tls.VersionTLS12, "tls13": tls.VersionTLS13}

// Modern is what every listener with TLS begins with: TLS 1.2 and 1.3, of TLS 1.2 the suites
// with forward secrecy and authenticated encryption only (RFC 9325 Section 4.2).
func Modern() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS12) && authenticated(s) {
			c.CipherSuites = append(c.CipherSuites, s.ID)
		}
	}
	return c
}

// authenticated tells whether a suite encrypts with authentication, and not in CBC mode.
func authenticated(s *tls.CipherSuite) bool {
	return strings.Contains(s.Name, "_GCM_") || strings.Contains(s.Name, "_CHACHA20_POLY1305_")
}

// LimitHello applies hello-params of ietf-tls-server at p, which may be absent, to c. Suites
// that the tls package calls insecure (RC4, 3DES, without forward secrecy) are not provided;
// those with CBC are where they are listed. Of the cipher suites only those of TLS 1.2 can be
// chosen one by one: notes tell what has no effect. A version of which no suite is listed is
// not offered.
func LimitHello(c *tls.Config, p Place) (notes []string, err error) {
	versions := p.Below("tls-versions")
	for _, x := range []struct {
		leaf string
		to   *uint16
	}{{"min", &c.MinVersion}, {"max", &c.MaxVersion}} {
		id := versions.Leaf(x.leaf).Identity()
		if id == nil {
			continue
		}
		if *x.to = tlsVersions[id.Name]; *x.to == 0 {
			return nil, versions.Below(x.leaf).Refuse(rpcerr.OperationNotSupported, "TLS version %s is not provided; tls12 and tls13 are", id.Name)
		}
	}
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		return nil, versions.Refuse(rpcerr.InvalidValue, "the newest of the TLS versions is older than the oldest")
	}
	suites := p.Below("cipher-suites")
	if !suites.Exists() {
		return nil, nil
	}
	return limitSuites(c, suites)
}

func limitSuites(c *tls.Config, p Place) (notes []string, err error) {
	all := tls.CipherSuites()
	c.CipherSuites = nil
	tls13 := 0
	for _, e := range p.Entries("cipher-suite") {
		name := e.Key()
		i := slices.IndexFunc(all, func(s *tls.CipherSuite) bool { return s.Name == name })
		switch {
		case i < 0:
			notes = append(notes, "cipher suite "+name+" is not provided")
		case slices.Contains(all[i].SupportedVersions, tls.VersionTLS12):
			c.CipherSuites = append(c.CipherSuites, all[i].ID)
		default:
			tls13++
		}
	}
	switch {
	case tls13 == 0 && len(c.CipherSuites) == 0:
		return notes, p.Refuse(rpcerr.OperationNotSupported, "none of the cipher suites is provided")
	case tls13 == 0:
		c.MaxVersion = tls.VersionTLS12
	case len(c.CipherSuites) == 0:
		c.MinVersion = tls.VersionTLS13
	}
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		return notes, p.Refuse(rpcerr.InvalidValue, "the cipher suites are not those of the TLS versions")
	}
	if tls13 > 0 && tls13 < suites13() {
		notes = append(notes, "the cipher suites of TLS 1.3 cannot be chosen one by one: all are offered")
	}
	return notes, nil
}

// suites13 counts the suites of TLS 1.3.
func suites13() (count int) {
	for _, s := range tls.CipherSuites() {
		if !slices.Contains(s.SupportedVersions, tls.VersionTLS12) {
			count++
		}
	}
	return count
}
