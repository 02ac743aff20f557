package document

import (
	"errors"
	"testing"

	"github.com/altoam/altoam/alto"
)

func TestSplitEntity(t *testing.T) {
	for id, want := range map[string][2]string{
		"ipv4:192.0.2.0/24": {"ipv4", "192.0.2.0/24"},
		"ipv6:2001:db8::1":  {"ipv6", "2001:db8::1"},
		"net.pid:A:1":       {"net.pid", "A:1"},
		"priv:thing:7":      {"priv:thing", "7"},
		"net.priv:thing:7":  {"net.priv:thing", "7"},
		"priv:7":            {"priv", "7"},
		"nothing":           {"nothing", ""},
	} {
		if domain, name := splitEntity(id); domain != want[0] || name != want[1] {
			t.Errorf("%s: domain %q, name %q, want %q", id, domain, name, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Read("f", text)
		if err != nil {
			return
		}
		var c Collector
		if err := c.Add(p); err != nil {
			t.Fatal(err)
		}
		var pids []alto.PID
		for _, p := range c.Data().PIDs {
			pids = append(pids, alto.PID{Name: p.Name, Prefixes: p.Prefixes})
		}
		var fault *alto.PrefixError
		if _, err := alto.NewNetworkMap(pids); errors.As(err, &fault) && fault.PID != "" {
			t.Fatal(err) // all but an incomplete map must have been found
		}
		if _, err := alto.NewPropertyMap(c.Data().Entities); err != nil {
			t.Fatal(err)
		}
	})
}
