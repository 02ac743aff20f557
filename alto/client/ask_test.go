package client

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	server "github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// rfcServer is a real server with the network of RFC 7285 Section 11.2.1.7, its costs as
// numbers and hops, and properties. It returns the client's view of it.
func rfcServer(t *testing.T) (*Client, *Directory) {
	t.Helper()
	net, err := server.NewNetworkMap([]server.PID{
		{Name: "PID1", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/25")}},
		{Name: "PID2", Prefixes: []netip.Prefix{netip.MustParsePrefix("198.51.100.128/25")}},
		{Name: "PID3", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}},
	})
	must(t, err)
	costs, err := server.NewCostMatrix([]string{"PID1", "PID2", "PID3"}, []float64{1, 5, 10, 5, 1, 15, 20, 15, server.NoCost()})
	must(t, err)
	props, err := server.NewPropertyMap([]server.Entity{{Domain: "ipv4", Name: "192.0.2.0/24", Properties: []server.Property{{Name: "asn", Value: jsontext.Value(`"64500"`)}}}})
	must(t, err)
	offers := []server.CostOffer{{CostType: "num", Costs: costs}, {CostType: "hops", Costs: costs}}
	capable := server.CostCapabilities{MaxCostTypes: 2, Testable: []string{"num"}}
	snapshot, err := server.NewSnapshot(nil, server.Config{
		CostTypes: []server.CostType{{Name: "num", Mode: "numerical", Metric: "routingcost"}, {Name: "hops", Mode: "numerical", Metric: "hopcount"}},
		Resources: []*server.Resource{
			{ID: "net", Service: server.FullNetworkMap{Map: net, Default: true}},
			{ID: "part", Service: server.FilteredNetworkMap{NetworkMap: "net"}},
			{ID: "costs", Service: server.FullCostMap{NetworkMap: "net", CostType: "num", Costs: costs}},
			{ID: "some", Service: server.FilteredCostMap{NetworkMap: "net", Offers: offers, CostCapabilities: capable}},
			{ID: "ends", Service: server.EndpointCosts{Map: net, Offers: offers, CostCapabilities: capable}},
			{ID: "props", Service: server.EndpointProperties{Types: []string{"asn"}, Values: props}},
		},
	})
	must(t, err)
	s := server.NewServer(nil)
	s.Publish(snapshot)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	c := &Client{HTTP: h.Client()}
	d, err := c.Directory(t.Context(), h.URL+"/directory")
	must(t, err)
	return c, d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asked asks a resource of the directory.
func asked(t *testing.T, c *Client, d *Directory, id string, parameters any) (*Response, error) {
	t.Helper()
	e, ok := d.Entry(id)
	if !ok {
		t.Fatalf("no resource %q", id)
	}
	return c.Ask(t.Context(), Request{Entry: e, Parameters: parameters})
}

var routing, hops = CostType{"numerical", "routingcost"}, CostType{"numerical", "hopcount"}

// TestServices asks each service of a real server and reads its answer.
func TestServices(t *testing.T) {
	c, d := rfcServer(t)
	if d.DefaultNetworkMap != "net" || d.CostTypes["hops"] != hops {
		t.Errorf("directory: default %q, cost types %v", d.DefaultNetworkMap, d.CostTypes)
	}
	r, err := asked(t, c, d, "net", nil)
	must(t, err)
	net, err := r.NetworkMap()
	must(t, err)
	for address, want := range map[string]string{"192.0.2.7": "PID1 192.0.2.0/24", "198.51.100.200": "PID2 198.51.100.128/25", "::ffff:192.0.2.7": "PID1 192.0.2.0/24", "2001:db8::1": "PID3 ::/0"} {
		pid, match, ok := net.Find(netip.MustParseAddr(address))
		if got := fmt.Sprint(pid, " ", match); !ok || got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if _, _, ok := new(NetworkMap).Find(netip.MustParseAddr("192.0.2.7")); ok {
		t.Error("an empty map has a PID")
	}
	r, err = asked(t, c, d, "part", NetworkMapFilter{PIDs: []string{"PID2"}})
	must(t, err)
	part, err := r.NetworkMap()
	must(t, err)
	if diff := cmp.Diff(net.VTag, part.VTag); diff != "" || len(part.PIDs) != 1 {
		t.Errorf("filtered: %v", part)
	}

	r, err = asked(t, c, d, "some", CostQuery{
		MultiCostTypes: []CostType{routing, hops}, TestableCostTypes: []CostType{routing}, OrConstraints: [][]string{{"[0] le 1"}, {"[0] ge 15"}},
		PIDs: &Pairs{Sources: []string{"PID1", "PID2"}, Destinations: []string{}},
	})
	must(t, err)
	costs, err := r.Costs()
	must(t, err)
	want := map[string]map[string]jsontext.Value{"PID1": {"PID1": jsontext.Value("[1,1]")}, "PID2": {"PID2": jsontext.Value("[1,1]"), "PID3": jsontext.Value("[15,15]")}}
	if diff := cmp.Diff(want, costs.From); diff != "" || len(costs.CostTypes) != 2 || costs.CostTypes[1] != hops {
		t.Errorf("multi-cost of types %v:\n%s", costs.CostTypes, diff)
	}
	must(t, Fits(costs.Depends, net.VTag))
	var version *VersionError
	if err := Fits(costs.Depends, VTag{"other", "x"}, VTag{"net", "x"}); !errors.As(err, &version) || version.Has.Tag != "x" {
		t.Errorf("another version: %v", err)
	}

	r, err = asked(t, c, d, "ends", CostQuery{CostType: &routing, Endpoints: &Pairs{[]string{"ipv4:192.0.2.2"}, []string{"ipv4:198.51.100.200"}}})
	must(t, err)
	ends, err := r.Costs()
	must(t, err)
	if got := string(ends.From["ipv4:192.0.2.2"]["ipv4:198.51.100.200"]); got != "5" {
		t.Errorf("endpoint cost %s", got)
	}
	r, err = asked(t, c, d, "props", EndpointPropQuery{[]string{"asn"}, []string{"ipv4:192.0.2.2"}})
	must(t, err)
	props, err := r.Properties()
	must(t, err)
	if got := string(props.Of["ipv4:192.0.2.2"]["asn"]); got != `"64500"` {
		t.Errorf("property %s", got)
	}
}

// TestConditional: what has not changed is not sent again.
func TestConditional(t *testing.T) {
	c, d := rfcServer(t)
	first, err := asked(t, c, d, "net", nil)
	must(t, err)
	e, _ := d.Entry("net")
	again, err := c.Ask(t.Context(), Request{Entry: e, ETag: first.ETag})
	must(t, err)
	if !again.NotModified || again.Body != nil || again.ETag != first.ETag {
		t.Errorf("the same: %+v", again)
	}
	other, err := c.Ask(t.Context(), Request{Entry: e, ETag: `"another"`})
	must(t, err)
	if other.NotModified || string(other.Body) != string(first.Body) {
		t.Errorf("another: %+v", other)
	}
}

// TestErrors: what a server refuses comes with code, field and value (RFC 7285 Section
// 8.5.2).
func TestErrors(t *testing.T) {
	c, d := rfcServer(t)
	pairs := &Pairs{[]string{}, []string{}}
	for _, test := range []struct {
		id         string
		parameters any
		want       StatusError
	}{
		{"some", map[string]any{"pids": pairs}, StatusError{Status: 400, Code: "E_MISSING_FIELD", Field: "cost-type"}},
		{"some", map[string]any{"cost-type": 1, "pids": pairs}, StatusError{Status: 400, Code: "E_INVALID_FIELD_TYPE", Field: "cost-type"}},
		{"some", CostQuery{CostType: &CostType{"numerical", "delay-ow"}, PIDs: pairs}, StatusError{Status: 400, Code: "E_INVALID_FIELD_VALUE", Field: "cost-type/cost-metric", Value: "delay-ow"}},
		{"some", jsontext.Value(`[]`), StatusError{Status: 400, Code: "E_SYNTAX"}},
	} {
		_, err := asked(t, c, d, test.id, test.parameters)
		var got *StatusError
		if !errors.As(err, &got) {
			t.Errorf("%v: %v, want %v", test.parameters, err, &test.want)
			continue
		}
		got.Syntax = ""
		if *got != test.want {
			t.Errorf("%v: %v, want %v", test.parameters, got, &test.want)
		}
	}
}

// TestRefusal reads answers that are no success.
func TestRefusal(t *testing.T) {
	later := time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)
	for _, c := range []struct{ retry, body, want string }{
		{"", "", "status 503 Service Unavailable"},
		{"60", "", "status 503 Service Unavailable, to be tried again after 1m0s"},
		{later, "", "to be tried again after "},
		{"soon", "no JSON", "status 503 Service Unavailable"},
		{"", `{"meta":{"code":"E_SYNTAX","syntax-error":"at 3"}}`, "status 503 Service Unavailable, E_SYNTAX: at 3"},
		{"", `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"a/b","value":"c"}}`, `status 503 Service Unavailable, E_INVALID_FIELD_VALUE, field a/b, value "c"`},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.retry != "" {
				w.Header().Set("Retry-After", c.retry)
			}
			w.WriteHeader(503)
			_, _ = w.Write([]byte(c.body))
		}))
		_, err := (&Client{HTTP: s.Client()}).Directory(t.Context(), s.URL)
		s.Close()
		if err == nil || c.retry != later && err.Error() != c.want || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestMaxBytes: an answer is read up to the bound, whatever it takes compressed.
func TestMaxBytes(t *testing.T) {
	text := `{"meta":{},"network-map":{"a":{"ipv4":["` + strings.Repeat(" ", 100_000) + `"]}}}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/alto-networkmap+json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
	}))
	defer s.Close()
	at, err := url.Parse(s.URL)
	must(t, err)
	e := Entry{URI: at, Media: "application/alto-networkmap+json"}
	for size, want := range map[int64]error{int64(len(text)): nil, int64(len(text)) - 1: ErrTooLarge, 10: ErrTooLarge} {
		c := &Client{HTTP: s.Client(), MaxBytes: size}
		if r, err := c.Get(t.Context(), e); !errors.Is(err, want) || err == nil && len(r.Body) != len(text) {
			t.Errorf("%d bytes: %v, want %v", size, err, want)
		}
		if _, err := c.Fetch(t.Context(), e, nil); !errors.Is(err, want) {
			t.Errorf("%d bytes: fetch: %v, want %v", size, err, want)
		}
	}
}
