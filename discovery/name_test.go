package discovery_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/discovery"
	"pgregory.net/rapid"
)

// TestNames has the example of RFC 8686 Sections 3.2 and 3.3 and the rows of its table.
func TestNames(t *testing.T) {
	const (
		zeros  = "0.0.0.0.0.0.0.0."
		of32   = "8.b.d.0.1.0.0.2.ip6.arpa."
		of64   = zeros + of32
		of128  = "0.2.0.0.0.0.0.0." + zeros + of64
		of56   = "0.0.0.0.0.0." + of32
		of48   = "0.0.0.0." + of32
		of40   = "0.0." + of32
		of24v4 = "100.51.198.in-addr.arpa."
	)
	for _, c := range []struct {
		x    string
		want []string
	}{
		{"198.51.100.3/32", []string{"3." + of24v4, of24v4, "51.198.in-addr.arpa.", "198.in-addr.arpa."}},
		{"198.51.100.128/25", []string{of24v4, "51.198.in-addr.arpa.", "198.in-addr.arpa."}},
		{"198.51.100.0/23", []string{"51.198.in-addr.arpa.", "198.in-addr.arpa."}},
		{"198.0.0.0/8", []string{"198.in-addr.arpa."}},
		{"198.0.0.0/7", nil},
		{"0.0.0.0/0", nil},
		{"2001:db8::20/128", []string{of128, of64, of56, of48, of40, of32}},
		{"2001:db8::/127", []string{of64, of56, of48, of40, of32}},
		{"2001:db8::/63", []string{of56, of48, of40, of32}},
		{"2001:db8::/55", []string{of48, of40, of32}},
		{"2001:db8::/40", []string{of40, of32}},
		{"2001:db8::/32", []string{of32}},
		{"2001:db8::/31", nil},
	} {
		got, err := discovery.Names(netip.MustParsePrefix(c.x))
		if !slices.Equal(got, c.want) || (err != nil) != (c.want == nil) {
			t.Errorf("%s: %q, %v\nexpected %q", c.x, got, err, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		p           string
		n           int
		first, last string
	}{
		{"192.0.2.0/24", 1, "2.0.192.in-addr.arpa.", "2.0.192.in-addr.arpa."},
		{"192.0.2.1/32", 1, "1.2.0.192.in-addr.arpa.", "1.2.0.192.in-addr.arpa."},
		{"192.0.2.128/25", 128, "128.2.0.192.in-addr.arpa.", "255.2.0.192.in-addr.arpa."},
		{"198.18.64.0/18", 64, "64.18.198.in-addr.arpa.", "127.18.198.in-addr.arpa."},
		{"10.0.0.0/8", 1, "10.in-addr.arpa.", "10.in-addr.arpa."},
		{"2001:db8::/32", 1, "8.b.d.0.1.0.0.2.ip6.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa."},
		{"2001:db8::/29", 8, "8.b.d.0.1.0.0.2.ip6.arpa.", "f.b.d.0.1.0.0.2.ip6.arpa."},
		{"2001:db8:a0::/44", 16, "0.a.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", "f.a.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
		{"2001:d00::/24", 256, "0.0.d.0.1.0.0.2.ip6.arpa.", "f.f.d.0.1.0.0.2.ip6.arpa."},
		{"0.0.0.0/0", 0, "", ""},
		{"8.0.0.0/7", 0, "", ""},
		{"2001::/23", 0, "", ""},
		{"2001:db8::/65", 0, "", ""},
		{"::/0", 0, "", ""},
	} {
		got, err := discovery.Split(netip.MustParsePrefix(c.p))
		switch {
		case len(got) != c.n || (err != nil) != (c.n == 0):
			t.Errorf("%s: %d names, %v; expected %d", c.p, len(got), err, c.n)
		case c.n > 0 && (got[0] != c.first || !slices.Contains(got, c.last)):
			t.Errorf("%s: from %s to %s, expected %s to %s", c.p, got[0], got[c.n-1], c.first, c.last)
		}
	}
}

// TestSplitServes looks up addresses: those of a prefix, and no others, find one of its names.
func TestSplitServes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{4, 16}).Draw(t, "octets")
		a, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "address"))
		b, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "other"))
		p := netip.PrefixFrom(a, rapid.IntRange(0, size*8).Draw(t, "length")).Masked()
		names, err := discovery.Split(p)
		if err != nil {
			return
		}
		for _, x := range []netip.Addr{a, b} {
			asked, err := discovery.Names(netip.PrefixFrom(x, size*8))
			if err != nil {
				t.Fatal(err)
			}
			if found := slices.ContainsFunc(asked, func(n string) bool { return slices.Contains(names, n) }); found != p.Contains(x) {
				t.Errorf("%s in %s: %t, found by its records: %t", x, p, p.Contains(x), found)
			}
		}
	})
}

func TestCheckURI(t *testing.T) {
	for uri, good := range map[string]bool{
		"https://alto.example.net/ird":                         true,
		"http://[2001:db8::1]:8080/alto/directory?x=(1)!":      true,
		"https://alto.example.net/" + strings.Repeat("a", 225): true,
		"https://alto.example.net/" + strings.Repeat("a", 226): false,
		"/alto/directory":               false,
		"ftp://alto.example.net/ird":    false,
		"https:///ird":                  false,
		"https://alto.example.net/a b":  false,
		`https://alto.example.net/"`:    false,
		`https://alto.example.net/\1`:   false,
		"https://alto.example.net/ä":    false,
		"https://alto.example.net/#top": false,
		"":                              false,
	} {
		if err := discovery.CheckURI(uri); (err == nil) != good {
			t.Errorf("%q: %v, expected good: %t", uri, err, good)
		}
	}
}

func TestZoneOf(t *testing.T) {
	zones := map[string]bool{"in-addr.arpa.": true, "2.0.192.in-addr.arpa.": true, "8.b.d.0.1.0.0.2.ip6.arpa.": true}
	for name, want := range map[string]string{
		"2.0.192.in-addr.arpa.":         "2.0.192.in-addr.arpa.",
		"7.2.0.192.IN-ADDR.ARPA.":       "2.0.192.in-addr.arpa.",
		"12.0.192.in-addr.arpa.":        "in-addr.arpa.",
		"f.8.b.d.0.1.0.0.2.ip6.arpa.":   "8.b.d.0.1.0.0.2.ip6.arpa.",
		"9.b.d.0.1.0.0.2.ip6.arpa.":     "",
		"8.b.d.0.1.0.0.2.ip6.arpa.com.": "",
	} {
		if got := discovery.ZoneOf(name, zones); got != want {
			t.Errorf("%s is in %q, expected %q", name, got, want)
		}
	}
}

func TestCheckZone(t *testing.T) {
	for name, good := range map[string]bool{
		"2.0.192.in-addr.arpa": true, "8.B.D.0.1.0.0.2.IP6.ARPA.": true, "in-addr.arpa": true,
		"example.com": false, "xin-addr.arpa": false, "a..in-addr.arpa": false, "": false,
	} {
		if err := discovery.CheckZone(name); (err == nil) != good {
			t.Errorf("%q: %v, expected good: %t", name, err, good)
		}
	}
}
