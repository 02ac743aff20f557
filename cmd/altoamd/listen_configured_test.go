package main

import (
	"strings"
	"testing"
)

// TestNetconfServerFeatures shows that nothing can be configured that is not carried out.
func TestNetconfServerFeatures(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const listen, call = "/ietf-netconf-server:netconf-server/listen/endpoints/endpoint", "/ietf-netconf-server:netconf-server/call-home/netconf-client/endpoints/endpoint"
	for path, want := range map[string]bool{
		"TRANSPORT/ssh/ssh-server-parameters/server-identity/host-key/public-key":                          true,
		"TRANSPORT/ssh/ssh-server-parameters/server-identity/host-key/certificate":                         false,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/users/user/public-keys":                 true,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/users/user/password/hashed-password":    true,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/users/user/hostbased":                   false,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/users/user/none":                        false,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/ca-certs":                               false,
		"TRANSPORT/ssh/ssh-server-parameters/client-authentication/altoam-netconf-server:user-authorities": true,
		"TRANSPORT/ssh/ssh-server-parameters/transport-params/mac":                                         true,
		"TRANSPORT/ssh/ssh-server-parameters/keepalives":                                                   true,
		"TRANSPORT/ssh/netconf-server-parameters/client-identity-mappings":                                 false,
		"TRANSPORT/tls/tls-server-parameters/client-authentication/ee-certs":                               true,
		"TRANSPORT/tls/netconf-server-parameters/client-identity-mappings/cert-to-name":                    true,
		call + "/ssh/tcp-client-parameters/local-address":                                                  true,
		call + "/ssh/tcp-client-parameters/keepalives":                                                     true,
		call + "/tls/tcp-client-parameters/proxy-server":                                                   false,
		"/ietf-ssh-common:supported-algorithms":                                                            false,
	} {
		for _, place := range []string{listen, call} {
			path := strings.Replace(path, "TRANSPORT", place, 1)
			if got := s.Find(path) != nil; got != want {
				t.Errorf("%s exists: %v, want %v", path, got, want)
			}
		}
	}
}
