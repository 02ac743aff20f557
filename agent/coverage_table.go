package agent

// effectsOfNodes tells what the configuration that ietf-alto and ietf-alto-stats define
// does.
var effectsOfNodes = []effect{
	{"alto-client/client-id", "names a client whose discovery of servers is configured", "agent.TestClientDiscovery"},
	{"alto-client/server-discovery/rdns-params/dns-server", "these servers are asked in the reverse look-up (RFC 8686)", "agent.TestClientDiscovery"},

	{"listen/{http,https}", "choose the stack: without TLS, for tests, or with", "agent.TestHTTPS"},
	{"listen/{http,https}/tcp-server-parameters/local-bind/{local-address,local-port}", "the server listens here; the port is 80 or 443 by default", "agent.TestAddresses"},
	{"listen/{http,https}/tcp-server-parameters/keepalives", "TCP keep-alives are sent", "agent.TestAddresses"},
	{"listen/{http,https}/tcp-server-parameters/keepalives/{idle-time,max-probes,probe-interval}", "when TCP keep-alives are sent and how many before a connection is given up", "agent.TestAddresses"},
	{"listen/{http,https}/http-server-parameters/server-name", "the header Server of each answer", "agent.TestEffectOfNodes"},
	{"listen/{http,https}/http-server-parameters/client-authentication", "clients are asked for a password where a resource needs a role", "agent.TestRoles"},
	{"listen/{http,https}/http-server-parameters/client-authentication/users", "clients can have a user name and a password", "agent.TestRoles"},
	{"listen/{http,https}/http-server-parameters/client-authentication/users/user/user-id", "what an auth-client refers to", "agent.TestRoles"},
	{"listen/{http,https}/http-server-parameters/client-authentication/users/user/basic/{username,password/hashed-password}", "with this name and password a client of HTTP Basic is that user", "agent.TestRoles"},
	{"listen/{http,https}/alto-server-parameters/base-uri", "what the URIs of the IRD start with, as clients see the server; its path is where the server answers", "agent.TestURIsStay"},

	{"listen/https/" + tlsServer + "/server-identity/certificate/inline-definition/{public-key-format,public-key,private-key-format,cleartext-private-key,cert-data}", "the server's certificate and key", "agent.TestHTTPS"},
	{"listen/https/" + tlsServer + "/server-identity/certificate/central-keystore-reference/{asymmetric-key,certificate}", "the server's certificate and key are those of the keystore, when they change there too", "agent.TestHTTPS"},
	{"listen/https/" + tlsServer + "/client-authentication", "a client may show a certificate; one that is not trusted is turned away", "agent.TestTLSClients"},
	{"listen/https/" + tlsServer + "/client-authentication/{ca-certs,ee-certs}", "whose certificates are trusted", "agent.TestTLSClients"},
	{"listen/https/" + tlsServer + "/client-authentication/{ca-certs,ee-certs}/inline-definition/certificate/{name,cert-data}", "issuers, or clients, that are trusted", "agent.TestTLSClients"},
	{"listen/https/" + tlsServer + "/client-authentication/{ca-certs,ee-certs}/central-truststore-reference", "issuers, or clients, that are trusted are those of the bag in the truststore", "agent.TestTLSClients"},
	{"listen/https/" + tlsServer + "/hello-params/tls-versions/{min,max}", "no other versions of TLS are spoken; TLS 1.2 is the least", "certs.TestLimitHello"},
	{"listen/https/" + tlsServer + "/hello-params/cipher-suites/cipher-suite", "no other suites of TLS 1.2 are offered", "agent.TestTLSClients"},

	{"server-discovery/rdns-naptr-records/static-prefix", "for these prefixes the reverse DNS gets records that lead to the root IRD", "agent.TestDiscovery"},
	{"server-discovery/rdns-naptr-records/dynamic-prefix-source", "so it does for the prefixes of these data sources, as they change", "agent.TestDiscoveryFollowsFile"},
	{"logging-system/syslog-params", "the log goes where a file says", "agent.TestSyslogConf"},
	{"logging-system/syslog-params/config-file", "the log goes where this file in the form of syslog.conf says", "agent.TestSyslogConf"},

	{"cost-type/cost-type-name", "the name in the IRD's cost-types, and in cost-type-names of resources", "agent.TestServe"},
	{"cost-type/{cost-mode,cost-metric}", "the cost type as clients ask for it", "agent.TestServe"},
	{"cost-type/description", "the description of the cost type in the IRD", "agent.TestEffectOfNodes"},
	{"cost-type/cost-context/cost-source", "cost-source of the cost-context in the IRD (RFC 9439)", "agent.TestEffectOfNodes"},
	{"meta/{meta-key,meta-value}", "a member of the IRD's meta", "agent.TestEffectOfNodes"},

	{"auth-client/client-id", "what a role refers to", "agent.TestRoles"},
	{"auth-client/{http-auth-client,https-auth-client}/user-id", "who comes as this user is the client", "agent.TestRoles"},
	{"auth-client/tls-auth-client/{ca-cert,ee-cert}/{inline,certificate-bag,certificate}", "who shows this certificate, or one that it issued, is the client", "agent.TestTLSClients"},
	{"role/role-name", "what a resource refers to", "agent.TestRoles"},
	{"role/client", "these clients hold the role", "agent.TestRoles"},

	{"data-source/source-id", "what resources and discovery refer to", "agent.TestServe"},
	{"data-source/source-type", "the driver that reads the source", "agent.TestRefuse"},

	{"resource/resource-id", "the resource's ID, and the last segment of its URI", "agent.TestURIsStay"},
	{"resource/resource-type", "what the resource answers with", "agent.TestServe"},
	{"resource/description", "a note for operators, read back as it is; an entry of an IRD has no place for it", "test/interop/case_06_full.py"},
	{"resource/accepted-role", "clients with none of these roles neither see nor get it", "agent.TestRoles"},
	{"resource/dependency", "uses in the IRD, what a stream covers, the network map of what needs one", "agent.TestServe"},
	{"resource/{alto-networkmap-params,alto-costmap-params,alto-endpointcost-params,alto-endpointprop-params,alto-propmap-params,alto-cdni-params,alto-update-params,alto-ird-params}", "the parameters of the resource", "agent.TestServe"},
	{"resource/alto-ird-params/delegation", "the IRD leads to this URI", "agent.TestServe"},
	{"resource/alto-networkmap-params/is-default", "default-alto-network-map of the IRD, for clients who may use it", "agent.TestDefaultMap"},
	{"resource/{alto-networkmap-params,alto-costmap-params}/filtered", "the filtered service is offered too", "agent.TestServe"},
	{"resource/{alto-costmap-params,alto-endpointcost-params}/cost-type-name", "the cost types that are offered", "agent.TestServe"},
	{"resource/{alto-costmap-params,alto-endpointcost-params}/cost-constraints", "clients may ask for costs within bounds", "agent.TestEffectOfNodes"},
	{"resource/{alto-costmap-params,alto-endpointcost-params}/max-cost-types", "so many cost types in one request (RFC 8189)", "agent.TestEffectOfNodes"},
	{"resource/{alto-costmap-params,alto-endpointcost-params}/testable-cost-type-name", "the cost types that constraints may be about (RFC 8189)", "agent.TestEffectOfNodes"},
	{"resource/alto-endpointprop-params/prop-type", "the properties that are offered", "agent.TestServe"},
	{"resource/resource-limits/{notify-res-mem-limit,notify-upd-stream-limit}", "alto-resource-event is sent, once, when the figure passes it", "agent.TestResourceEvents"},

	{"ietf-alto-stats:server-level-monitor-config/time-window-size", "the window of the statistics of the last requests and messages", "agent.TestCounters"},
}

const tlsServer = "tls-server-parameters"

// testsOfAugments names the tests of what modules of this project add to ietf-alto. What
// the nodes do is what the module says. The first counts whose at is part of the path.
var testsOfAugments = []struct{ module, at, test string }{
	{"altoam-access", ":digest", "agent.TestDigest"},
	{"altoam-access", "token", "agent.TestTokens"},
	{"altoam-access", "deny", "agent.TestClosedByDefault"},
	{"altoam-access", "", "agent/access_rules_test.go"},
	{"altoam-alarms", "", "agent/alarm_test.go"},
	{"altoam-discovery", "/alto-client/", "agent.TestClientDiscovery"},
	{"altoam-discovery", "", "agent/discovery_test.go"},
	{"altoam-guard", "", "agent/guard_test.go"},
	{"altoam-logging", "/altoam-logging:target/tls/", "agent.TestLogTLS"},
	{"altoam-logging", "", "agent/logging_test.go"},
	{"altoam-southbound", "", "agent/southbound_test.go"},
	{"altoam-probe", "/credentials", "agent.TestProbeAsClient"},
	{"altoam-probe", "", "agent/probe_test.go"},
	{"altoam-statistics", "", "agent/statistics_test.go"},
}
