package weakness

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	_ "github.com/altoam/altoam/agent/drivers/all"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

var schemaOnce = sync.OnceValues(func() (*yang.Schema, error) {
	names := append([]string{
		"ietf-alto", "ietf-system", "iana-crypt-hash", "ietf-netconf-acm", "ietf-crypto-types", "ietf-keystore", "ietf-truststore",
		"ietf-tcp-common", "ietf-tcp-client", "ietf-tcp-server", "ietf-tls-common", "ietf-tls-server", "ietf-http-server",
		"ietf-ssh-common", "ietf-ssh-server", "ietf-x509-cert-to-name", "ietf-netconf-server", "ietf-restconf-server",
		"altoam-restconf", "altoam-logging", "altoam-access", "altoam-secrets", "altoam-audit",
	}, driver.ModuleNames()...)
	var o yang.Options
	for _, n := range names {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: n})
	}
	return yang.Compile(yang.NewLibrary(append(driver.Modules(), yang.BuiltinFS())...), o)
})

func config(t *testing.T, text string) *tree.Tree {
	t.Helper()
	s, err := schemaOnce()
	if err != nil {
		t.Fatal(err)
	}
	return instance.JSON(t, s, "{"+text+"}")
}

// today is when certificates are judged.
var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// twins are two subjects, of which a rule finds something in one only: paths of it contain at.
type twins struct {
	rule      string
	at        string
	weak      string // configuration
	sound     string
	weakFlags Flags
	okFlags   Flags
}

func alto(server string) string { return `"ietf-alto:alto":{"alto-server":{` + server + `}}` }

func listen(stack, addr, more string) string {
	return alto(`"listen":{"` + stack + `":{"tcp-server-parameters":{"local-bind":[{"local-address":"` + addr + `","local-port":8080}]}` + more + `}}`)
}

func restconf(addr, tls string) string {
	return `"ietf-restconf-server:restconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"a","https":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"` + addr + `"}]},"tls-server-parameters":{` + tls + `}}}]}}}`
}

func ssh(params string) string {
	return `"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"a","ssh":{"ssh-server-parameters":{"transport-params":{` + params + `}}}}]}}}`
}

func users(list string) string {
	return `"ietf-system:system":{"authentication":{"user":[` + list + `]}}`
}

func nacm(content string) string { return `"ietf-netconf-acm:nacm":{` + content + `}` }

func source(params string) string {
	return alto(`"data-source":[{"source-id":"s","source-type":"altoam-source-http:http","source-params":{` + params + `}}]`)
}

func target(by string) string {
	return alto(`"logging-system":{"altoam-logging:target":[{"name":"t",` + by + `}]}`)
}

const (
	everything = `"rule-list":[{"name":"l","group":["GROUP"],"rule":[{"name":"r","action":"permit"}]}]`
	sixAdmins  = `"groups":{"group":[{"name":"g","user-name":["a","b","c","d","e","f"]}]},`
	oneAdmin   = `"groups":{"group":[{"name":"g","user-name":["ann"]}]},`
	aUser      = `,"http-server-parameters":{"client-authentication":{"users":{"user":[{"user-id":"1","basic":{"username":"u","password":{}}}]}}}`
	noUser     = `,"http-server-parameters":{}`
)

// hash is the user ann with a hash that begins so, of the length that it has.
func hash(begin string) string {
	length := 86
	if strings.HasPrefix(begin, "$5") {
		length = 43
	}
	return users(fmt.Sprintf(`{"name":"ann","password":"%s$salt$%s"}`, begin, strings.Repeat("a", length)))
}

func group(name string) string { return strings.Replace(everything, "GROUP", name, 1) }

