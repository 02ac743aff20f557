package agent_test

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/discovery"
	"github.com/altoam/altoam/discovery/dnstest"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const (
	rdns       = "/ietf-alto:alto/alto-server/server-discovery/rdns-naptr-records"
	dnsZone    = "2.0.192.in-addr.arpa"
	tsigSecret = "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
)

// dnsServer starts one that has the zone dnsZone.
func (l *lab) dnsServer() *dnstest.Server {
	l.Helper()
	s, err := dnstest.Start("127.0.0.1:0", "agent", tsigSecret, dnsZone)
	l.must(err)
	l.Cleanup(s.Close)
	return s
}

// updates is the configuration of updates that go to s.
func updates(s *dnstest.Server) object {
	_, port, _ := strings.Cut(s.Addr, ":")
	n, _ := strconv.Atoi(port)
	return object{"server": "127.0.0.1", "port": n, "tsig-key": "agent", "refresh-interval": 10, "timeout": 1}
}

// records is a container server-discovery for the prefixes, with a zone.
func records(zone object, more object, prefixes ...any) object {
	return object{"rdns-naptr-records": with(object{
		"static-prefix":             append(list{}, prefixes...),
		"altoam-discovery:ird-uri":  "https://alto.example.net/directory",
		"altoam-discovery:tsig-key": list{object{"name": "agent", "algorithm": "hmac-sha512", "key-format": "ietf-crypto-types:octet-string-key-format", "cleartext-symmetric-key": tsigSecret}},
		"altoam-discovery:zone":     list{with(object{"name": dnsZone}, zone)},
	}, more)}
}

// find looks the ALTO servers of an address up as a client does.
func (l *lab) find(s *dnstest.Server, address, service string) (uris []string) {
	l.Helper()
	a := netip.MustParseAddr(address)
	f, err := discovery.Resolver{Servers: []string{s.Addr}}.Discover(ctx, netip.PrefixFrom(a, a.BitLen()), service)
	l.must(err)
	for _, i := range f.IRDs {
		uris = append(uris, i.URI)
	}
	return uris
}

