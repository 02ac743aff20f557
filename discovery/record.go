package discovery

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/miekg/dns"
)

// Target is what records say: where they lead, and how they compare to others.
type Target struct {
	URI               string // of an IRD, see CheckURI
	Order, Preference uint16
	TTL               uint32 // seconds
}

// maxURI is what is left for the URI of the 255 octets of a substitution.
const maxURI = 255 - len("!.*!!")

// CheckURI tells why records cannot lead to a URI: it is not an http or https URI with a
// host (RFC 7286 Section 3.2), or too long for a record.
func CheckURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "":
		return fmt.Errorf("%q is not an http or https URI with a host and without a fragment", uri)
	case len(uri) > maxURI:
		return fmt.Errorf("the URI has %d octets, expected %d at most, which fit into a NAPTR record", len(uri), maxURI)
	}
	if i := strings.IndexFunc(uri, notURI); i >= 0 {
		return fmt.Errorf("%q is not a URI: octet %d has no place in one", uri, i+1)
	}
	return nil
}

// notURI tells which characters RFC 3986 has no place for.
func notURI(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r)
}

// service is the U-NAPTR service parameter (RFC 7286 Section 5).
func (t Target) service() string {
	scheme, _, _ := strings.Cut(t.URI, ":")
	return "ALTO:" + strings.ToLower(scheme)
}

// substitution replaces any name with the URI (RFC 8686 Section 3.4), between delimiters
// that the URI does not have.
func (t Target) substitution() string {
	d := "!"
	if strings.Contains(t.URI, d) {
		d = "|"
	}
	return d + ".*" + d + t.URI + d
}

// Record is the record for a name; t.URI must have passed CheckURI.
func (t Target) Record(name string) *dns.NAPTR {
	return &dns.NAPTR{
		Hdr:   dns.RR_Header{Name: name, Rrtype: dns.TypeNAPTR, Class: dns.ClassINET, Ttl: t.TTL},
		Order: t.Order, Preference: t.Preference, Flags: "u", Service: t.service(), Regexp: t.substitution(), Replacement: ".",
	}
}

// CheckZone tells why a name cannot be that of a zone of the reverse DNS.
func CheckZone(name string) error {
	if _, ok := dns.IsDomainName(name); !ok {
		return fmt.Errorf("%q is not a domain name", name)
	}
	if name = dns.CanonicalName(name); !dns.IsSubDomain("in-addr.arpa.", name) && !dns.IsSubDomain("ip6.arpa.", name) {
		return errors.New("a zone of the reverse DNS is below in-addr.arpa or ip6.arpa")
	}
	return nil
}

// ZoneOf returns the smallest of the zones that a name is in, "" where there is none.
// Zones are canonical names: lower case and with a dot at the end.
func ZoneOf(name string, zones map[string]bool) string {
	name = dns.CanonicalName(name)
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if zones[name[off:]] {
			return name[off:]
		}
	}
	return ""
}
