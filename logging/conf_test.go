package logging

import (
	"strings"
	"testing"
)

func TestParseConf(t *testing.T) {
	text := `
# everything of the agent, requests apart
daemon,local1.notice;local0.none	-/var/log/alto.log
local0.=info;local0.!=debug /var/log/access.log
*.err;daemon.!crit   @192.0.2.1
*.panic @@[2001:db8::1]:1514
*.* @@logs.example.net
local0.warning /var/log/alto.log
`
	rules, err := ParseConf(text)
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		d                Destination
		daemon, requests uint8
	}
	wants := []want{
		{File{Path: "/var/log/alto.log", Mode: 0o640}, upTo(Notice), upTo(Warning)},
		{File{Path: "/var/log/access.log", Mode: 0o640}, 0, 1 << Informational},
		{Remote{Addr: "192.0.2.1:514"}, 1 << Error, upTo(Error)},
		{Remote{Transport: TCP, Addr: "[2001:db8::1]:1514"}, 1, 1},
		{Remote{Transport: TCP, Addr: "logs.example.net:601"}, 255, 255},
	}
	if len(rules) != len(wants) {
		t.Fatalf("%d rules, expected %d", len(rules), len(wants))
	}
	for i, w := range wants {
		r := rules[i]
		if r.Destination != w.d || r.Severities[Daemon] != w.daemon || r.Severities[Local0] != w.requests {
			t.Errorf("%s: %+v, daemon %08b, local0 %08b; expected %+v", r.Action, r.Destination, r.Severities[Daemon], r.Severities[Local0], w)
		}
	}
}

func TestParseConfErrors(t *testing.T) {
	for text, want := range map[string]string{
		"daemon.info":        "line 1: expected selectors",
		"\n\ndaemon /x":      "line 3: selector \"daemon\"",
		"demon.info /x":      "facility \"demon\"",
		"daemon.bad /x":      "priority \"bad\"",
		"*.* root,admin":     "action \"root,admin\"",
		"*.* |/dev/xconsole": "action",
		"*.* @":              "action",
		"*.* @h:0":           "no port",
		"*.* @h:x":           "no port",
		"*.* /a;template":    "action",
		strings.Repeat("*.* /x", 1) + "\n*.* :x:":    "line 2",
		"*.* @a\n" + "$ModLoad imuxsock":             "line 2: selector \"$ModLoad\"",
		"if $programname == 'altoamd' then /var/log": "line 1: selector \"if\"",
	} {
		if _, err := ParseConf(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected …%s…", text, err, want)
		}
	}
}

func FuzzParseConf(f *testing.F) {
	f.Add("daemon.info;*.!=err -/x\n# y\n*.* @@h:5")
	f.Add("*.none @[::1]:514")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ParseConf(text)
		if err != nil && rules != nil || len(rules) > maxRules {
			t.Errorf("%d rules and %v", len(rules), err)
		}
	})
}