// TestDiscovery is what an ALTO client sees: it looks its own address up in the DNS and
// gets the IRD from where the record leads. The records are those of configured prefixes
// and of a source's, and follow both.
func TestDiscovery(t *testing.T) {
	l := newLab(t)
	s := l.dnsServer()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	l.must(err)
	port := free.Addr().(*net.TCPAddr).Port
	l.must(free.Close())
	base := fmt.Sprintf("http://127.0.0.1:%d/alto/", port)
	stack := httpStack(port)
	stack["alto-server-parameters"] = object{"base-uri": base}
	configured := records(object{"update": updates(s)}, object{"dynamic-prefix-source": list{"s"}}, "192.0.2.0/29")
	delete(configured["rdns-naptr-records"].(object), "altoam-discovery:ird-uri")
	l.must(l.merge(object{
		"listen": object{"http": stack}, "server-discovery": configured,
		"data-source": list{static("s", object{"pid": list{pid("a", "192.0.2.64/26", "2001:db8::/32", "0.0.0.0/0")}})},
	}))
	ird := base + "directory"
	finds := func(address string, want ...string) {
		t.Helper()
		l.eventually(fmt.Sprintf("%s leads to %q", address, want), func() bool { return slices.Equal(l.find(s, address, "ALTO:http"), want) })
	}
	finds("192.0.2.7", ird)
	finds("192.0.2.127", ird)
	finds("192.0.2.8")
	finds("192.0.2.128")
	resp, err := http.Get(l.find(s, "192.0.2.7", "ALTO:http")[0])
	l.must(err)
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/alto-directory+json" {
		t.Errorf("the record leads to %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}

	state := rdns + "/altoam-discovery:discovery-state"
	for leaf, want := range map[string]string{
		"/uri": ird,
		"/unused-prefix[prefix='0.0.0.0/0']/reason":           "names of less than 8 bits are not looked up, and so much of the address space is not split",
		"/record[name='64.2.0.192.in-addr.arpa.']/prefix":     "192.0.2.64/26",
		"/record[name='64.2.0.192.in-addr.arpa.']/zone":       dnsZone,
		"/record[name='64.2.0.192.in-addr.arpa.']/regexp":     "!.*!" + ird + "!",
		"/record[name='64.2.0.192.in-addr.arpa.']/service":    "ALTO:http",
		"/record[name='64.2.0.192.in-addr.arpa.']/flags":      "u",
		"/record[name='64.2.0.192.in-addr.arpa.']/order":      "100",
		"/record[name='64.2.0.192.in-addr.arpa.']/preference": "10",
		"/record[name='8.b.d.0.1.0.0.2.ip6.arpa.']/prefix":    "2001:db8::/32",
		"/record[name='8.b.d.0.1.0.0.2.ip6.arpa.']/zone":      "",
	} {
		if got := l.operational(state + leaf); got != want {
			t.Errorf("%s is %q, expected %q", leaf, got, want)
		}
	}

	l.must(l.merge(object{"data-source": list{static("s", object{"pid": list{pid("a", "192.0.2.200/32")}})}}))
	finds("192.0.2.200", ird)
	l.must(l.delete("/ietf-alto:alto/alto-server/data-source[source-id='s']/source-params/altoam-source-static:static/pid[name='a']/prefix[.='192.0.2.64/26']"))
	finds("192.0.2.127")
	l.must(l.delete(rdns + "/dynamic-prefix-source[.='s']"))
	finds("192.0.2.200")
	l.must(l.merge(object{"server-discovery": object{"rdns-naptr-records": object{
		"altoam-discovery:ird-uri": "http://alto.example.net/", "altoam-discovery:order": 1, "altoam-discovery:preference": 2, "altoam-discovery:ttl": 3,
	}}}))
	finds("192.0.2.0", "http://alto.example.net/")
	if all := s.Records(); len(all) != 8 || all[0] != `0.2.0.192.in-addr.arpa. 3 IN NAPTR 1 2 "u" "ALTO:http" "!.*!http://alto.example.net/!" .` {
		t.Errorf("%q", all)
	}
	l.must(l.delete(rdns))
	finds("192.0.2.0")
}

// TestDiscoveryFollowsFile has a source whose file is replaced.
func TestDiscoveryFollowsFile(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(object{"listen": listenHTTP()}))
	dir := t.TempDir()
	zone, file := filepath.Join(dir, "zone"), filepath.Join(dir, "map.json")
	write := func(prefix string) {
		t.Helper()
		text := `{"meta":{"vtag":{"resource-id":"m","tag":"` + strings.Trim(prefix, "/") + `"}},"network-map":{"a":{"ipv4":["` + prefix + `"]}}}`
		l.must(os.WriteFile(file+"~", []byte(text), 0o600))
		l.must(os.Rename(file+"~", file))
	}
	write("192.0.2.1/32")
	l.must(l.merge(object{
		"data-source":      list{object{"source-id": "f", "source-type": "altoam-source-file:file", "source-params": object{"altoam-source-file:file": object{"path": list{file}}}}},
		"server-discovery": records(object{"zone-file": zone}, object{"dynamic-prefix-source": list{"f"}}),
	}))
	holds := func(name string, lines int) {
		t.Helper()
		l.eventually("the zone file has "+name, func() bool {
			text, _ := os.ReadFile(zone)
			return strings.Contains(string(text), name+" 3600 IN NAPTR 100 10 ") && strings.Count(string(text), "\n") == lines
		})
	}
	holds("1.2.0.192.in-addr.arpa.", 2)
	write("192.0.2.2/31")
	holds("3.2.0.192.in-addr.arpa.", 3)
	if l.operational(rdns+"/altoam-discovery:zone[name='"+dnsZone+"']/zone-state/records") != "2" {
		t.Error("operational does not say two records")
	}
}

