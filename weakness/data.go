package weakness

import (
	"strconv"
	"strings"

	"github.com/altoam/altoam/certs"
)

// dataRules are about where data comes from and where records go.
var dataRules = []Rule{
	{
		"source-http", Medium, "ask the server with https",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if host, ok := plainHTTP(text(p)); ok {
					report(p.Path.String(), "what is between here and "+host+" can change the data that maps are made of")
				}
			}, "uri", "ird-uri")
		},
	},
	{
		"source-http-password", High, "ask the server with https, and change the password or token",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				at := s.above(p, 1)
				if _, ok := plainHTTP(text(p)); ok && (hasPassword(at) || hasPassword(at.Below("token"))) {
					report(p.Path.String(), "a password or token goes over the network in clear text")
				}
			}, "uri", "ird-uri")
		},
	},
	{
		"source-file", Medium, "let nobody but the user of altoamd write to the file",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if !within(p, "source-params") || !strings.HasPrefix(text(p), "/") {
					return
				}
				if why := othersWrite(text(p)); why != "" {
					report(p.Path.String(), why+": they choose what maps are made of")
				}
			}, "path")
		},
	},
	{
		"log-cleartext", Medium, "use tls for the target",
		func(s *subject, report func(path, why string)) {
			for _, t := range s.targets() {
				for _, by := range []string{"udp", "tcp"} {
					if to := t.Below(by); to.Exists() && Beyond(to.Leaf("remote-address").String()) {
						report(to.Path.String(), "records go to "+to.Leaf("remote-address").String()+" in clear text, and from anybody")
					}
				}
			}
		},
	},
	{
		"log-file-mode", Medium, "set mode to 0640",
		func(s *subject, report func(path, why string)) {
			for _, t := range s.targets() {
				mode, err := strconv.ParseUint(t.Below("file").Leaf("mode").String(), 8, 32)
				if err == nil && mode&0o022|mode&0o004 != 0 {
					report(t.Below("file", "mode").Path.String(), "others may read or change records")
				}
			}
		},
	},
	{
		"audit-off", Medium, "set enabled to true (docs/audit.md)",
		func(s *subject, report func(path, why string)) {
			if at := s.root("altoam-audit:audit"); at.Leaf("enabled").String() == "false" {
				report(at.Below("enabled").Path.String(), "who comes and what is changed is not on record")
			}
		},
	},
	{
		"log-nowhere", Low, "configure a target at another host, so that records survive who breaks in here",
		func(s *subject, report func(path, why string)) {
			system := s.root("ietf-alto:alto").Below("alto-server", "logging-system")
			server := s.root("ietf-alto:alto").Below("alto-server")
			if server.Exists() && len(s.targets()) == 0 && !system.Has("syslog-params") {
				report(system.Path.String(), "records are written to standard error only")
			}
		},
	},
	{
		"token-any-scope", Low, "name a required-scope",
		func(s *subject, report func(path, why string)) {
			for _, i := range s.root("altoam-restconf:restconf-tokens").Entries("issuer") {
				if !i.Has("required-scope") {
					report(i.Path.String(), "each token of the issuer for this audience is a user of RESTCONF, whatever it was issued for")
				}
			}
		},
	},
	{
		"token-key-file", High, "let nobody but the user of altoamd write to the file",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if why := othersWrite(text(p)); why != "" {
					report(p.Path.String(), why+": they can make tokens of any user")
				}
			}, "key-file")
		},
	},
}

// targets are those of the log.
func (s *subject) targets() []certs.Place {
	return s.root("ietf-alto:alto").Below("alto-server", "logging-system").Entries("altoam-logging:target")
}

// plainHTTP tells whether a URI is one of HTTP without TLS at another host.
func plainHTTP(uri string) (host string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "http://")
	if !ok {
		return "", false
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if strings.HasSuffix(rest, "]") { // an address of IPv6 without a port
		return rest, Beyond(strings.Trim(rest, "[]"))
	}
	return rest, Beyond(rest)
}

// hasPassword tells whether there is a password at p, sealed or not.
func hasPassword(p certs.Place) bool {
	return p.Exists() && (p.Has("cleartext-password") || p.Has("encrypted-password"))
}
