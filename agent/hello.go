package agent

import (
	"crypto/tls"
	"errors"
	"slices"

	"github.com/altoam/altoam/datastore/tree"
)

// limitHello applies hello-params of ietf-tls-server, which may be nil. notes tell what
// of it has no effect. Of the cipher suites only those of TLS 1.2 can be chosen one by
// one; a version of which none is listed is not offered.
func limitHello(c *tls.Config, params *tree.Node) (notes []string, err error) {
	limitVersions(c, below(params, "tls-versions"))
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		return nil, errors.New("the newest of the TLS versions is older than the oldest")
	}
	suites := below(params, "cipher-suites")
	if suites == nil {
		return nil, nil
	}
	var tls13 int
	for n := range suites.Children() {
		name := n.Value().String()
		id, only13, known := cipherSuite(name)
		switch {
		case !known:
			notes = append(notes, "cipher suite "+name+" is not provided")
		case only13:
			tls13++
		default:
			c.CipherSuites = append(c.CipherSuites, id)
		}
	}
	if tls13 == 0 && len(c.CipherSuites) == 0 {
		return notes, errors.New("none of the cipher suites is provided")
	}
	if tls13 == 0 {
		c.MaxVersion = tls.VersionTLS12
	} else if len(c.CipherSuites) == 0 {
		c.MinVersion = tls.VersionTLS13
	}
	if tls13 > 0 && tls13 < suites13() {
		notes = append(notes, "the cipher suites of TLS 1.3 cannot be chosen one by one: all are offered")
	}
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		return notes, errors.New("the cipher suites are not those of the TLS versions")
	}
	return notes, nil
}

// cipherSuite finds a suite that can be offered by its IANA name.
func cipherSuite(name string) (id uint16, only13, known bool) {
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if s.Name == name {
			return s.ID, !slices.Contains(s.SupportedVersions, tls.VersionTLS12), true
		}
	}
	return 0, false, false
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

// limitVersions applies tls-versions of ietf-tls-common, which may be absent.
func limitVersions(c *tls.Config, versions *tree.Node) {
	if versions == nil {
		return
	}
	number := map[string]uint16{"tls12": tls.VersionTLS12, "tls13": tls.VersionTLS13}
	if id := versions.Leaf("min").Identity(); id != nil && number[id.Name] != 0 {
		c.MinVersion = number[id.Name]
	}
	if id := versions.Leaf("max").Identity(); id != nil && number[id.Name] != 0 {
		c.MaxVersion = number[id.Name]
	}
}