// TestDiscoveryServerFails commits although the DNS server refuses, and says so.
func TestDiscoveryServerFails(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(object{"listen": listenHTTP()}))
	s := l.dnsServer()
	s.Refuse(dns.RcodeRefused)
	l.must(l.merge(object{"server-discovery": records(object{"update": updates(s)}, object{}, "192.0.2.0/30")}))
	state := rdns + "/altoam-discovery:zone[name='" + dnsZone + "']/zone-state/"
	l.eventually("the error is shown", func() bool { return strings.Contains(l.operational(state+"update-error"), "REFUSED") })
	if got := l.operational(state + "pending"); got != "4" {
		t.Errorf("%s records pending, expected 4", got)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.agent)
	metrics := func(failed, pending int) string {
		return fmt.Sprintf(`
# HELP altoam_discovery_failed Whether the records of a zone could not be brought where they are wanted: its file or its server.
# TYPE altoam_discovery_failed gauge
altoam_discovery_failed{zone="2.0.192.in-addr.arpa"} %d
# HELP altoam_discovery_pending_records Records of a zone to be added by updates or to be removed.
# TYPE altoam_discovery_pending_records gauge
altoam_discovery_pending_records{zone="2.0.192.in-addr.arpa"} %d
# HELP altoam_discovery_records NAPTR records that lead to the ALTO server, by the zone they go to.
# TYPE altoam_discovery_records gauge
altoam_discovery_records{zone="2.0.192.in-addr.arpa"} 4
`, failed, pending)
	}
	names := []string{"altoam_discovery_failed", "altoam_discovery_pending_records", "altoam_discovery_records"}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(metrics(1, 4)), names...); err != nil {
		t.Error(err)
	}
	s.Refuse(0)
	l.eventually("it is tried again", func() bool { return len(s.Records()) == 4 && l.operational(state+"update-error") == "" })
	if l.operational(state+"last-update") == "" || l.operational(state+"pending") != "0" {
		t.Error("operational does not say that it succeeded")
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(metrics(0, 0)), names...); err != nil {
		t.Error(err)
	}
}

// TestClientDiscovery looks up what alto-clients are configured to.
func TestClientDiscovery(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(object{"listen": listenHTTP()}))
	s := l.dnsServer()
	s.Put(dnsZone+`. IN NAPTR 100 10 "u" "ALTO:https" "!.*!https://alto.example.net/ird!" .`, dnsZone+`. IN NAPTR 100 10 "u" "ALTO:http" "!.*!http://alto.example.net/ird!" .`)
	client := func(more object) error {
		_, port, _ := strings.Cut(s.Addr, ":")
		n, _ := strconv.Atoi(port)
		return l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-alto:alto": object{"alto-client": list{object{
			"client-id": "c", "server-discovery": object{"rdns-params": with(object{"dns-server": list{"127.0.0.1"}, "altoam-discovery:port": n}, more)},
		}}}}), noOptions)
	}
	l.must(client(object{"altoam-discovery:prefix": list{"192.0.2.9/32", "198.51.100.0/24"}}))
	params := "/ietf-alto:alto/alto-client[client-id='c']/server-discovery/rdns-params"
	found := func(prefix string) string {
		return params + "/altoam-discovery:discovered[prefix='" + prefix + "']/"
	}
	l.eventually("an IRD is found", func() bool {
		return l.operational(found("192.0.2.9/32")+"ird[uri='https://alto.example.net/ird']/order") == "100"
	})
	l.eventually("nothing is found for the other prefix", func() bool { return l.operational(found("198.51.100.0/24")+"last-lookup") != "" })
	if got := l.operational(found("192.0.2.9/32") + "domain-name"); got != dnsZone+"." {
		t.Errorf("found at %q", got)
	}
	if got := l.operational(found("198.51.100.0/24") + "domain-name"); got != "" {
		t.Errorf("found at %q", got)
	}

	l.must(l.merge(object{"data-source": list{static("s", object{"pid": list{pid("a", "192.0.2.0/25")}})}}))
	l.must(client(object{"altoam-discovery:prefix-source": list{"s"}, "altoam-discovery:service": "ALTO:http"}))
	l.eventually("the source's prefix is looked up", func() bool {
		return l.operational(found("192.0.2.0/25")+"ird[uri='http://alto.example.net/ird']/preference") == "10"
	})
	s.Refuse(dns.RcodeServerFailure)
	l.must(client(object{"altoam-discovery:refresh-interval": 10}))
	l.eventually("the failure is shown", func() bool {
		return l.operational(found("192.0.2.0/25")+"temporary") == "true" && strings.Contains(l.operational(found("192.0.2.0/25")+"last-error"), "SERVFAIL")
	})
	l.must(l.delete("/ietf-alto:alto/alto-client[client-id='c']"))
}

