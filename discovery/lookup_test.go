package discovery_test

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/discovery"
	"github.com/miekg/dns"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func mustSplit(t *testing.T, s string) []string {
	t.Helper()
	names, err := discovery.Split(prefix(s))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// zoneLines reads a zone file and yields its records.
func zoneLines(text []byte) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		p := dns.NewZoneParser(strings.NewReader(string(text)), "", "")
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			if !yield(strings.ReplaceAll(rr.String(), "\t", " "), nil) {
				return
			}
		}
		if p.Err() != nil {
			yield("", p.Err())
		}
	}
}

// TestDiscover has the two records of the example in RFC 8686 Section 3.4.
func TestDiscover(t *testing.T) {
	const r24 = "100.51.198.in-addr.arpa."
	two := []discovery.IRD{{"https://alto1.example.net/ird", 100, 10}, {"https://alto2.example.net/ird", 100, 20}}
	for _, c := range []struct {
		name, x, service string
		put              []string
		found            string
		irds             []discovery.IRD
		queries          int
		words            string // of Err
	}{
		{
			"example", "198.51.100.3/32", "ALTO:https",
			[]string{
				r24 + ` IN NAPTR 100 20 "u" "ALTO:https" "!.*!https://alto2.example.net/ird!" .`,
				r24 + ` IN NAPTR 100 10 "u" "ALTO:https" "!.*!https://alto1.example.net/ird!" .`,
			},
			r24, two, 2, "",
		},
		{
			"letter case, several protocols", "198.51.100.0/24", "ALTO:https",
			[]string{r24 + ` IN NAPTR 1 2 "U" "alto:HTTP:https" "|.*|https://alto1.example.net/ird|" .`},
			r24,
			[]discovery.IRD{{"https://alto1.example.net/ird", 1, 2}},
			1, "",
		},
		{
			"longest first", "198.51.100.3/32", "ALTO:https",
			[]string{
				"198.in-addr.arpa." + ` IN NAPTR 1 1 "u" "ALTO:https" "!.*!https://far.example.net/ird!" .`,
				"51." + "198.in-addr.arpa." + ` IN NAPTR 9 9 "u" "ALTO:https" "!.*!https://near.example.net/ird!" .`,
			},
			"51.198.in-addr.arpa.",
			[]discovery.IRD{{"https://near.example.net/ird", 9, 9}},
			3, "",
		},
		{
			"others", "198.51.100.0/24", "ALTO:https",
			[]string{
				r24 + ` IN NAPTR 1 1 "u" "ALTO:http" "!.*!http://alto.example.net/ird!" .`,
				r24 + ` IN NAPTR 1 1 "s" "ALTO:https" "!.*!https://alto.example.net/ird!" .`,
				r24 + ` IN NAPTR 1 1 "u" "LoST:https" "!.*!https://alto.example.net/ird!" .`,
				r24 + ` IN TXT "ALTO:https"`,
			},
			"", nil, 3, "",
		},
		{
			"useless", "198.51.100.0/24", "ALTO:https",
			[]string{r24 + ` IN NAPTR 1 1 "u" "ALTO:https" "!.*!ldap://alto.example.net/ird!" .`},
			"", nil, 3, "not an http or https URI",
		},
		{"none", "2001:db8::/64", "ALTO:https", nil, "", nil, 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			s.Put(c.put...)
			f, err := discovery.Resolver{Servers: []string{s.Addr}}.Discover(context.Background(), prefix(c.x), c.service)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name != c.found || !reflect.DeepEqual(f.IRDs, c.irds) || f.Temporary {
				t.Errorf("%+v\nexpected %v at %q", f, c.irds, c.found)
			}
			if (f.Err != nil) != (c.words != "") || f.Err != nil && !strings.Contains(f.Err.Error(), c.words) {
				t.Errorf("error %v, expected …%s…", f.Err, c.words)
			}
			if q := s.Queries(); len(q) != c.queries {
				t.Errorf("%d queries: %q, expected %d", len(q), q, c.queries)
			}
		})
	}
}

// TestDiscoverTruncated has an answer that does not fit into one datagram.
func TestDiscoverTruncated(t *testing.T) {
	s := start(t)
	for i := range 60 {
		s.Put(fmt.Sprintf(`2.0.192.in-addr.arpa. IN NAPTR 1 %d "u" "ALTO:https" "!.*!https://alto%d.example.net/ird!" .`, i, i))
	}
	f, err := discovery.Resolver{Servers: []string{s.Addr}}.Discover(context.Background(), prefix("192.0.2.0/24"), "ALTO:https")
	if err != nil || len(f.IRDs) != 60 || f.Err != nil {
		t.Errorf("%d IRDs, %v, %v; expected 60", len(f.IRDs), f.Err, err)
	}
}

