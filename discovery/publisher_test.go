package discovery_test

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/discovery"
	"github.com/altoam/altoam/discovery/dnstest"
	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	zone   = "2.0.192.in-addr.arpa."
	secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
)

var target = discovery.Target{URI: "https://alto.example.net/ird", Order: 100, Preference: 10, TTL: 300}

// line is the record of target for a name, as a line of a zone file.
func line(name string) string {
	return name + ` 300 IN NAPTR 100 10 "u" "ALTO:https" "!.*!https://alto.example.net/ird!" .`
}

func recordsOf(t discovery.Target, names ...string) (list []dns.RR) {
	for _, n := range names {
		list = append(list, t.Record(n))
	}
	return list
}

func start(t *testing.T) *dnstest.Server {
	t.Helper()
	s, err := dnstest.Start("127.0.0.1:0", "agent", secret, zone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func at(s *dnstest.Server) *discovery.Server {
	return &discovery.Server{
		Address: s.Addr, Timeout: time.Second,
		Key: discovery.Key{Name: "Agent", Algorithm: "hmac-sha256", Secret: "secret-secret-secret!"},
	}
}

// publisher runs one until the returned function, or the end of the test.
func publisher(t *testing.T, o discovery.Options) (*discovery.Publisher, func()) {
	t.Helper()
	o.Retry = cmp.Or(o.Retry, 5*time.Millisecond)
	p := discovery.NewPublisher(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	stop := sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return p, stop
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("did not happen: %s", what)
}

func has(t *testing.T, s *dnstest.Server, want ...string) {
	t.Helper()
	slices.Sort(want)
	eventually(t, "the server has "+strings.Join(want, ", "), func() bool { return slices.Equal(s.Records(), want) })
}

func TestUpdate(t *testing.T) {
	s := start(t)
	other := `1.` + zone + ` 60 IN NAPTR 50 1 "u" "SIP+D2U" "!.*!sip:x@example.net!" .`
	theirs := "1." + zone + ` 300 IN NAPTR 100 10 "u" "ALTO:https" "!.*!https://other.example.net/ird!" .`
	s.Put(other, theirs)
	p, _ := publisher(t, discovery.Options{})
	z := discovery.Zone{Name: zone, Server: at(s), Records: recordsOf(target, "1."+zone, "2."+zone)}
	p.Set([]discovery.Zone{z})
	has(t, s, other, theirs, line("1."+zone), line("2."+zone))
	eventually(t, "the status", func() bool {
		x, ok := p.Status(zone)
		return ok && x.UpdateError == "" && x.Pending == 0 && !x.LastUpdate.IsZero()
	})

	z.Records = recordsOf(target, "2."+zone, "3."+zone)
	p.Set([]discovery.Zone{z})
	has(t, s, other, theirs, line("2."+zone), line("3."+zone))

	changed := target
	changed.TTL, changed.Order = 60, 7
	z.Records = recordsOf(changed, "2."+zone)
	p.Set([]discovery.Zone{z})
	has(t, s, other, theirs, "2."+zone+` 60 IN NAPTR 7 10 "u" "ALTO:https" "!.*!https://alto.example.net/ird!" .`)

	p.Set(nil)
	has(t, s, other, theirs)
	eventually(t, "nobody works at the zone", func() bool { _, ok := p.Status(zone); return !ok })
	p.Set([]discovery.Zone{z})
	eventually(t, "the zone is back", func() bool { return len(s.Records()) == 3 })
}

// TestUpdateMany needs several messages.
func TestUpdateMany(t *testing.T) {
	s := start(t)
	p, _ := publisher(t, discovery.Options{})
	names, err := discovery.Split(prefix("192.0.2.0/25"))
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, mustSplit(t, "192.0.2.128/25")...)
	p.Set([]discovery.Zone{{Name: zone, Server: at(s), Records: recordsOf(target, names...)}})
	eventually(t, "all records are there", func() bool { return len(s.Records()) == 256 })
	if n := s.Updates(); n != 3 {
		t.Errorf("%d messages, expected 3", n)
	}
}

// TestUpdateFails refuses, in every way, and lets it succeed afterwards.
func TestUpdateFails(t *testing.T) {
	for _, c := range []struct {
		name, words string
		break_      func(*dnstest.Server, *discovery.Server)
		mend        func(*dnstest.Server, *discovery.Server)
	}{
		{
			"refused", "the server answers REFUSED",
			func(s *dnstest.Server, _ *discovery.Server) { s.Refuse(dns.RcodeRefused) },
			func(s *dnstest.Server, _ *discovery.Server) { s.Refuse(0) },
		},
		{
			"secret", "the server answers NOTAUTH",
			func(_ *dnstest.Server, to *discovery.Server) { to.Key.Secret = "another-another!" },
			func(_ *dnstest.Server, to *discovery.Server) { to.Key.Secret = "secret-secret-secret!" },
		},
		{
			"key", "the server answers NOTAUTH",
			func(_ *dnstest.Server, to *discovery.Server) { to.Key.Name = "stranger" },
			func(_ *dnstest.Server, to *discovery.Server) { to.Key.Name = "agent" },
		},
		{
			"nobody", "connection refused",
			func(_ *dnstest.Server, to *discovery.Server) { to.Address = "127.0.0.1:1" },
			func(s *dnstest.Server, to *discovery.Server) { to.Address = s.Addr },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			var log bytes.Buffer
			p, stop := publisher(t, discovery.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			to := at(s)
			c.break_(s, to)
			z := discovery.Zone{Name: zone, Server: to, Records: recordsOf(target, "1."+zone)}
			p.Set([]discovery.Zone{z})
			eventually(t, c.words, func() bool {
				x, _ := p.Status(zone)
				return strings.Contains(x.UpdateError, c.words) && x.Pending == 1 && x.LastUpdate.IsZero()
			})
			time.Sleep(30 * time.Millisecond) // some more attempts
			mended := *to
			c.mend(s, &mended)
			z.Server = &mended
			p.Set([]discovery.Zone{z})
			has(t, s, line("1."+zone))
			eventually(t, "the error is gone", func() bool { x, _ := p.Status(zone); return x.UpdateError == "" && x.Pending == 0 })
			stop()
			if n := strings.Count(log.String(), "level=WARN"); n != 1 {
				t.Errorf("%d warnings, expected one:\n%s", n, &log)
			}
		})
	}
}

// TestUpdateGivesUp leaves records at a server that is not configured any more and refuses
// for long, and removes them when the zone comes back.
func TestUpdateGivesUp(t *testing.T) {
	s := start(t)
	p, _ := publisher(t, discovery.Options{Dir: t.TempDir(), Retry: time.Millisecond})
	z := discovery.Zone{Name: zone, Server: at(s), Records: recordsOf(target, "1."+zone)}
	p.Set([]discovery.Zone{z})
	has(t, s, line("1."+zone))
	s.Refuse(dns.RcodeRefused)
	p.Set(nil)
	eventually(t, "it gives up", func() bool { _, ok := p.Status(zone); return !ok })
	has(t, s, line("1."+zone))
	s.Refuse(0)
	z.Records = recordsOf(target, "2."+zone)
	p.Set([]discovery.Zone{z})
	has(t, s, line("2."+zone))
}

// TestUnsigned does not believe an answer without a signature.
func TestUnsigned(t *testing.T) {
	s := start(t)
	s.Unsigned()
	if err := at(s).Update(context.Background(), zone, recordsOf(target, "1."+zone), nil); err == nil || !strings.Contains(err.Error(), "not signed") {
		t.Errorf("%v", err)
	}
}

func TestSHA512(t *testing.T) {
	s := start(t)
	to := at(s)
	to.Key.Algorithm = "hmac-sha512"
	if err := to.Update(context.Background(), zone, recordsOf(target, "1."+zone), nil); err != nil {
		t.Error(err)
	}
	has(t, s, line("1."+zone))
}

// TestRestart removes what another process sent, and adds what the server lost.
func TestRestart(t *testing.T) {
	s, dir := start(t), filepath.Join(t.TempDir(), "discovery")
	p, stop := publisher(t, discovery.Options{Dir: dir})
	z := discovery.Zone{Name: zone, Server: at(s), Records: recordsOf(target, "1."+zone, "2."+zone)}
	p.Set([]discovery.Zone{z})
	has(t, s, line("1."+zone), line("2."+zone))
	stop()

	s.Clear()
	s.Put(line("1." + zone))
	p, _ = publisher(t, discovery.Options{Dir: dir})
	z.Records = recordsOf(target, "2."+zone)
	p.Set([]discovery.Zone{z})
	has(t, s, line("2."+zone))
}

// TestRefresh adds what the server has lost in the meantime.
func TestRefresh(t *testing.T) {
	s := start(t)
	p, _ := publisher(t, discovery.Options{})
	p.Set([]discovery.Zone{{Name: zone, Server: at(s), Refresh: 20 * time.Millisecond, Records: recordsOf(target, "1."+zone)}})
	has(t, s, line("1."+zone))
	s.Clear()
	has(t, s, line("1."+zone))
}

func TestExport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zone")
	p, _ := publisher(t, discovery.Options{})
	z := discovery.Zone{Name: zone, File: file, Records: recordsOf(target, "2."+zone, "1."+zone)}
	p.Set([]discovery.Zone{z})
	holds := func(want ...string) {
		t.Helper()
		eventually(t, "the file has the records", func() bool {
			text, err := os.ReadFile(file)
			if err != nil {
				return false
			}
			var lines []string
			for rr, err := range zoneLines(text) {
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, rr)
			}
			return slices.Equal(lines, want)
		})
	}
	holds(line("1."+zone), line("2."+zone))
	z.Records = recordsOf(target, "3."+zone)
	p.Set([]discovery.Zone{z})
	holds(line("3." + zone))
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := p.Status(zone)
	z.Records = recordsOf(target, "3."+zone)
	p.Set([]discovery.Zone{z})
	eventually(t, "it was looked at", func() bool { x, _ := p.Status(zone); return x.LastExport.After(first.LastExport) })
	if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
		t.Errorf("written again though nothing changed: %v", err)
	}
}

