package weakness

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/altoam/altoam/certs"
)

// soon is how long before its end a certificate is told of.
const soon = 30 * 24 * time.Hour

// certificateRules are about certificates of servers, clients and authorities.
var certificateRules = []Rule{
	{"certificate-expired", High, "put a new certificate in its place", certificateRule(func(s *subject, c *x509.Certificate) string {
		if s.Now.After(c.NotAfter) {
			return "it has ended on " + c.NotAfter.Format(time.DateOnly)
		}
		return ""
	})},
	{"certificate-expires", Medium, "put a new certificate in its place", certificateRule(func(s *subject, c *x509.Certificate) string {
		if !s.Now.After(c.NotAfter) && s.Now.Add(soon).After(c.NotAfter) {
			return "it ends on " + c.NotAfter.Format(time.DateOnly)
		}
		return ""
	})},
	{"certificate-weak-key", High, "make a key of ECDSA P-256 or RSA with 3072 bits", certificateRule(func(_ *subject, c *x509.Certificate) string {
		switch k := c.PublicKey.(type) {
		case *rsa.PublicKey:
			if k.N.BitLen() < 2048 {
				return fmt.Sprintf("its RSA key has %d bits", k.N.BitLen())
			}
		case *ecdsa.PublicKey:
			if k.Params().BitSize < 256 {
				return fmt.Sprintf("its ECDSA key has %d bits", k.Params().BitSize)
			}
		}
		return ""
	})},
	{"certificate-weak-signature", High, "have it signed with SHA-256", certificateRule(func(_ *subject, c *x509.Certificate) string {
		name := c.SignatureAlgorithm.String()
		if !selfSigned(c) && (strings.Contains(name, "SHA1") || strings.Contains(name, "MD5") || strings.Contains(name, "MD2")) {
			return "it is signed with " + name
		}
		return ""
	})},
	{
		"certificate-self-signed", Medium, "have a certificate of an authority that clients trust (docs/security.md)",
		func(s *subject, report func(path, why string)) {
			const why = "clients from other hosts cannot tell this server from another: its certificate is signed by itself"
			if file := s.certificateFile(); Beyond(s.Flags.Restconf) {
				for _, c := range readPEM(file) {
					if selfSigned(c) {
						report(file, why)
					}
				}
			}
			s.binds(func(b bind) {
				identity := b.stack.Below("tls-server-parameters", "server-identity", "certificate")
				if !Beyond(b.addr) || !identity.Exists() {
					return
				}
				if c, err := certs.StoresOf(s.Config).ServerChain(identity); err == nil && len(c) == 1 && selfSigned(c[0]) {
					report(identity.Path.String(), why)
				}
			})
		},
	},
}

// certificateRule finds certificates that judge says something of.
func certificateRule(judge func(*subject, *x509.Certificate) string) func(s *subject, report func(path, why string)) {
	return func(s *subject, report func(path, why string)) {
		tell := func(path string, all []*x509.Certificate) {
			for _, c := range all {
				if why := judge(s, c); why != "" {
					report(path, fmt.Sprintf("certificate of %s: %s", c.Subject, why))
				}
			}
		}
		s.each(func(p certs.Place) {
			if chain, err := certs.Chain(s.above(p, 1)); err == nil {
				tell(p.Path.String(), chain)
			}
		}, "cert-data")
		tell(s.certificateFile(), readPEM(s.certificateFile()))
	}
}

// certificateFile is that of RESTCONF at its flag; "" for none.
func (s *subject) certificateFile() string {
	switch {
	case s.Flags.RestconfCertificate != "" || s.Flags.DataDir == "":
		return s.Flags.RestconfCertificate
	default:
		return filepath.Join(s.Flags.DataDir, "restconf.pem")
	}
}

// readPEM are the certificates in a file, as far as it can be read.
func readPEM(file string) (all []*x509.Certificate) {
	text, err := os.ReadFile(file)
	for err == nil {
		var b *pem.Block
		if b, text = pem.Decode(text); b == nil {
			return all
		}
		if c, err := x509.ParseCertificate(b.Bytes); err == nil {
			all = append(all, c)
		}
	}
	return all
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}