func TestDiscoverFails(t *testing.T) {
	s := start(t)
	s.Put(`192.in-addr.arpa. IN NAPTR 1 1 "u" "ALTO:https" "!.*!https://alto.example.net/ird!" .`)
	x := prefix("192.0.2.0/24")
	f, err := discovery.Resolver{Servers: []string{"127.0.0.1:1", s.Addr}, Timeout: time.Second}.Discover(context.Background(), x, "ALTO:https")
	if err != nil || f.Err != nil || len(f.IRDs) != 1 {
		t.Errorf("one server does not answer: %+v, %v", f, err)
	}
	s.Refuse(dns.RcodeServerFailure)
	f, err = discovery.Resolver{Servers: []string{s.Addr}}.Discover(context.Background(), x, "ALTO:https")
	if err != nil || !f.Temporary || f.Err == nil || !strings.Contains(f.Err.Error(), "SERVFAIL") || len(f.IRDs) != 0 {
		t.Errorf("no server answers: %+v, %v", f, err)
	}
	if _, err = (discovery.Resolver{Servers: []string{s.Addr}}).Discover(context.Background(), prefix("8.0.0.0/7"), "ALTO:https"); err == nil {
		t.Error("a /7 was looked up")
	}
}

// TestRound finds what was published.
func TestRound(t *testing.T) {
	s := start(t)
	target := discovery.Target{URI: "http://alto.example.net/what!ird", Order: 3, Preference: 4, TTL: 60}
	if err := at(s).Update(context.Background(), zone, recordsOf(target, mustSplit(t, "192.0.2.64/26")...), nil); err != nil {
		t.Fatal(err)
	}
	for x, want := range map[string]int{"192.0.2.64/32": 1, "192.0.2.127/32": 1, "192.0.2.128/32": 0, "192.0.2.63/32": 0} {
		f, err := discovery.Resolver{Servers: []string{s.Addr}}.Discover(context.Background(), prefix(x), "ALTO:http")
		if err != nil || f.Err != nil || len(f.IRDs) != want {
			t.Errorf("%s: %+v, %v; expected %d", x, f, err, want)
		}
		if want == 1 && f.IRDs[0] != (discovery.IRD{target.URI, 3, 4}) {
			t.Errorf("%s: %v", x, f.IRDs)
		}
	}
}

func TestFinder(t *testing.T) {
	s := start(t)
	f := discovery.NewFinder()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	x, y := prefix("192.0.2.0/24"), prefix("8.0.0.0/7")
	search := &discovery.Search{
		Prefixes: []netip.Prefix{x, y}, Service: "ALTO:https", Interval: 10 * time.Millisecond,
		Resolver: discovery.Resolver{Servers: []string{s.Addr}},
	}
	f.Set("c", search)
	if _, ok := f.Result("c", x); ok {
		t.Error("a result before Run")
	}
	go func() { f.Run(ctx); close(ended) }()
	eventually(t, "nothing is found", func() bool { r, ok := f.Result("c", x); return ok && r.Name == "" && r.Err == nil })
	eventually(t, "a prefix is refused", func() bool { r, ok := f.Result("c", y); return ok && r.Err != nil })
	s.Put(line(zone))
	eventually(t, "it is found", func() bool { r, _ := f.Result("c", x); return r.Name == zone && len(r.IRDs) == 1 })
	f.Set("c", &discovery.Search{Prefixes: []netip.Prefix{x}, Service: "ALTO:https", Interval: time.Hour, Resolver: search.Resolver})
	if r, _ := f.Result("c", x); r.Name != zone {
		t.Error("what was found is forgotten although the prefix stays")
	}
	f.Set("c", nil)
	if _, ok := f.Result("c", x); ok {
		t.Error("a result of no search")
	}
	cancel()
	<-ended
}

func FuzzSubstitute(f *testing.F) {
	for _, s := range []string{"!.*!https://a/!", "|.*|http://a/|i", "", "!", "!!!", "!(!x!", `!.*!\1!`, "!^x$!http://a/!", "1.*1x1", "!.*!x!y!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		uri, err := discovery.Substitute(expression, "2.0.192.in-addr.arpa")
		if err != nil {
			return
		}
		if !strings.Contains(expression[1:], uri) || strings.ContainsAny(uri, `\`) || strings.Contains(uri, expression[:1]) {
			t.Errorf("%q gives %q", expression, uri)
		}
	})
}

func TestSubstitute(t *testing.T) {
	for expression, want := range map[string]string{
		"!.*!https://a/!": "https://a/", "|.*|http://a!/|i": "http://a!/", "!^2.*!http://a/!": "http://a/",
		"": "", "!": "", "!.*!x": "", "!.*!x!y": "", "!(!x!": "", `!(.*)!http://\1/!`: "", "!^example!http://a/!": "", "i.*ixi": "", "1.*1x1": "",
	} {
		got, err := discovery.Substitute(expression, "2.0.192.in-addr.arpa")
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; expected %q", expression, got, err, want)
		}
	}
}
