package cric

import (
	"fmt"
	"net/netip"
	"os"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/google/go-cmp/cmp"
)

func sample(t testing.TB, p policy) *driver.Data {
	t.Helper()
	text, err := os.ReadFile("testdata/sites.json")
	if err != nil {
		t.Fatal(err)
	}
	sites, skipped, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataOf(sites, p)
	if err != nil {
		t.Fatal(err)
	}
	d.Skipped = skipped
	return d
}

// lines writes PIDs with their prefixes and properties, one a line.
func lines(d *driver.Data) []string {
	var list []string
	for _, p := range d.PIDs {
		line := fmt.Sprint(p.Name, " ", p.Prefixes)
		if p.Position != nil {
			line += fmt.Sprint(" ", *p.Position)
		}
		for _, q := range p.Properties {
			line += fmt.Sprintf(" %s=%s", q.Name, q.Value)
		}
		list = append(list, line)
	}
	return list
}

func TestData(t *testing.T) {
	want := []string{
		`Alpha-T1 [192.0.2.0/25 198.51.100.0/24 2001:db8:a::/48] {10.5 -20.25} asn=[64496,64497] country="Utopia" countrycode="UT" latitude=10.5 longitude=-20.25 site="Alpha-T1"`,
		`Beta_Centre [203.0.113.0/24 2001:db8:b::/48] asn=[64498] country="Utopia" countrycode="UT" site="Beta Centre"`,
		`Epsilon [192.0.2.129/32] site="Epsilon"`,
	}
	d := sample(t, firstByName)
	if diff := cmp.Diff(want, lines(d)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	skipped := []driver.Skipped{
		{Location: "Beta Centre/netroutes/Beta/ipv4", Value: "203.0.113.300/24", Reason: "not an IP prefix"},
		{Location: "Beta Centre/netroutes/Beta/ipv4", Value: "10.0.0.0/40", Reason: "not an IP prefix"},
		{Location: "Beta Centre/netroutes/Beta/ipv6", Value: "192.0.2.192/26", Reason: "not a prefix of family ipv6"},
		{Location: "Epsilon/netroutes/odd", Value: "{\"networks\": []}", Reason: "not a network route: /networks is not as expected"},
		{Location: "Epsilon/netroutes/odder/ipv4", Value: `"192.0.2.128/25"`, Reason: "not a list of prefixes"},
		{Location: "Zeta", Value: "[]", Reason: "not a site: the value is not as expected"},
	}
	if diff := cmp.Diff(skipped, d.Skipped); diff != "" {
		t.Errorf("skipped: -want +got:\n%s", diff)
	}
}

func TestConflictPolicies(t *testing.T) {
	prefix := netip.MustParsePrefix("198.51.100.0/24")
	for _, c := range []struct {
		policy      policy
		winner, pid string
	}{
		{firstByName, "Alpha-T1", "Alpha-T1"},
		{lastByName, "Gamma", "Gamma"},
		{drop, "", ""},
	} {
		d := sample(t, c.policy)
		if len(d.Conflicts) != 1 || d.Conflicts[0].Prefix != prefix || d.Conflicts[0].Winner != c.winner ||
			!cmp.Equal(d.Conflicts[0].Claimants, []string{"Alpha-T1", "Beta Centre", "Gamma"}) {
			t.Errorf("policy %d: conflicts %v, want winner %q", c.policy, d.Conflicts, c.winner)
		}
		owner := ""
		for _, p := range d.PIDs {
			for _, q := range p.Prefixes {
				if q == prefix {
					owner += p.Name
				}
			}
		}
		if owner != c.pid {
			t.Errorf("policy %d: prefix is in %q, want %q", c.policy, owner, c.pid)
		}
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/sites.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		sites, _, err := parse(text)
		if err != nil {
			return
		}
		for _, p := range []policy{firstByName, lastByName, drop} {
			d, err := dataOf(sites, p)
			if err != nil {
				t.Fatal(err)
			}
			seen, names := map[netip.Prefix]bool{}, map[string]bool{}
			for _, q := range d.PIDs {
				if err := alto.CheckPIDName(q.Name); err != nil || names[q.Name] {
					t.Fatalf("PID name %q: %v, or used twice", q.Name, err)
				}
				names[q.Name] = true
				for _, prefix := range q.Prefixes {
					if seen[prefix] {
						t.Fatalf("policy %d: prefix %s is in two PIDs", p, prefix)
					}
					seen[prefix] = true
				}
			}
		}
	})
}
