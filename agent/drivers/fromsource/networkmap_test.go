package fromsource

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/gen"
)

func prefixes(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

func compute(t *testing.T, d *driver.Data, defaultPID string) (driver.Output, error) {
	t.Helper()
	source := "s"
	p := &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams_FromSource{Source: &source}
	if defaultPID != "" {
		p.DefaultPid = &defaultPID
	}
	r := &driver.Resource{AltoNetworkmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams{FromSource: p}}
	return computeNetworkMap(t.Context(), driver.Input{
		PlanInput: driver.PlanInput{Resource: r}, Sources: map[string]*driver.Data{"s": d},
	})
}

func TestNetworkMapDefaultPID(t *testing.T) {
	for _, c := range []struct {
		name, defaultPID string
		pids             []driver.PID
		want             string
	}{
		{
			"new PID", "rest",
			[]driver.PID{{Name: "a", Prefixes: prefixes("192.0.2.0/24")}},
			"[{a [192.0.2.0/24]} {rest [0.0.0.0/0 ::/0]}]",
		},
		{
			"PID of the source", "a",
			[]driver.PID{{Name: "a", Prefixes: prefixes("192.0.2.0/24")}},
			"[{a [0.0.0.0/0 192.0.2.0/24 ::/0]}]",
		},
		{
			"one family is there", "rest",
			[]driver.PID{{Name: "a", Prefixes: prefixes("0.0.0.0/0")}},
			"[{a [0.0.0.0/0]} {rest [::/0]}]",
		},
		{
			"both are there", "rest",
			[]driver.PID{{Name: "a", Prefixes: prefixes("0.0.0.0/0")}, {Name: "b", Prefixes: prefixes("::/0")}},
			"[{a [0.0.0.0/0]} {b [::/0]}]",
		},
		{
			"complete without", "",
			[]driver.PID{{Name: "a", Prefixes: prefixes("0.0.0.0/1", "128.0.0.0/1")}},
			"[{a [0.0.0.0/1 128.0.0.0/1]}]",
		},
		{"no PID at all", "rest", nil, "[{rest [0.0.0.0/0 ::/0]}]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := fmt.Sprint(c.pids)
			out, err := compute(t, &driver.Data{PIDs: c.pids}, c.defaultPID)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(out.Map.PIDs()); got != c.want {
				t.Errorf("map is %s, want %s", got, c.want)
			}
			if fmt.Sprint(c.pids) != before {
				t.Error("the source's data was modified")
			}
		})
	}
}

// TestNetworkMapTag: the source's tag stands for the source's map, no other.
func TestNetworkMapTag(t *testing.T) {
	d := &driver.Data{PIDs: []driver.PID{{Name: "a", Prefixes: prefixes("0.0.0.0/0", "::/0")}}, NetworkMapTag: "tag-1"}
	for defaultPID, kept := range map[string]bool{"": true, "rest": true} {
		out, err := compute(t, d, defaultPID)
		if err != nil {
			t.Fatal(err)
		}
		if (out.Map.Tag() == "tag-1") != kept {
			t.Errorf("default-pid %q: tag %s", defaultPID, out.Map.Tag())
		}
	}
	d.PIDs[0].Prefixes = prefixes("0.0.0.0/0")
	out, err := compute(t, d, "rest")
	if err != nil {
		t.Fatal(err)
	}
	if out.Map.Tag() == "tag-1" {
		t.Error("a map with an added PID has the source's tag")
	}
}
