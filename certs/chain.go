package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// inOrder returns the certificates with number first in front and behind each the one that
// has issued it (RFC 8446 Section 4.4.2), as a CMS message has them in any order. Those that
// are of no use to that come last.
func inOrder(all []*x509.Certificate, first int) (chain []*x509.Certificate) {
	rest := slices.Clone(all)
	for i := first; i >= 0; {
		c := rest[i]
		chain = append(chain, c)
		rest = slices.Delete(rest, i, i+1)
		i = slices.IndexFunc(rest, func(by *x509.Certificate) bool {
			return bytes.Equal(c.RawIssuer, by.RawSubject) && c.CheckSignatureFrom(by) == nil
		})
	}
	return append(chain, rest...)
}

// Doubts tells why clients may refuse a certificate at that time, though it can be used.
func Doubts(c tls.Certificate, now time.Time) (notes []string) {
	for _, der := range c.Certificate {
		x, err := x509.ParseCertificate(der)
		switch {
		case err != nil:
		case now.Before(x.NotBefore):
			notes = append(notes, fmt.Sprintf("the certificate of %s is not valid before %s", x.Subject, x.NotBefore.UTC().Format(time.RFC3339)))
		case now.After(x.NotAfter):
			notes = append(notes, fmt.Sprintf("the certificate of %s has expired at %s", x.Subject, x.NotAfter.UTC().Format(time.RFC3339)))
		}
	}
	return notes
}
