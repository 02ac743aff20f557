package logging

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// message is the grammar of RFC 5424 Section 6.
var message = regexp.MustCompile(`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32})` +
	` (-|(?:\[[^\s=\]"]{1,32}(?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*\])+)(?: ([^\x00-\x1f\x7f]*))?$`)

var header = Header{Hostname: "host.example.net", AppName: "altoamd", ProcID: 8, Enterprise: 32473}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 3000, time.UTC)

func TestAppendRFC5424(t *testing.T) {
	auth := Facility(4)
	for _, c := range []struct {
		name   string
		header Header
		record Record
		want   string
	}{
		{
			"a request", header,
			Record{noon, Access, Informational, "GET /x 200", []Param{{"status", "200"}, {"path", `/a"b\c]d`}}},
			`<134>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 access [access@32473 status="200" path="/a\"b\\c\]d"] GET /x 200`,
		},
		{"no parameters", header, Record{noon, Event, Error, "it ends", nil}, `<27>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 event - it ends`},
		{"no text", header, Record{noon, Change, Notice, "", nil}, `<141>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 change -`},
		{"a facility", Header{Facility: &auth}, Record{noon, Change, Notice, "x", nil}, `<37>1 2026-11-22T12:00:00.000003Z - - 0 change - x`},
		{
			"lines", header,
			Record{noon, Event, Debug, "a\nb\x7f", []Param{{"a b=c", "\x00\x1b"}}},
			`<31>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 event [event@32473 a_b_c="#000#033"] a#012b#177`,
		},
		{"UTF-8", header, Record{noon, Event, Debug, "é", nil}, "<31>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 event - \xef\xbb\xbfé"},
		{"no UTF-8", header, Record{noon, Event, Debug, "x", []Param{{"", "\xff"}}}, "<31>1 2026-11-22T12:00:00.000003Z host.example.net altoamd 8 event [event@32473 -=\"�\"] x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(AppendRFC5424(nil, &c.header, &c.record))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if !message.MatchString(got) {
				t.Errorf("%q is no message of RFC 5424", got)
			}
		})
	}
}

// TestBounds demands that no record makes a message of any length.
func TestBounds(t *testing.T) {
	r := Record{Time: noon, Message: strings.Repeat("é", 1<<16)}
	for range 1000 {
		r.Params = append(r.Params, Param{strings.Repeat("n", 100), strings.Repeat("\x01", 1<<16)})
	}
	got := AppendRFC5424(nil, &header, &r)
	if most := maxParams*(4*maxValue+40) + maxMessage + 300; len(got) > most || !message.Match(got) {
		t.Errorf("%d octets, at most %d; %.200s", len(got), most, got)
	}
	if udp := (Remote{Transport: UDP}).append(nil, &header, &r); len(udp) > maxDatagram {
		t.Errorf("a datagram of %d octets", len(udp))
	}
}

func TestOtherForms(t *testing.T) {
	r := Record{noon, Access, Warning, "GET /x 500", []Param{{"user", "a b"}, {"bytes", "0"}, {"none", ""}}}
	local := string(Socket{}.append(nil, &header, &r))
	if want := regexp.MustCompile(`^<132>[A-Z][a-z]{2} [ \d]\d \d\d:00:00 altoamd\[8\]: GET /x 500 user="a b" bytes=0 none=""$`); !want.MatchString(local) {
		t.Errorf("local syslog: %q", local)
	}
	journal := string(Journal{}.append([]byte("x=y\n"), &header, &r))
	want := "x=y\nMESSAGE=GET /x 500 user=\"a b\" bytes=0 none=\"\"\nPRIORITY=4\nSYSLOG_FACILITY=16\nSYSLOG_IDENTIFIER=altoamd\nSYSLOG_PID=8\nALTOAM_KIND=access\n" +
		"ALTOAM_USER=a b\nALTOAM_BYTES=0\nALTOAM_NONE=\n"
	if journal != want {
		t.Errorf("journal:\n%s\nwant\n%s", journal, want)
	}
	if tcp := string(Remote{Transport: TCP}.append(nil, &header, &Record{Time: noon, Kind: Event})); !strings.HasPrefix(tcp, "68 <24>1 ") || len(tcp) != 71 {
		t.Errorf("octet counting: %q has %d octets", tcp, len(tcp))
	}
}

func FuzzAppendRFC5424(f *testing.F) {
	f.Add("host", "text\n", "name", "value]")
	f.Add("", "\xff", "=", `\"`)
	f.Fuzz(func(t *testing.T, host, text, name, value string) {
		h := header
		h.Hostname = host
		got := AppendRFC5424(nil, &h, &Record{Time: noon, Message: text, Params: []Param{{name, value}, {value, name}}})
		if !message.Match(got) {
			t.Errorf("%q is no message of RFC 5424", got)
		}
	})
}
