package agent_test

import (
	"strings"
	"testing"
)

// TestProbeAddresses: all addresses and stacks are asked, and one that is not as it must be
// is told, and is an alarm, while the first is all right.
func TestProbeAddresses(t *testing.T) {
	key, certificate := keyPair(t) // of 127.0.0.1
	l := newLab(t)
	server := campusServer()
	stack := httpStack(0)
	stack["tcp-server-parameters"] = object{"local-bind": list{
		object{"local-address": "127.0.0.1", "local-port": 0}, object{"local-address": "127.0.0.4", "local-port": 0},
	}}
	server["listen"] = object{"http": stack}
	server["altoam-access:listen-stack"] = list{
		stackOf("tls", "127.0.0.2", object{"server-identity": object{"certificate": inlineIdentity(key, certificate)}}),
		stackOf("plain", "127.0.0.3", nil),
	}
	l.must(l.merge(server))
	at := func(address, leaf string) string {
		t.Helper()
		return l.operational(probeAt + "/probe-state/address[directory='" + l.irdAt(address) + "']/" + leaf)
	}
	ok := func(address, want string) {
		t.Helper()
		if got := at(address, "ok"); got != want {
			t.Errorf("%s: ok %q %s, expected %q", address, got, at(address, "error"), want)
		}
	}
	l.probe("true", "0")
	for address, want := range map[string]string{"127.0.0.1": "", "127.0.0.2": "true", "127.0.0.3": "true", "127.0.0.4": "true"} {
		ok(address, want) // the first is the one that it goes out from
	}
	l.must(l.merge(object{"listen": object{"http": object{"alto-server-parameters": object{"base-uri": "http://alto.example.net/"}}}}))
	l.probe("false", "0")
	ok("127.0.0.2", "false")
	ok("127.0.0.3", "true")
	if got := at("127.0.0.2", "error"); !strings.Contains(got, "alto.example.net") {
		t.Errorf("error %q, expected that the certificate is not of that name", got)
	}
	l.alarmed("/altoam-probe:probe", "probe-failed", "major ")
	l.must(l.delete("/ietf-alto:alto/alto-server/altoam-access:listen-stack[name='tls']"))
	l.probe("true", "0")
	l.alarmed("/altoam-probe:probe", "probe-failed", "major cleared")
}