var configured = []twins{
	{rule: "alto-http", at: "local-bind[local-address='0.0.0.0']", weak: listen("http", "0.0.0.0", ""), sound: listen("http", "127.0.0.1", "")},
	{rule: "alto-http", at: "local-bind", weak: listen("http", "192.0.2.1", ""), sound: listen("https", "192.0.2.1", "")},
	{
		rule: "alto-http", at: "listen-stack[name='b']", weak: alto(`"altoam-access:listen-stack":[{"name":"b","http":{"tcp-server-parameters":{"local-bind":[{"local-address":"2001:db8::1"}]}}}]`),
		sound: alto(`"altoam-access:listen-stack":[{"name":"b","http":{"tcp-server-parameters":{"local-bind":[{"local-address":"::1"}]}}}]`),
	},
	{rule: "alto-http-password", at: "/users", weak: listen("http", "192.0.2.1", aUser), sound: listen("http", "192.0.2.1", noUser)},
	{rule: "alto-http-password", at: "/users", weak: listen("http", "192.0.2.1", aUser), sound: listen("https", "192.0.2.1", aUser)},
	{rule: "alto-open", at: "/ietf-alto:alto/alto-server", weak: listen("https", "192.0.2.1", ""), sound: listen("https", "127.0.0.1", "")},
	{rule: "listen-everywhere", at: "local-address='::'", weak: restconf("::", ""), sound: restconf("192.0.2.1", "")},
	{rule: "listen-everywhere", at: "--restconf", weakFlags: Flags{Restconf: ":8443"}, okFlags: Flags{Restconf: "192.0.2.1:8443"}},
	{rule: "listen-everywhere", at: "--netconf-ssh", weakFlags: Flags{NetconfSSH: "[::]:830"}, okFlags: Flags{NetconfSSH: "localhost:830"}},
	{rule: "metrics-open", at: "--metrics", weakFlags: Flags{Metrics: "0.0.0.0:9420"}, okFlags: Flags{Metrics: "127.0.0.1:9420"}},
	{rule: "metrics-open", at: "--metrics", weakFlags: Flags{Metrics: "metrics.example.net:9420"}, okFlags: Flags{Metrics: "[::1]:9420"}},
	{
		rule: "tls-old", at: "tls-versions", weak: restconf("::1", `"hello-params":{"tls-versions":{"max":"ietf-tls-common:tls12"}}`),
		sound: restconf("::1", `"hello-params":{"tls-versions":{"max":"ietf-tls-common:tls13"}}`),
	},
	{
		rule: "tls-weak-suite", at: "cipher-suite", weak: restconf("::1", `"hello-params":{"cipher-suites":{"cipher-suite":["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"]}}`),
		sound: restconf("::1", `"hello-params":{"cipher-suites":{"cipher-suite":["TLS_AES_128_GCM_SHA256","TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"]}}`),
	},
	{
		rule: "tls-weak-suite", at: "TLS_RSA_WITH_AES_128_GCM_SHA256", weak: restconf("::1", `"hello-params":{"cipher-suites":{"cipher-suite":["TLS_RSA_WITH_AES_128_GCM_SHA256"]}}`),
		sound: restconf("::1", `"hello-params":{"cipher-suites":{"cipher-suite":["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}}`),
	},
	{rule: "ssh-weak-algorithm", at: "mac-alg", weak: ssh(`"mac":{"mac-alg":["hmac-sha1"]}`), sound: ssh(`"mac":{"mac-alg":["hmac-sha2-256"]}`)},
	{rule: "ssh-weak-algorithm", at: "key-exchange-alg", weak: ssh(`"key-exchange":{"key-exchange-alg":["diffie-hellman-group14-sha1"]}`), sound: ssh(`"key-exchange":{"key-exchange-alg":["curve25519-sha256"]}`)},
	{rule: "ssh-weak-algorithm", at: "encryption-alg", weak: ssh(`"encryption":{"encryption-alg":["aes128-cbc"]}`), sound: ssh(`"encryption":{"encryption-alg":["aes128-gcm@openssh.com"]}`)},
	{rule: "ssh-weak-algorithm", at: "host-key-alg", weak: ssh(`"host-key":{"host-key-alg":["ssh-rsa"]}`), sound: ssh(`"host-key":{"host-key-alg":["ssh-ed25519","rsa-sha2-256"]}`)},
	{rule: "limits-off", at: "/requests", weak: `"altoam-restconf:restconf-limits":{"requests":0}`, sound: `"altoam-restconf:restconf-limits":{"requests":10}`},
	{rule: "cors-any", at: "origin", weak: `"altoam-restconf:restconf-cors":{"origin":["*"]}`, sound: `"altoam-restconf:restconf-cors":{"origin":["https://noc.example.net"]}`},

	{rule: "password-hash", at: "user[name='ann']/password", weak: hash("$6"), sound: hash("$6$rounds=20000")},
	{rule: "password-hash", at: "password", weak: hash("$5$rounds=50000"), sound: hash("$6$rounds=50000")},
	{rule: "user-default-name", at: "user[name='admin']", weak: strings.Replace(hash("$6"), "ann", "admin", 1), sound: hash("$6")},
	{rule: "user-without-group", at: "user[name='ann']", weak: nacm(``) + "," + users(`{"name":"ann"}`), sound: nacm(oneAdmin+group("g")) + "," + users(`{"name":"ann"}`)},
	{rule: "admin-many", at: "group[name='g']", weak: nacm(sixAdmins + group("g")), sound: nacm(sixAdmins + group("other"))},
	{rule: "recovery-user", at: "--recovery-user", weakFlags: Flags{RecoveryUsers: []string{"eve"}}},

	{rule: "nacm-off", at: "enable-nacm", weak: nacm(`"enable-nacm":false`), sound: nacm(`"enable-nacm":true`)},
	{rule: "nacm-absent", at: "/ietf-netconf-acm:nacm", weak: users(`{"name":"ann"}`), sound: nacm(`"read-default":"deny"`)},
	{rule: "nacm-write-default", at: "write-default", weak: nacm(`"write-default":"permit"`), sound: nacm(`"write-default":"deny"`)},
	{rule: "nacm-everybody", at: "rule[name='r']", weak: nacm(group("*")), sound: nacm(group("g"))},
	{
		rule: "nacm-everybody", at: "rule[name='r']", weak: nacm(`"rule-list":[{"name":"l","group":["*"],"rule":[{"name":"r","module-name":"*","access-operations":"create update","action":"permit"}]}]`),
		sound: nacm(`"rule-list":[{"name":"l","group":["*"],"rule":[{"name":"r","module-name":"*","access-operations":"read","action":"permit"},{"name":"s","path":"/ietf-alto:alto","action":"permit"},{"name":"t","action":"deny"}]}]`),
	},

	{rule: "source-http", at: "uri", weak: source(`"altoam-source-http:http":{"uri":["http://192.0.2.1/x"]}`), sound: source(`"altoam-source-http:http":{"uri":["http://[::1]:80/x","http://[::1]/x","https://192.0.2.1/x"]}`)},
	{
		rule: "source-http-password", at: "uri", weak: source(`"altoam-source-http:http":{"uri":["http://a.example/x"],"user":"u","cleartext-password":"p"}`),
		sound: source(`"altoam-source-http:http":{"uri":["https://a.example/x"],"user":"u","cleartext-password":"p"}`),
	},
	{rule: "source-http-password", at: "ird-uri", weak: source(`"altoam-source-alto:alto":{"ird-uri":"http://a.example/x","token":{"encrypted-password":` + sealed + `}}`), sound: source(`"altoam-source-alto:alto":{"ird-uri":"http://a.example/x"}`)},
	{rule: "log-cleartext", at: "/udp", weak: target(`"udp":{"remote-address":"192.0.2.1"}`), sound: target(`"tls":{"remote-address":"192.0.2.1"}`)},
	{rule: "log-cleartext", at: "/tcp", weak: target(`"tcp":{"remote-address":"logs.example"}`), sound: target(`"tcp":{"remote-address":"127.0.0.1"}`)},
	{rule: "log-file-mode", at: "/mode", weak: target(`"file":{"path":"/l","mode":"0644"}`), sound: target(`"file":{"path":"/l","mode":"0640"}`)},
	{rule: "audit-off", at: "audit/enabled", weak: `"altoam-audit:audit":{"enabled":false}`, sound: `"altoam-audit:audit":{"enabled":true}`},
	{rule: "log-nowhere", at: "logging-system", weak: alto(``), sound: target(`"file":{"path":"/l"}`)},
	{rule: "token-any-scope", at: "issuer[name='i']", weak: `"altoam-restconf:restconf-tokens":{"issuer":[{"name":"i"}]}`, sound: `"altoam-restconf:restconf-tokens":{"issuer":[{"name":"i","required-scope":"s"}]}`},
	{rule: "debug", at: "--debug", weakFlags: Flags{Debug: true}},
}

