package cluster

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func ptr[T any](v T) *T { return &v }

// chain is a line of routers with a spur: a - b - c - d - e and c - x.
func chain(t *testing.T) *graph.Graph {
	t.Helper()
	var nodes []graph.Node
	for i, name := range []string{"a", "b", "c", "d", "e", "x"} {
		n := graph.Node{Name: "r." + name, Place: &graph.Place{Latitude: float64(i)}}
		if name != "d" {
			n.Prefixes = []netip.Prefix{netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i))}
		}
		nodes = append(nodes, n)
	}
	var links []graph.Link
	for _, l := range []string{"ab", "bc", "cd", "de", "cx"} {
		links = append(links, graph.Link{Name: l, From: "r." + l[:1], To: "r." + l[1:]})
	}
	g, err := graph.New(nodes, links)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// written writes a map: PIDs with prefixes.
func written(m *alto.NetworkMap) string {
	var lines []string
	for _, p := range m.PIDs() {
		lines = append(lines, fmt.Sprint(p.Name, p.Prefixes))
	}
	return strings.Join(lines, " ")
}

func TestL3UnicastCluster(t *testing.T) {
	for depth, want := range map[uint8]string{
		1: "r-a[10.0.0.0/24] r-b[10.0.1.0/24] r-c[10.0.2.0/24] r-e[10.0.4.0/24] r-x[10.0.5.0/24] rest[0.0.0.0/0 ::/0]",
		2: "r-a[10.0.0.0/24] r-c[10.0.1.0/24 10.0.2.0/24 10.0.5.0/24] r-e[10.0.4.0/24] rest[0.0.0.0/0 ::/0]",
		3: "r-c[10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 10.0.4.0/24 10.0.5.0/24] rest[0.0.0.0/0 ::/0]",
	} {
		p := &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams_L3UnicastCluster{Source: ptr("s"), Depth: &depth, DefaultPid: ptr("rest")}
		in := driver.Input{
			PlanInput: driver.PlanInput{Resource: &driver.Resource{AltoNetworkmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams{L3UnicastCluster: p}}},
			Sources:   map[string]*driver.Data{"s": {Graph: chain(t)}},
		}
		out, err := computeL3(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(out.Map); got != want {
			t.Errorf("depth %d:\n%s, want\n%s", depth, got, want)
		}
		if at, ok := out.Positions["r-c"]; !ok || at.Latitude != 2 {
			t.Errorf("depth %d: position of the middle: %v", depth, out.Positions)
		}
		if _, ok := out.Positions["r-d"]; ok {
			t.Errorf("depth %d: a node that is no PID has a position", depth)
		}
		in.Sources["s"] = new(driver.Data)
		if _, err := computeL3(t.Context(), in); err == nil || !strings.HasSuffix(err.Error(), `source "s" has no topology`) {
			t.Errorf("without a topology: %v", err)
		}
	}
}

func clustered(t *testing.T, p *prefixParams, d *driver.Data) (string, error) {
	t.Helper()
	p.Source, p.DefaultPid = ptr("s"), ptr("rest")
	out, err := computePrefix(t.Context(), driver.Input{
		PlanInput: driver.PlanInput{Resource: &driver.Resource{AltoNetworkmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams{PrefixCluster: p}}},
		Sources:   map[string]*driver.Data{"s": d},
	})
	if err != nil {
		return "", err
	}
	return written(out.Map), nil
}

func TestPrefixCluster(t *testing.T) {
	prefixes := func(texts ...string) (list []netip.Prefix) {
		for _, text := range texts {
			list = append(list, netip.MustParsePrefix(text))
		}
		return list
	}
	with := func(name, value string) []alto.Property {
		return []alto.Property{{Name: name, Value: []byte(value)}}
	}
	d := &driver.Data{
		PIDs: []driver.PID{
			{Name: "p1", Prefixes: prefixes("10.1.2.0/24", "10.1.3.0/24", "2001:db8:1::/48"), Properties: with("country", `"NL"`)},
			{Name: "p2", Prefixes: prefixes("10.2.0.0/16", "10.0.0.0/8"), Properties: with("country", `"De Nada"`)},
			{Name: "p3", Prefixes: prefixes("10.3.0.0/16")},
		},
		Entities: []alto.Entity{
			{Domain: "ipv4", Name: "10.1.2.7", Properties: with("asn", "64496")},
			{Domain: "ipv4", Name: "10.2.0.0/20", Properties: with("country", `"NL"`)},
			{Domain: "ane", Name: "x", Properties: with("country", `"NL"`)},
		},
	}
	for _, c := range []struct {
		name string
		p    *prefixParams
		want string
	}{
		{"property", &prefixParams{Property: ptr("country")}, "De-Nada[10.0.0.0/8 10.2.0.0/16] NL[10.1.2.0/24 10.1.3.0/24 10.2.0.0/20 2001:db8:1::/48] rest[0.0.0.0/0 ::/0]"},
		{"number", &prefixParams{Property: ptr("asn"), PidPrefix: ptr("AS")}, "AS64496[10.1.2.7/32] rest[0.0.0.0/0 ::/0]"},
		{
			"block", &prefixParams{Ipv4Length: ptr(uint8(16)), Ipv6Length: ptr(uint8(32))},
			"10-0-0-0-8[10.0.0.0/8] 10-1-0-0-16[10.1.2.0/24 10.1.2.7/32 10.1.3.0/24] 10-2-0-0-16[10.2.0.0/16 10.2.0.0/20] 10-3-0-0-16[10.3.0.0/16] 2001:db8::-32[2001:db8:1::/48] rest[0.0.0.0/0 ::/0]",
		},
	} {
		if got, err := clustered(t, c.p, d); err != nil || got != c.want {
			t.Errorf("%s: %v\n%s, want\n%s", c.name, err, got, c.want)
		}
	}
	for want, value := range map[string]string{
		`"De Nada" and "De-Nada" are both PID "De-Nada"`: `"De-Nada"`,
		`cannot be made the name of a PID`:               `"` + strings.Repeat("x", 65) + `"`,
	} {
		bad := &driver.Data{PIDs: append(slices.Clone(d.PIDs), driver.PID{Name: "p4", Prefixes: prefixes("192.0.2.0/24"), Properties: with("country", value)})}
		if _, err := clustered(t, &prefixParams{Property: ptr("country")}, bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
