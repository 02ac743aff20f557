package alto

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("a", 65)
	tests := []struct {
		name      string
		check     func(string) error
		good, bad []string
	}{
		{"PID", CheckPIDName, []string{"a", "A-z:0@_", long[1:]}, []string{"", "a.b", "ä", long, "a b"}},
		{"tag", CheckTag, []string{"!", "~", long[1:]}, []string{"", " ", "a\x7f", long}},
		{"metric", CheckCostMetric, []string{"routingcost", "priv:x", "delay-ow:p95", "tput:p99.9"}, []string{"", "priv:", "a b", strings.Repeat("m", 33)}},
		{"mode", CheckCostMode, []string{"numerical", "ordinal", "array", "priv:x"}, []string{"", "priv:", "a b", "a.b", "unregistered", "priv:" + strings.Repeat("m", 28)}},
		{"property", CheckPropertyName, []string{"pid", "nm.pid", ".region", "priv:x", "a@b.c"}, []string{"", ".", "nm.", "a.b.c", "priv:", "nm.priv:", strings.Repeat("p", 33), "a@b"}},
		{"domain", CheckDomainName, []string{"ipv4", "nm.pid", ".ane", "priv:x", "n:1.priv:x"}, []string{"", ".", "nm.", "priv:", "a:b", "ipv4.any.cast", long}},
	}
	for _, tt := range tests {
		for _, s := range tt.good {
			if err := tt.check(s); err != nil {
				t.Errorf("%s %q refused: %v", tt.name, s, err)
			}
		}
		for _, s := range tt.bad {
			if tt.check(s) == nil {
				t.Errorf("%s %q accepted", tt.name, s)
			}
		}
	}
}

func TestNetworkMapErrors(t *testing.T) {
	tests := []struct {
		name string
		pids []PID
		pid  string // of the PrefixError; "-": no error
		at   string
	}{
		{"both families", pidsOf("a 0.0.0.0/0 ::/0", "b 10.0.0.0/8"), "-", ""},
		{"one family", pidsOf("a 0.0.0.0/0"), "-", ""},
		{"complete without default", pidsOf("a 0.0.0.0/1", "b 128.0.0.0/1"), "-", ""},
		{"PID without prefixes", pidsOf("a ::/0", "b"), "-", ""},
		{"same prefix twice in a PID", pidsOf("a ::/0 2001:db8::1/32 2001:db8::/32"), "-", ""},
		{"no PID", nil, "", ""},
		{"incomplete IPv4", pidsOf("a ::/0", "b 10.0.0.0/8"), "", "0.0.0.0/0"},
		{"incomplete IPv6", pidsOf("a 0.0.0.0/0", "b 2001:db8::/32"), "", "::/0"},
		{"incomplete halves", pidsOf("a 0.0.0.0/1", "b 128.0.0.0/2"), "", "0.0.0.0/0"},
		{"overlap", pidsOf("a 0.0.0.0/0 10.0.0.0/8", "b 10.1.2.3/8"), "b", "10.0.0.0/8"},
		{"PID twice", pidsOf("a 0.0.0.0/0", "a 10.0.0.0/8"), "a", ""},
		{"bad name", pidsOf("a.b 0.0.0.0/0"), "a.b", ""},
		{"invalid prefix", []PID{{"a", []netip.Prefix{{}}}}, "a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewNetworkMap(tt.pids)
			if tt.pid == "-" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var got *PrefixError
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a PrefixError", err)
			}
			if at := got.Prefix.String(); got.PID != tt.pid || at != tt.at && !(tt.at == "" && !got.Prefix.IsValid()) {
				t.Errorf("error names PID %q and prefix %s, want %q and %s", got.PID, at, tt.pid, tt.at)
			}
		})
	}
}

