package transport

import (
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"strings"
	"testing"
)

// names is a subjectAltName extension in the order of the arguments, each a tag and
// its octets.
func names(t *testing.T, pairs ...any) []byte {
	t.Helper()
	var all []asn1.RawValue
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: pairs[i].(int), Bytes: []byte(pairs[i+1].(string))})
	}
	der, err := asn1.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pkixExtension(der []byte) pkix.Extension {
	return pkix.Extension{Id: oidSubjectAltName, Value: der}
}

func TestCertMaps(t *testing.T) {
	ca := authority(t, nil, "ca")
	with := func(pairs ...any) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.Subject.CommonName = "Common"
			if len(pairs) > 0 {
				c.ExtraExtensions = append(c.ExtraExtensions, pkixExtension(names(t, pairs...)))
			}
		}
	}
	mail, dns, v4, v6 := "FooBar@Example.COM", "Host.Example.COM", string(net.IPv4(192, 0, 2, 1).To4()), string(net.ParseIP("2001:db8::1"))
	all := with(6, "urn:x", 1, mail, 2, dns, 7, v4)
	old := sha1.Sum(ca.cert.Raw)
	tests := []struct {
		name string
		cert func(*x509.Certificate)
		maps CertMaps
		user string
	}{
		{"specified", all, CertMaps{{Type: MapSpecified, Name: "Joe"}}, "Joe"},
		{"mail", all, CertMaps{{Type: MapSANEmail}}, "FooBar@example.com"},
		{"dns", all, CertMaps{{Type: MapSANDNS}}, "host.example.com"},
		{"v4", all, CertMaps{{Type: MapSANIP}}, "192.0.2.1"},
		{"v6", with(7, v6), CertMaps{{Type: MapSANIP}}, "20010db8000000000000000000000001"},
		{"any is the first", all, CertMaps{{Type: MapSANAny}}, "FooBar@example.com"},
		{"any, other order", with(6, "urn:x", 7, v4, 2, dns, 1, mail), CertMaps{{Type: MapSANAny}}, "192.0.2.1"},
		{"common name", all, CertMaps{{Type: MapCommon}}, "Common"},
		{"not there", with(), CertMaps{{Type: MapSANAny}}, ""},
		{"the next entry", with(2, dns), CertMaps{{Type: MapSANEmail}, {Type: MapSANDNS}}, "host.example.com"},
		{"in order", all, CertMaps{{Type: MapSANDNS}, {Type: MapSANEmail}}, "host.example.com"},
		{"not an XML name", all, CertMaps{{Type: MapSpecified, Name: "\x00"}, {Type: MapCommon}}, "Common"},
		{"fingerprint of the CA", all, CertMaps{{Fingerprint: fingerprint(ca.cert), Type: MapCommon}}, "Common"},
		{"with SHA-1", all, CertMaps{{Fingerprint: append([]byte{2}, old[:]...), Type: MapCommon}}, "Common"},
		{"another fingerprint", all, CertMaps{{Fingerprint: append([]byte{4}, make([]byte, 32)...), Type: MapCommon}}, ""},
		{"an unknown type", all, CertMaps{{Type: "by-star-sign"}}, ""},
		{"no entry", all, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := issue(t, ca, tt.cert)
			user, err := tt.maps.User([][]*x509.Certificate{{c.cert, ca.cert}})
			if user != tt.user || (err == nil) != (tt.user != "") {
				t.Errorf("%q, %v; want %q", user, err, tt.user)
			}
		})
	}
	if _, err := (CertMaps{{Type: MapSpecified, Name: "Joe"}}).User(nil); err != ErrNoUser {
		t.Errorf("a user without certificate: %v", err)
	}
}

func TestParseFingerprint(t *testing.T) {
	for text, want := range map[string]string{
		"04" + strings.Repeat(":ab", 32): "",
		"02" + strings.Repeat(":AB", 20): "",
		"04" + strings.Repeat(":ab", 31): "31 octets",
		"11:0A:05:11:00":                 "algorithm 17",
		"":                               "empty",
		"zz":                             "invalid",
	} {
		_, err := ParseFingerprint(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzAlternativeNames(f *testing.F) {
	f.Add([]byte{0x30, 0x05, 0x82, 0x03, 'A', '.', 'b'})
	f.Add([]byte{0x30, 0x06, 0x87, 0x04, 10, 0, 0, 1})
	f.Fuzz(func(t *testing.T, der []byte) {
		for _, n := range parseAlternativeNames(der) {
			if n.kind == MapSANIP && n.text == "" {
				t.Error("an address without text")
			}
		}
	})
}