// TestExportOfOthers leaves files alone that have something else than records from here.
func TestExportOfOthers(t *testing.T) {
	for name, text := range map[string]string{"a key": "secret", "a zone": "; U-NAPTR records of somebody else, who has written a lot more than that about where they lead to\n"} {
		file := filepath.Join(t.TempDir(), "theirs")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := discovery.CheckFile(file); err == nil {
			t.Errorf("%s may be written over", name)
		}
		if _, err := discovery.Export(file, discovery.Text(nil)); err == nil {
			t.Errorf("%s is written over", name)
		}
		if is, err := os.ReadFile(file); err != nil || string(is) != text {
			t.Errorf("%s is %q now, %v", name, is, err)
		}
	}
	file := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{discovery.Text(nil), discovery.Text(recordsOf(target, "1."+zone))} {
		if written, err := discovery.Export(file, text); !written || err != nil {
			t.Errorf("its own file is not written: %v", err)
		}
	}
}

func TestExportFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	file := filepath.Join(dir, "zone")
	p, _ := publisher(t, discovery.Options{})
	p.Set([]discovery.Zone{{Name: zone, File: file, Records: recordsOf(target, "1."+zone)}})
	eventually(t, "an error", func() bool { x, _ := p.Status(zone); return x.ExportError != "" })
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is tried again", func() bool {
		x, _ := p.Status(zone)
		return x.ExportError == "" && !x.LastExport.IsZero()
	})
}