// TestLookup has the example of RFC 7285 Section 11.2.2.
func TestLookup(t *testing.T) {
	m := networkMap(t, "", "PID0 ::/0", "PID1 0.0.0.0/0", "PID2 192.0.2.0/24 198.51.100.0/24", "PID3 192.0.2.0/25 192.0.2.128/25")
	for addr, want := range map[string]string{"192.0.2.1": "PID3", "198.51.100.9": "PID2", "203.0.113.1": "PID1", "2001:db8::1": "PID0"} {
		if got, ok := m.Lookup(netip.MustParseAddr(addr)); !ok || got != want {
			t.Errorf("%s is in %q, want %q", addr, got, want)
		}
	}
	if _, ok := networkMap(t, "", "a 0.0.0.0/0").Lookup(netip.MustParseAddr("::1")); ok {
		t.Error("an address of a family that the map lacks has a PID")
	}
}

func TestTags(t *testing.T) {
	a := networkMap(t, "", "a 0.0.0.0/0 10.0.0.0/8", "b 192.0.2.0/24")
	b := networkMap(t, "", "b 192.0.2.0/24", "a 10.9.0.0/8 0.0.0.0/0")
	c := networkMap(t, "", "a 0.0.0.0/0", "b 192.0.2.0/24 10.0.0.0/8")
	if a.Tag() != b.Tag() || a.Tag() == c.Tag() || CheckTag(a.Tag()) != nil {
		t.Errorf("tags %s, %s (same content) and %s (another)", a.Tag(), b.Tag(), c.Tag())
	}
	if _, err := a.WithTag("a b"); err == nil {
		t.Error("tag with a space accepted")
	}
	m, n := costs(t, []string{"a", "b"}, 1, 2, 3, -1), costs(t, []string{"a", "b"}, 1, 2, -1, 3)
	if o := costs(t, []string{"a", "b"}, 1, 2, 3, -1); m.Tag() == n.Tag() || m.Tag() != o.Tag() {
		t.Error("cost matrix tags do not follow the content")
	}
	p, q := properties(t, `ipv4 192.0.2.1 a=1 b=2`, `ipv6 ::1 a=1`), properties(t, `ipv6 0:0::1 a=1`, `ipv4 192.0.2.1/32 b=2 a=1`)
	if r := properties(t, `ipv4 192.0.2.1 a=1 b=3`, `ipv6 ::1 a=1`); p.Tag() != q.Tag() || p.Tag() == r.Tag() {
		t.Error("property map tags do not follow the content")
	}
}

func TestCostMatrixErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		pids  []string
		cells []float64
		ok    bool
	}{
		"good":         {[]string{"a", "b"}, []float64{0, -1.5, 1e300, math.NaN()}, true},
		"no PIDs":      {nil, nil, true},
		"few cells":    {[]string{"a", "b"}, []float64{0, 1, 2}, false},
		"infinite":     {[]string{"a"}, []float64{math.Inf(1)}, false},
		"repeated PID": {[]string{"a", "a"}, make([]float64, 4), false},
		"bad PID":      {[]string{"a.b"}, make([]float64, 1), false},
	} {
		_, err := NewCostMatrix(tt.pids, tt.cells)
		var cell *CellError
		if (err == nil) != tt.ok || err != nil && !errors.As(err, &cell) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestPropertyMapErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		lines    []string
		property string
		ok       bool
	}{
		"good":             {[]string{`ipv4 192.0.2.0/24 a=null`, `.ane x b={"c":1}`, `nm.pid P`}, "", true},
		"bad domain":       {[]string{`ipv4.x.y 192.0.2.1 a=1`}, "", false},
		"no address":       {[]string{`nm.ipv4 host a=1`}, "", false},
		"other family":     {[]string{`ipv4 ::1 a=1`}, "", false},
		"same entity":      {[]string{`ipv4 192.0.2.1 a=1`, `ipv4 192.0.2.1/32 b=1`}, "", false},
		"bad PID":          {[]string{`nm.pid a.b a=1`}, "", false},
		"same property":    {[]string{`.ane x a=1 a=2`}, "a", false},
		"bad property":     {[]string{`.ane x a@b=1`}, "a@b", false},
		"value is no JSON": {[]string{`.ane x a=us`}, "a", false},
	} {
		_, err := NewPropertyMap(entitiesOf(tt.lines...))
		var got *EntityError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &got) || got.Property != tt.property) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -3: "-3", 0.1: "0.1", 1 << 53: "9007199254740992", 1e21: "1e+21", 1e-7: "1e-7", 2.5e9: "2500000000"} {
		if got := string(appendNumber(nil, v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func drawPrefix(t *rapid.T) netip.Prefix {
	b := [4]byte{10, byte(rapid.IntRange(0, 3).Draw(t, "b")), byte(rapid.IntRange(0, 3).Draw(t, "c")), byte(rapid.IntRange(0, 255).Draw(t, "d"))}
	return netip.PrefixFrom(netip.AddrFrom4(b), rapid.IntRange(6, 32).Draw(t, "bits")).Masked()
}

// TestLookupProperty compares the table with a scan of all prefixes.
func TestLookupProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner := map[netip.Prefix]string{netip.MustParsePrefix("0.0.0.0/0"): "rest"}
		byPID := map[string][]netip.Prefix{"rest": {netip.MustParsePrefix("0.0.0.0/0")}}
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			p, pid := drawPrefix(t), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "pid")
			if owner[p] == "" {
				owner[p] = pid
				byPID[pid] = append(byPID[pid], p)
			}
		}
		var pids []PID
		for pid, prefixes := range byPID {
			pids = append(pids, PID{pid, prefixes})
		}
		m, err := NewNetworkMap(pids)
		if err != nil {
			t.Fatal(err)
		}
		addr := drawPrefix(t).Addr()
		best, want := -1, ""
		for p, pid := range owner {
			if p.Contains(addr) && p.Bits() > best {
				best, want = p.Bits(), pid
			}
		}
		if got, _ := m.Lookup(addr); got != want {
			t.Fatalf("%s is in %q, want %q", addr, got, want)
		}
	})
}

// TestFilterProperty checks RFC 9240 Section 8.6: a client that applies the
// inheritance rules to a filtered response gets the value of the full map for
// every address that it asked about.
func TestFilterProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entities []Entity
		seen := map[netip.Prefix]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "n") {
			p := drawPrefix(t)
			if seen[p] {
				continue
			}
			seen[p] = true
			e := Entity{Domain: "ipv4", Name: p.String()}
			for _, name := range []string{"a", "b"} {
				if v := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, name); v != "" {
					e.Properties = append(e.Properties, Property{name, []byte(v)})
				}
			}
			entities = append(entities, e)
		}
		full, err := NewPropertyMap(entities)
		if err != nil {
			t.Fatal(err)
		}
		asked := drawPrefix(t)
		d := full.domain("ipv4")
		var answered []Entity
		for _, s := range d.selectPrefix("ipv4:"+prefixName(asked), asked, []string{"a", "b"}) {
			answered = append(answered, Entity{Domain: "ipv4", Name: strings.TrimPrefix(s.id, "ipv4:"), Properties: s.properties})
		}
		got, err := NewPropertyMap(answered)
		if err != nil {
			t.Fatal(err)
		}
		bits := rapid.IntRange(asked.Bits(), 32).Draw(t, "inner")
		inner := netip.PrefixFrom(asked.Addr(), bits)
		if other := drawPrefix(t).Addr(); asked.Contains(other) {
			inner = netip.PrefixFrom(other, 32)
		}
		for _, name := range []string{"a", "b"} {
			want, _ := d.inherited(inner, name)
			var have Property
			if g := got.domain("ipv4"); g != nil {
				have, _ = g.inherited(inner, name)
			}
			// A prefix that its parts cover is not answered itself.
			if inner.IsSingleIP() && string(have.Value) != string(want.Value) {
				t.Fatalf("%s of %s within %s: client infers %q, want %q", name, inner, asked, have.Value, want.Value)
			}
		}
	})
}
