package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/client"
	"github.com/altoam/altoam/digest"
	"github.com/go-json-experiment/json/jsontext"
)

// lab is a real server; its resource "secret" is for whoever has the password.
type lab struct {
	*testing.T
	server *alto.Server
	uri    string
}

func newLab(t *testing.T, start func(http.Handler) *httptest.Server) *lab {
	l := &lab{T: t, server: alto.NewServer(nil)}
	l.publish("192.0.2.0/24")
	h := start(l.server)
	t.Cleanup(h.Close)
	l.uri = h.URL + "/directory"
	return l
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// publish serves the network in which PID a has a prefix.
func (l *lab) publish(prefix string) {
	l.Helper()
	net, err := alto.NewNetworkMap([]alto.PID{
		{Name: "a", Prefixes: []netip.Prefix{netip.MustParsePrefix(prefix)}},
		{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}},
	})
	l.must(err)
	costs, err := alto.NewCostMatrix([]string{"a", "rest"}, []float64{1, 10, 20, alto.NoCost()})
	l.must(err)
	props, err := alto.NewPropertyMap([]alto.Entity{{Domain: "ipv4", Name: "192.0.2.0/24", Properties: []alto.Property{{Name: "country", Value: jsontext.Value(`"NL"`)}}}})
	l.must(err)
	cdni, err := alto.NewCDNIAdvertisement([]alto.BaseAdvertisementObject{{
		CapabilityType: "FCI.X", CapabilityValue: jsontext.Value(`{"y":1}`), Footprints: []alto.Footprint{{Type: "countrycode", Values: []string{"nl"}}},
	}})
	l.must(err)
	offers := []alto.CostOffer{{CostType: "num", Costs: costs}, {CostType: "hops", Costs: costs}}
	capable := alto.CostCapabilities{MaxCostTypes: 2, Constraints: true}
	nonces := digest.NewServer(time.Now)
	secret, err := digest.New("ann", "alto", "pw")
	l.must(err)
	snapshot, err := alto.NewSnapshot(nil, alto.Config{
		CostTypes: []alto.CostType{{Name: "num", Mode: "numerical", Metric: "routingcost"}, {Name: "hops", Mode: "numerical", Metric: "hopcount"}},
		Authenticate: func(r *http.Request) ([]string, bool) {
			name, password, _ := r.BasicAuth()
			c, _ := digest.Of(r.Header)
			if name == "ann" && password == "pw" || r.Header.Get("Authorization") == "Bearer tok" || c != nil && nonces.Verify(c, r, "alto", secret) {
				return []string{"inner"}, true
			}
			return nil, false
		},
		Challenges: func(*http.Request) []string { return nonces.Challenges("alto", false) },
		Resources: []*alto.Resource{
			{ID: "net", Service: alto.FullNetworkMap{Map: net, Default: true}},
			{ID: "net-part", Service: alto.FilteredNetworkMap{NetworkMap: "net"}},
			{ID: "secret", Roles: []string{"inner"}, Service: alto.FullCostMap{NetworkMap: "net", CostType: "num", Costs: costs}},
			{ID: "costs", Service: alto.FilteredCostMap{NetworkMap: "net", Offers: offers, CostCapabilities: capable}},
			{ID: "ends", Service: alto.EndpointCosts{Map: net, Offers: offers, CostCapabilities: capable}},
			{ID: "places", Service: alto.EndpointProperties{Types: []string{"country"}, Values: props}},
			{ID: "cdn", Service: alto.FullCDNIAdvertisement{Advertisement: cdni}},
			{ID: "cdn-part", Service: alto.FilteredCDNIAdvertisement{Full: "cdn"}},
			{ID: "updates", Service: alto.UpdateStreams{Covers: []string{"net"}}},
			{ID: "views", Service: alto.TIPS{Covers: []string{"net"}}},
		},
	})
	l.must(err)
	l.server.Publish(snapshot)
}

// do runs a command line, in which URI stands for the server's directory.
func (l *lab) do(line ...string) (code int, stdout, stderr string) {
	for i, argument := range line {
		line[i] = strings.ReplaceAll(argument, "URI", l.uri)
	}
	var out, err bytes.Buffer
	code = run(l.Context(), line, &out, &err)
	return code, out.String(), err.String()
}

// columns joins what is in the columns of an output by one space.
func columns(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "|")
}