func TestConfigured(t *testing.T) {
	for _, x := range configured {
		t.Run(x.rule, func(t *testing.T) { x.check(t) })
	}
}

func (x twins) check(t *testing.T) {
	t.Helper()
	weak := Find(Subject{Config: config(t, x.weak), Flags: x.weakFlags, Now: today})
	i := slices.IndexFunc(weak, func(w Weakness) bool { return w.Rule == x.rule && strings.Contains(w.Path, x.at) })
	if i < 0 {
		t.Errorf("not found at %s: %+v", x.at, weak)
	} else if w := weak[i]; w.Why == "" || w.Do == "" || w.Severity == 0 {
		t.Errorf("not told: %+v", w)
	}
	for _, w := range Find(Subject{Config: config(t, x.sound), Flags: x.okFlags, Now: today}) {
		if w.Rule == x.rule {
			t.Errorf("found where nothing is: %+v", w)
		}
	}
}

// TestEveryRuleHasTwins shows that no rule is without a test.
func TestEveryRuleHasTwins(t *testing.T) {
	tested := map[string]bool{}
	for _, x := range configured {
		tested[x.rule] = true
	}
	for _, x := range append(certificateCases, fileCases...) {
		tested[x.rule] = true
	}
	last := High
	for _, r := range Rules() {
		if !tested[r.ID] {
			t.Errorf("%s has no test", r.ID)
		}
		if r.Severity > last {
			t.Errorf("%s is worse than the one before it", r.ID)
		}
		last = r.Severity
	}
	if n := len(Rules()); n < 25 {
		t.Errorf("%d rules", n)
	}
}

// TestNothing shows that nothing is made of nothing.
func TestNothing(t *testing.T) {
	if found := Find(Subject{Now: today}); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestParseSeverity(t *testing.T) {
	for _, s := range []Severity{Low, Medium, High} {
		if got, ok := ParseSeverity(s.String()); !ok || got != s {
			t.Errorf("%s: %v %v", s, got, ok)
		}
	}
	if _, ok := ParseSeverity("severe"); ok {
		t.Error("severe is a severity")
	}
}

// TestDocumented demands that docs/security.md has each rule with its severity, and no other.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range Rules() {
		want = append(want, fmt.Sprintf("| `%s` | %s |", r.ID, r.Severity))
	}
	if got := regexp.MustCompile("(?m)^\\| `[a-z-]+` \\| (low|medium|high) \\|").FindAllString(string(text), -1); !slices.Equal(got, want) {
		t.Errorf("documented %q, want %q", got, want)
	}
}
