package weakness

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/certs"
)

// listenRules are about servers: where they listen, and with what of TLS and SSH.
var listenRules = []Rule{
	{
		"alto-http", Medium, "configure https in place of http, or let it listen on loopback behind a server that has TLS",
		func(s *subject, report func(path, why string)) {
			s.binds(func(b bind) {
				if b.server == "alto" && b.is("http") && Beyond(b.addr) {
					report(b.Path.String(), "ALTO is served without TLS at "+b.addr+": whoever is between can read and change maps")
				}
			})
		},
	},
	{
		"alto-http-password", High, "configure https, and give the users new passwords",
		func(s *subject, report func(path, why string)) {
			s.binds(func(b bind) {
				users := b.stack.Below("http-server-parameters", "client-authentication", "users")
				if b.is("http") && Beyond(b.addr) && len(users.Entries("user")) > 0 {
					report(users.Path.String(), "passwords go over the network in clear text at "+b.addr)
				}
			})
		},
	},
	{
		"alto-open", Low, "configure auth-client, role and accepted-role where maps are not for everybody (docs/alto.md)",
		func(s *subject, report func(path, why string)) {
			server := s.root("ietf-alto:alto").Below("alto-server")
			open := false
			s.binds(func(b bind) { open = open || b.server == "alto" && Beyond(b.addr) })
			if open && len(server.Entries("role")) == 0 {
				report(server.Path.String(), "no role is configured: everybody who reaches the server reads all resources")
			}
		},
	},
	{
		"listen-everywhere", Low, "listen on the address of the management network",
		func(s *subject, report func(path, why string)) {
			const why = "management is offered on all addresses of the host"
			for flag, addr := range map[string]string{"--netconf-ssh": s.Flags.NetconfSSH, "--restconf": s.Flags.Restconf} {
				if everywhere(addr) {
					report(flag, why)
				}
			}
			s.binds(func(b bind) {
				if b.server != "alto" && everywhere(b.addr) {
					report(b.Path.String(), why)
				}
			})
		},
	},
	{
		"metrics-open", High, "let it listen on loopback, and configure /altoam-metrics:metrics-server for other hosts",
		func(s *subject, report func(path, why string)) {
			if Beyond(s.Flags.Metrics) {
				report("--metrics", "metrics are served without TLS to everybody who reaches "+s.Flags.Metrics)
			}
		},
	},
	{
		"tls-old", Medium, "remove tls-versions/max, or make it tls13",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if id := p.Leaf("max").Identity(); id != nil && id.Name != "tls13" {
					report(p.Path.String(), "TLS 1.3 is not offered")
				}
			}, "tls-versions")
		},
	},
	{
		"tls-weak-suite", Medium, "remove the cipher suite",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if name := text(p); weakSuite(name) {
					report(p.Path.String(), name+" lacks forward secrecy or authenticated encryption (RFC 9325 Section 4.1)")
				}
			}, "cipher-suite")
		},
	},
	{
		"ssh-weak-algorithm", Medium, "remove the algorithm",
		func(s *subject, report func(path, why string)) {
			s.each(func(p certs.Place) {
				if name := text(p); weakSSH(name) {
					report(p.Path.String(), name+" is not to be used any more (RFC 9142)")
				}
			}, "host-key-alg", "key-exchange-alg", "encryption-alg", "mac-alg")
		},
	},
	{
		"limits-off", Medium, "set a bound, or leave the default",
		func(s *subject, report func(path, why string)) {
			limits := s.root("altoam-restconf:restconf-limits")
			for _, name := range []string{"requests", "event-streams"} {
				if v := limits.Leaf(name); v.String() == "0" {
					report(limits.Below(name).Path.String(), "0 sets no bound: a few clients can take all there is")
				}
			}
		},
	},
	{
		"cors-any", Medium, "name the origins of your own pages",
		func(s *subject, report func(path, why string)) {
			for _, p := range s.root("altoam-restconf:restconf-cors").Entries("origin") {
				if text(p) == "*" {
					report(p.Path.String(), "pages of any site may ask RESTCONF in the browser of an operator")
				}
			}
		},
	},
}

func weakSuite(name string) bool {
	authenticated := strings.Contains(name, "_GCM_") || strings.Contains(name, "_CCM") || strings.Contains(name, "CHACHA20")
	return !authenticated || strings.HasPrefix(name, "TLS_RSA_") || strings.Contains(name, "_anon_")
}

// weakAlgorithms are parts of names.
var weakAlgorithms = []string{"sha1", "md5", "-cbc", "arcfour", "3des", "group1-", "none", "ripemd"}

func weakSSH(name string) bool {
	return name == "ssh-rsa" || name == "ssh-dss" || slices.ContainsFunc(weakAlgorithms, func(part string) bool { return strings.Contains(name, part) })
}