func TestCommands(t *testing.T) {
	l := newLab(t, httptest.NewServer)
	for line, want := range map[string]string{
		"dir URI":                                      "net (default) networkmap - - - ",
		"dir URI -o json":                              `"default-alto-network-map":"net"`,
		"get URI":                                      "PID PREFIX|a 192.0.2.0/24|rest 0.0.0.0/0|rest ::/0",
		"get URI net -o json":                          `"network-map":{"a":{"ipv4":["192.0.2.0/24"]}`,
		"get URI --find 192.0.2.9":                     "ADDRESS PID PREFIX|192.0.2.9 a 192.0.2.0/24",
		"get URI net --find 2001:db8::1 -o json":       `{"address":"2001:db8::1","pid":"rest","prefix":"::/0"}`,
		"filter URI net-part --pid a":                  "PID PREFIX|a 192.0.2.0/24",
		"filter URI net-part --address-type ipv6":      "PID PREFIX|rest ::/0",
		"filter URI costs --src a":                     "SOURCE DESTINATION NUMERICAL ROUTINGCOST|a a 1|a rest 10",
		"filter URI costs --constraint le=5":           "",
		"filter URI costs --type num,hops --src a":     "SOURCE DESTINATION NUMERICAL ROUTINGCOST NUMERICAL HOPCOUNT|a a 1 1|a rest 10 10",
		"cost URI --src 192.0.2.1 --dst 2001:db8::1":   "ipv4:192.0.2.1 ipv6:2001:db8::1 10",
		"cost URI ends --dst 203.0.113.1 --type hops":  "SOURCE DESTINATION NUMERICAL HOPCOUNT",
		"prop URI 192.0.2.1":                           "ENTITY PROPERTY VALUE|ipv4:192.0.2.1 country NL",
		"prop URI 192.0.2.1 --resource places -o json": `"endpoint-properties":{"ipv4:192.0.2.1":{"country":"NL"}}`,
		"cdni URI":                                       `CAPABILITY VALUE FOOTPRINTS|FCI.X {"y":1} countrycode ["nl"]`,
		`cdni URI --capability FCI.X={"y":1}`:            `FCI.X {"y":1}`,
		"get URI secret --user ann:pw":                   "SOURCE DESTINATION NUMERICAL ROUTINGCOST|a a 1|a rest 10|rest a 20",
		"get URI secret --user ann:pw --digest":          "rest a 20",
		"get URI secret --token tok":                     "rest a 20",
		"filter URI costs --or [0]ge20 --type num,hops ": "",
	} {
		code, out, stderr := l.do(append([]string{"alto"}, strings.Fields(line)...)...)
		if want == "" {
			if code != exitFailed || !strings.Contains(stderr, "400 Bad Request, E_INVALID_FIELD_VALUE, field ") {
				t.Errorf("%s: %d, %s", line, code, stderr)
			}
			continue
		}
		if code != exitOK || stderr != "" || !strings.Contains(columns(out), want) {
			t.Errorf("%s: %d\n%s%s", line, code, out, stderr)
		}
	}
}

func TestExitCodes(t *testing.T) {
	l := newLab(t, httptest.NewServer)
	for line, want := range map[string]struct {
		code int
		text string
	}{
		"alto":                                      {exitOK, ""},
		"nothing":                                   {exitUsage, `unknown command "nothing"`},
		"alto nothing":                              {exitUsage, `unknown command "nothing"`},
		"alto get":                                  {exitUsage, "accepts between 1 and 2"},
		"alto get URI --bad":                        {exitUsage, "unknown flag"},
		"alto get URI -o xml":                       {exitUsage, `--output is "xml"`},
		"alto get ftp://x/":                         {exitUsage, "is not the http or https URI"},
		"alto get URI --find here":                  {exitUsage, "--find"},
		"alto get URI --timeout 0s":                 {exitUsage, "positive"},
		"alto get URI --digest":                     {exitUsage, "without --user"},
		"alto get URI --key x":                      {exitUsage, "without --cert"},
		"alto get URI --cert /nowhere":              {exitUsage, "--cert: open /nowhere"},
		"alto get URI --cacert /nowhere":            {exitUsage, "--cacert: open /nowhere"},
		"alto cost URI":                             {exitUsage, "--dst is missing"},
		"alto filter URI costs --type moon":         {exitUsage, `no cost type "moon"`},
		"alto cdni URI --capability x":              {exitUsage, "expected TYPE=VALUE"},
		"alto get URI moon":                         {exitFailed, `no resource "moon"`},
		"alto get URI net-part":                     {exitFailed, "is no resource that can be had as a whole, these are: cdn, net"},
		"alto get URI secret":                       {exitFailed, `no resource "secret"`},
		"alto get URI/x":                            {exitFailed, "status 404"},
		"alto get URI --max-bytes 10":               {exitFailed, "larger than is accepted"},
		"alto watch URI --resource secret":          {exitFailed, "no update stream or TIPS about these resources"},
		"alto get http://127.0.0.1:1/ --timeout 5s": {exitFailed, "connection refused"},
	} {
		code, _, stderr := l.do(strings.Fields(line)...)
		if code != want.code || !strings.Contains(stderr, want.text) {
			t.Errorf("%s: %d, %s", line, code, stderr)
		}
	}
}

