package frommap

import (
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func network(t testing.TB, pids map[string]string) *alto.NetworkMap {
	t.Helper()
	var list []alto.PID
	for name, texts := range pids {
		p := alto.PID{Name: name}
		for text := range strings.FieldsSeq(texts) {
			p.Prefixes = append(p.Prefixes, netip.MustParsePrefix(text))
		}
		list = append(list, p)
	}
	m, err := alto.NewNetworkMap(list)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNetworkMapOfMaps(t *testing.T) {
	outputs := map[string]*driver.Output{
		"east": {
			Map:       network(t, map[string]string{"a": "10.0.0.0/25 10.0.0.128/25 10.0.1.0/24", "b": "10.0.2.0/24", "rest": "0.0.0.0/0"}),
			Positions: map[string]driver.Position{"a": {Latitude: 1}, "b": {Latitude: 2}},
		},
		"west": {Map: network(t, map[string]string{"a": "10.0.2.0/24 10.0.3.0/24", "rest": "0.0.0.0/0 ::/0"})},
	}
	for _, c := range []struct {
		name, prefix string
		longest      uint8
		merge        bool
		want         string
	}{
		{"both", "", 0, false, "a[10.0.0.0/25 10.0.0.128/25 10.0.1.0/24 10.0.3.0/24] b[10.0.2.0/24] rest[0.0.0.0/0 ::/0]"},
		{"apart", "w-", 0, false, "a[10.0.0.0/25 10.0.0.128/25 10.0.1.0/24] b[10.0.2.0/24] rest[0.0.0.0/0] w-a[10.0.3.0/24] w-rest[::/0]"},
		{"merged", "", 0, true, "a[10.0.0.0/23 10.0.3.0/24] b[10.0.2.0/24] rest[0.0.0.0/0 ::/0]"},
		{"short", "", 22, false, "a[10.0.0.0/22] rest[0.0.0.0/0 ::/0]"},
	} {
		p := &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams_FromMap{MergePrefixes: &c.merge}
		_, _ = p.AppendNewMap("east")
		west, _ := p.AppendNewMap("west")
		if c.prefix != "" {
			west.PidPrefix = &c.prefix
		}
		if c.longest > 0 {
			p.Ipv4MaxLength = &c.longest
		}
		out, err := computeNetworkMap(t.Context(), driver.Input{
			PlanInput: driver.PlanInput{Resource: &driver.Resource{AltoNetworkmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams{FromMap: p}}},
			Outputs:   outputs,
		})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, pid := range out.Map.PIDs() {
			lines = append(lines, fmt.Sprint(pid.Name, pid.Prefixes))
		}
		if got := strings.Join(lines, " "); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
		if out.Positions["a"].Latitude != 1 || out.Map.Has("b") != (out.Positions["b"].Latitude == 2) {
			t.Errorf("%s: positions %v", c.name, out.Positions)
		}
	}
}

func TestShorten(t *testing.T) {
	all := owners{}
	for text, pid := range map[string]string{
		"10.1.0.0/24": "a", "10.1.1.0/24": "b", "10.1.2.0/23": "b", // b has more of 10.1/16
		"10.2.0.0/24": "b", "10.2.1.0/24": "a", // as much of both
		"10.3.0.0/16": "a", "10.3.1.0/24": "b", "10.3.2.0/24": "b", // there already
		"2001:db8::/48": "c",
	} {
		all[netip.MustParsePrefix(text)] = pid
	}
	all.shorten(func(p netip.Prefix) int { return map[int]int{32: 16, 128: 128}[p.Addr().BitLen()] })
	want := owners{
		netip.MustParsePrefix("10.1.0.0/16"): "b", netip.MustParsePrefix("10.2.0.0/16"): "a",
		netip.MustParsePrefix("10.3.0.0/16"): "a", netip.MustParsePrefix("2001:db8::/48"): "c",
	}
	if !maps.Equal(all, want) {
		t.Errorf("%v, want %v", all, want)
	}
}
