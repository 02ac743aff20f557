package main

import (
	"crypto/tls"
	"fmt"
	"slices"
	"testing"
)

// TestOldTLS offers every listener versions and cipher suites one by one: only TLS 1.2 and
// 1.3 are spoken, and of TLS 1.2 only what has forward secrecy and authenticates what it
// encrypts.
func TestOldTLS(t *testing.T) {
	ca := issue(t, nil, "ca")
	server, ann := issue(t, ca, "server"), issue(t, ca, "ann")
	netconf, web, alto, further, figures := freeAddress(t), freeAddress(t), freeAddress(t), freeAddress(t), freeAddress(t)
	bind := func(port int) string {
		return fmt.Sprintf(`"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]}`, port)
	}
	secure := server.tlsServer(t, ca)
	s := seeded(t, fmt.Sprintf(`{
		"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"n","tls":{%s,%s,"netconf-server-parameters":{%s}}}]}}},
		"ietf-restconf-server:restconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"w","https":{%s,%s,"restconf-server-parameters":{%s}}}]}}},
		"altoam-metrics:metrics-server":{"listen":{"endpoints":{"endpoint":[{"name":"m","https":{%s,%s}}]}}},
		"ietf-alto:alto":{"alto-server":{"listen":{"https":{%s,%s}},"altoam-access:listen-stack":[{"name":"s","https":{%s,%s}}]}}}`,
		bind(netconf.Port), secure, byCommonName, bind(web.Port), secure, byCommonName, bind(figures.Port), secure, bind(alto.Port), secure, bind(further.Port), secure))
	modern := []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	for name, addr := range map[string]string{
		"--restconf": s.Restconf, "NETCONF": netconf.String(), "RESTCONF": web.String(), "ALTO": alto.String(), "listen-stack": further.String(), "metrics": figures.String(),
	} {
		speaks := func(c *tls.Config) (state tls.ConnectionState, err error) {
			c.InsecureSkipVerify, c.Certificates = true, []tls.Certificate{ann.tls()}
			conn, err := tls.Dial("tcp", addr, c)
			if err != nil {
				return state, err
			}
			defer conn.Close()
			return conn.ConnectionState(), nil
		}
		for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
			if _, err := speaks(&tls.Config{MinVersion: version, MaxVersion: version}); (err == nil) != want {
				t.Errorf("%s: %s: %v", name, tls.VersionName(version), err)
			}
		}
		for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			if !slices.Contains(suite.SupportedVersions, tls.VersionTLS12) {
				continue // those of TLS 1.3 cannot be chosen
			}
			_, err := speaks(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}})
			if (err == nil) != slices.Contains(modern, suite.ID) {
				t.Errorf("%s: %s: %v", name, suite.Name, err)
			}
		}
		if name == "NETCONF" {
			continue
		}
		for _, protocol := range []string{"h2", "http/1.1"} {
			if state, err := speaks(&tls.Config{NextProtos: []string{protocol}}); err != nil || state.NegotiatedProtocol != protocol {
				t.Errorf("%s: %s became %q, %v", name, protocol, state.NegotiatedProtocol, err)
			}
		}
		if _, err := speaks(&tls.Config{NextProtos: []string{"gopher"}}); err == nil {
			t.Errorf("%s: another protocol (ALPN) is spoken", name)
		}
	}
}
