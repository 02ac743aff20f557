package main

import (
	"strings"
	"testing"
)

// TestServerFeatures shows that nothing can be configured that is not carried out.
func TestServerFeatures(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const (
		listen    = "/ietf-netconf-server:netconf-server/listen/endpoints/endpoint"
		call      = "/ietf-netconf-server:netconf-server/call-home/netconf-client/endpoints/endpoint"
		webListen = "/ietf-restconf-server:restconf-server/listen/endpoints/endpoint"
		webCall   = "/ietf-restconf-server:restconf-server/call-home/restconf-client/endpoints/endpoint"
	)
	for path, want := range map[string]bool{
		"WEB/http":                        false,
		"WEB/https/tls-server-parameters": true,
		"WEB/https/http-server-parameters/client-authentication/users/user/basic/password/hashed-password": true,
		"WEB/https/restconf-server-parameters/client-identity-mappings/cert-to-name":                       true,
		webListen + "/https/altoam-restconf-server:http3":                                                  true,
		webCall + "/https/altoam-restconf-server:http3":                                                    false,
		webCall + "/https/tcp-client-parameters/proxy-server":                                              false,
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
		for _, place := range [][2]string{{listen, webListen}, {call, webCall}} {
			path := strings.NewReplacer("TRANSPORT", place[0], "WEB", place[1]).Replace(path)
			if got := s.Find(path) != nil; got != want {
				t.Errorf("%s exists: %v, want %v", path, got, want)
			}
		}
	}
}
