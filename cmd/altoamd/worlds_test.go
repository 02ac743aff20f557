package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// tess is the user of the two worlds. She has one resource, "mine"; "hers" is one that
// she may make.
const tess, tessPassword = "tess", "tess-s3cret"

// world is a server. Two of them differ in what tess may not read: full has it.
type world struct {
	*started
	full   bool
	http   *http.Client
	framer *transport.Framer
	tags   map[string]string // what stands for each entity tag seen
}

const (
	worldResource = `/ietf-alto:alto/alto-server/resource`
	// worldRules let tess read and change one resource, and make another; where nothing
	// else can be read but the way there, or everything but the other resources and
	// sources.
	worldMine = `{"name":"mine","path":"` + worldResource + `[resource-id='mine']","action":"permit"},{"name":"hers","path":"` + worldResource + `[resource-id='hers']","action":"permit"}`
	worldWay  = `{"name":"no resource","path":"` + worldResource + `","action":"deny"}`
)

// worldOthers are lists of which she sees nothing.
var worldOthers = []string{"data-source", "role", "auth-client", "ietf-alto-stats:server-level-stats", "altoam-southbound:southbound-state"}

func worldSeed(full, open bool) string {
	var rules strings.Builder
	rules.WriteString(worldMine + "," + worldWay)
	for i, l := range worldOthers {
		fmt.Fprintf(&rules, `,{"name":"no %d","path":"/ietf-alto:alto/alto-server/%s","action":"deny"}`, i, l)
	}
	reads := "permit"
	if !open {
		reads = "deny"
		rules.WriteString(`,{"name":"way","path":"/ietf-alto:alto","access-operations":"read","action":"permit"}`)
	}
	hidden, source, role := "", "", ""
	if full {
		hidden = `,{"resource-id":"secret-map","resource-type":"network-map","description":"a secret","alto-networkmap-params":{"altoam-algorithm-from-source:from-source":{"source":"secret-lab"}}},
			{"resource-id":"a-secret","resource-type":"ird","description":"another","accepted-role":["secret-role"],"alto-ird-params":{"delegation":"https://secret.example.net/"}}`
		source = `,{"source-id":"secret-lab","source-type":"altoam-source-static:static","source-params":{"altoam-source-static:static":{"pid":[{"name":"p","prefix":["0.0.0.0/0","::/0"]}]}}}`
		role = `,{"role-name":"secret-role"}`
	}
	return `{"ietf-system:system":{"authentication":{"user":[{"name":"` + tess + `","password":"$0$` + tessPassword + `"}]}},
	"ietf-netconf-acm:nacm":{"read-default":"` + reads + `","groups":{"group":[{"name":"admin","user-name":["admin"]},{"name":"some","user-name":["` + tess + `"]}]},
	"rule-list":[{"name":"admin","group":["admin"],"rule":[{"name":"all","action":"permit"}]},
		{"name":"some","group":["some"],"rule":[` + rules.String() + `]}]},
	"ietf-alto:alto":{"alto-server":{"listen":{"http":{"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":0}]}}},
		"role":[{"role-name":"shared"}` + role + `],
		"data-source":[{"source-id":"lab","source-type":"altoam-source-static:static","source-params":{"altoam-source-static:static":{"pid":[{"name":"p","prefix":["0.0.0.0/0","::/0"]}]}}}` + source + `],
		"resource":[{"resource-id":"mine","resource-type":"network-map","description":"my map","alto-networkmap-params":{"is-default":true,"altoam-algorithm-from-source:from-source":{"source":"lab"}}}` + hidden + `]}}}`
}

// newWorld starts a server; open is a world in which tess reads what is not hidden.
func newWorld(t *testing.T, full, open bool) *world {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "seed.json", worldSeed(full, open))
	w := newWorldAt(t, runOptions{DataDir: filepath.Join(dir, "data"), Seed: filepath.Join(dir, "seed.json")})
	w.full = full
	return w
}