// TestWatch: a line for the first version and one for each change.
func TestWatch(t *testing.T) {
	l := newLab(t, httptest.NewServer)
	for line, want := range map[string][]string{
		"-o table":       {"net new version: 2 PIDs, tag ", `"198.51.100.0/24"`},
		"-o json":        {`{"resource":"net","media-type":"application/alto-networkmap+json","data":{`, `"198.51.100.0/24"`},
		"views -o table": {"net new version: 2 PIDs, tag ", `"198.51.100.0/24"`},
	} {
		l.publish("192.0.2.0/24")
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var out, errors bytes.Buffer
		w := &trigger{Buffer: &out, once: func() { l.publish("198.51.100.0/24") }}
		code := run(ctx, append([]string{"alto", "watch", "--count", "2", l.uri}, strings.Fields(line)...), w, &errors)
		for _, text := range want {
			if code != exitOK || !strings.Contains(out.String(), text) {
				t.Errorf("%s: %d\n%s%s", line, code, out.String(), errors.String())
			}
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	var out, errors bytes.Buffer
	if code := run(ctx, []string{"alto", "watch", l.uri}, &out, &errors); code != exitOK || out.Len() == 0 {
		t.Errorf("interrupted: %d, %s", code, errors.String())
	}
}

// trigger does something at the first write.
type trigger struct {
	*bytes.Buffer
	once func()
}

func (w *trigger) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if w.once != nil {
		w.once()
		w.once = nil
	}
	return n, err
}

// TestTLS: a server's certificate is checked against --cacert.
func TestTLS(t *testing.T) {
	var certificate tls.Certificate
	l := newLab(t, func(h http.Handler) *httptest.Server {
		s := httptest.NewTLSServer(h)
		certificate = s.TLS.Certificates[0]
		return s
	})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	l.must(os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600))
	for want, lines := range map[int][]string{exitOK: {"--cacert " + ca, "--insecure"}, exitFailed: {"--timeout 5s"}} {
		for _, flags := range lines {
			if code, _, stderr := l.do(append([]string{"alto", "get", "URI"}, strings.Fields(flags)...)...); code != want {
				t.Errorf("%s: %d, %s", flags, code, stderr)
			}
		}
	}
}

// TestCompletion proposes the resources that a command is for.
func TestCompletion(t *testing.T) {
	l := newLab(t, httptest.NewServer)
	code, out, stderr := l.do("__complete", "alto", "filter", "URI", "")
	if code != exitOK || columns(out) != "costs costmap|net-part networkmap|:4" {
		t.Errorf("%d: %s%s", code, columns(out), stderr)
	}
}

// TestChanges: patches as lines.
func TestChanges(t *testing.T) {
	l := &lab{T: t}
	for _, c := range []struct{ event, media, want string }{
		{`{"a":{"b/c":null,"d":[1]},"e":2}`, "application/merge-patch+json", `- /a/b~1c|= /a/d [1]|= /e 2`},
		{`[{"op":"add","path":"/a","value":{}},{"op":"remove","path":"/b"},{"op":"replace","path":"/c","value":1},{"op":"move","from":"/d","path":"/e"}]`, "application/json-patch+json", "+ /a {}|- /b|= /c 1|move /d /e"},
		{`{"meta":{"cost-type":{}},"cost-map":{"a":{"b":1,"c":2}}}`, "application/alto-costmap+json", "new version: 2 pairs"},
		{`{"property-map":{"a":{}}}`, "application/alto-propmap+json", "new version: 1 entity"},
		{`xyz`, "application/other", "new version: 3 bytes"},
	} {
		lines, err := changes(eventOf(c.media, c.event))
		l.must(err)
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.event, got, c.want)
		}
	}
	for media, text := range map[string]string{"application/merge-patch+json": "{", "application/json-patch+json": "{}", "application/alto-networkmap+json": "{}"} {
		if _, err := changes(eventOf(media, text)); err == nil {
			t.Errorf("%s: %s is accepted", media, text)
		}
	}
}

func eventOf(media, text string) client.Event {
	return client.Event{Media: media, ID: "x", Data: []byte(text)}
}