func TestDiscoveryRefusals(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(object{"listen": listenHTTP()}))
	here := "/server-discovery/rdns-naptr-records"
	zoneAt := here + "/altoam-discovery:zone[name='" + dnsZone + "']"
	for _, c := range []struct {
		name          string
		server        object
		path, message string
	}{
		{"short prefix", records(object{}, object{}, "8.0.0.0/7"), here + "/static-prefix[.='8.0.0.0/7']", "less than 8 bits"},
		{"many records", records(object{}, object{}, "2001:db8::/65"), here + "/static-prefix[.='2001:db8::/65']", "2^63 records"},
		{"no URI", object{"rdns-naptr-records": object{"static-prefix": list{"192.0.2.0/24"}}}, here, "a base-uri with a host"},
		{"bad URI", records(object{}, object{"altoam-discovery:ird-uri": "ftp://a/"}, "192.0.2.0/24"), here + "/altoam-discovery:ird-uri", "not an http or https URI"},
		{"zone", records(object{}, object{"altoam-discovery:zone": list{object{"name": "example.com"}}}), here + "/altoam-discovery:zone[name='example.com']/name", "in-addr.arpa"},
		{
			"zone twice", records(object{}, object{"altoam-discovery:zone": list{object{"name": dnsZone}, object{"name": dnsZone + "."}}}),
			here + "/altoam-discovery:zone[name='" + dnsZone + ".']/name", "already",
		},
		{"relative file", records(object{"zone-file": "zone"}, object{}), zoneAt + "/zone-file", "absolute"},
		{"no folder", records(object{"zone-file": "/nowhere/zone"}, object{}), zoneAt + "/zone-file", "no such file"},
		{"a folder", records(object{"zone-file": t.TempDir()}, object{}), zoneAt + "/zone-file", "not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &lab{T: t, schema: l.schema, store: l.store, agent: l.agent, clock: l.clock}
			l.refusal(l.merge(object{"server-discovery": c.server}), rpcerr.InvalidValue, c.path, c.message)
		})
	}
	err := l.merge(object{"server-discovery": records(object{"zone-file": "zone"}, object{}, "8.0.0.0/7", "0.0.0.0/0")})
	if all := rpcerr.All(err); len(all) != 3 {
		t.Errorf("%d errors, expected all three: %v", len(all), err)
	}
	err = l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-alto:alto": object{"alto-client": list{object{
		"client-id": "c", "server-discovery": object{"rdns-params": object{"altoam-discovery:prefix": list{"2001:db8::/31"}}},
	}}}}), noOptions)
	want := "/ietf-alto:alto/alto-client[client-id='c']/server-discovery/rdns-params/altoam-discovery:prefix[.='2001:db8::/31']"
	if all := rpcerr.All(err); len(all) != 1 || all[0].Path != want {
		t.Errorf("%v, expected an error at %s", err, want)
	}
	l.must(l.merge(object{"server-discovery": records(object{}, object{}, "192.0.2.0/24")}))
}

// TestDiscoveryRestart starts although what was configured cannot be done any more.
func TestDiscoveryRestart(t *testing.T) {
	store, dir := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "zones")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Run("before", func(t *testing.T) {
		l := labAt(t, store)
		l.must(l.merge(object{"listen": listenHTTP(), "server-discovery": records(object{"zone-file": filepath.Join(dir, "zone")}, object{}, "192.0.2.0/24")}))
		l.eventually("the file is written", func() bool { _, err := os.Stat(filepath.Join(dir, "zone")); return err == nil })
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	t.Run("after", func(t *testing.T) {
		l := labAt(t, store)
		state := rdns + "/altoam-discovery:zone[name='" + dnsZone + "']/zone-state/export-error"
		l.eventually("the error is shown", func() bool { return l.operational(state) != "" })
		l.must(os.Mkdir(dir, 0o755))
		l.eventually("the file is written again", func() bool {
			_, err := os.Stat(filepath.Join(dir, "zone"))
			return err == nil && l.operational(state) == ""
		})
	})
}

// TestEffectsOfDiscovery has a dry run tell how the records would change.
func TestEffectsOfDiscovery(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(object{"listen": listenHTTP(), "server-discovery": records(object{}, object{}, "192.0.2.0/24", "198.51.100.0/24")}))
	l.must(l.delete(rdns + "/static-prefix[.='198.51.100.0/24']"))
	for want, change := range map[string]object{
		"change : records for server discovery: 5, before 1; 4 are added and 0 removed": {"static-prefix": list{"203.0.113.4/30"}},
		"change : records for server discovery: 1, before 1; 1 are added and 1 removed": {"altoam-discovery:ttl": 5},
	} {
		var got []string
		for _, e := range l.try(object{"server-discovery": object{"rdns-naptr-records": change}}) {
			got = append(got, plain(e))
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