// newWorldAt starts a server as o says, in which tess can log in.
func newWorldAt(t *testing.T, o runOptions) *world {
	t.Helper()
	w := &world{started: start(t, o), tags: map[string]string{}}
	t.Cleanup(w.end)
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(tr.CloseIdleConnections)
	w.http = &http.Client{Transport: tr, Timeout: 30 * time.Second}
	c, err := transport.DialSSH(context.Background(), w.Netconf, tess, ssh.InsecureIgnoreHostKey(), transport.Password(tessPassword)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	w.framer = transport.NewFramer(c, transport.Limits{})
	w.rpc(hello)
	w.framer.SetChunked()
	return w
}

// rpc sends a message of NETCONF and is what comes back.
func (w *world) rpc(text string) string {
	w.t.Helper()
	m := w.framer.NewMessage()
	if _, err := io.WriteString(m, text); err != nil {
		w.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		w.t.Fatal(err)
	}
	r, err := w.framer.Next()
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(answer)
}

// request is one of tess, the same in both worlds: of NETCONF if it has no method.
type request struct {
	method, path string
	header       [2]string
	body         string
}

func (q request) String() string {
	return strings.TrimSpace(q.method + " " + q.path + " " + q.header[0] + q.header[1] + " " + q.body)
}

// answer is all that she gets to see.
func (w *world) answer(q request) string {
	w.t.Helper()
	if q.method == "" {
		return w.rpc(`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">` + q.body + `</rpc>`)
	}
	r, err := http.NewRequest(q.method, "https://"+w.Restconf+q.path, strings.NewReader(q.body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.SetBasicAuth(tess, tessPassword)
	r.Header.Set("Content-Type", "application/yang-data+json")
	if q.header[0] != "" {
		r.Header.Set(q.header[0], q.header[1])
	}
	a, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var head []string
	for name, values := range a.Header {
		if name != "Date" {
			head = append(head, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(head)
	return fmt.Sprintf("%d\n%s\n%s", a.StatusCode, strings.Join(head, "\n"), text)
}

var (
	worldTimes = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`)
	worldTags  = regexp.MustCompile(`\b\d+-[0-9a-z]{8,}\b`)
	worldAges  = regexp.MustCompile(`(discontinuity-time|last-report-time)(":|>)\d+`)
	worldPorts = regexp.MustCompile(`127\.0\.0\.1:\d+|\[?::\]?:\d+`)
)

// plain is an answer without times and the ports of the server, whose length counts in
// the size of the body, and with a number for each entity tag, in the order in which
// they came: tags are of times.
func (w *world) plain(text string) string {
	text = worldTimes.ReplaceAllString(text, "TIME")
	text = worldAges.ReplaceAllString(text, "$1 AGE")
	text = worldPorts.ReplaceAllString(text, "PORT")
	text = worldTags.ReplaceAllStringFunc(text, func(tag string) string {
		if w.tags[tag] == "" {
			w.tags[tag] = fmt.Sprint("TAG", len(w.tags))
		}
		return w.tags[tag]
	})
	return regexp.MustCompile(`Content-Length: \d+`).ReplaceAllString(text, "Content-Length")
}

// differsAt is how much of both is the same.
func differsAt(x, y string) int {
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i
		}
	}
	return min(len(x), len(y))
}

// hiddenWords are in the full world only, but for what requests say of it.
var hiddenWords = regexp.MustCompile(`a secret|secret\.example`)

// meanwhile has the administrator change what tess may not read, in the full world.
func (w *world) meanwhile(i int) {
	if !w.full {
		return
	}
	w.t.Helper()
	body := fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"secret-map","description":"a secret %d"}]}`, i)
	if code, text := w.do(http.MethodPatch, "/restconf/data"+worldResource+"=secret-map", "x", body); code != 204 {
		w.t.Fatalf("the administrator cannot change the other world: %d %s", code, text)
	}
}

// TestTwoWorlds has a user who may read one resource send the same requests to two
// servers, of which one has much that she may not read, and which changes meanwhile: she
// gets the same answers. In the first pair she may read nothing else; in the second
// everything but other resources, sources and roles.
func TestTwoWorlds(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	for name, open := range map[string]bool{"closed": false, "open": true} {
		t.Run(name, func(t *testing.T) {
			a, b := newWorld(t, false, open), newWorld(t, true, open)
			var all []request
			all = append(all, worldReads(open)...)
			all = append(all, worldFilters(open)...)
			all = append(all, worldEdits()...)
			all = append(all, worldOperations()...)
			t.Logf("%d requests", len(all))
			wrong := 0
			for i, q := range all {
				if testing.Short() && i%7 != 0 {
					continue
				}
				if i%50 == 25 && !open {
					b.meanwhile(i)
				}
				x, y := a.plain(a.answer(q)), b.plain(b.answer(q))
				if x != y {
					at := max(0, differsAt(x, y)-100)
					t.Errorf("%.400s\n--- without:\n%.400s\n--- with:\n%.400s", q, x[at:], y[at:])
					if wrong++; wrong > 12 {
						t.FailNow()
					}
				}
				if said := hiddenWords.FindString(y); said != "" && !strings.Contains(q.String(), said) {
					t.Errorf("%.400s\nsays %q", q, said)
				}
			}
		})
	}
}
