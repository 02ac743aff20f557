package logging

import (
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Rule is what a line of syslog.conf says.
type Rule struct {
	// Action is the text of the line that names the destination.
	Action string
	Selection
	Destination
}

// Names of syslog.conf(5), by number.
var (
	severityNames = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
	facilityNames = []string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "audit", "console", "cron2", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	severityAliases = map[string]string{"panic": "emerg", "error": "err", "warn": "warning"}
	facilityAliases = map[string]string{"security": "auth"}
)

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, bool) {
	if other, ok := severityAliases[name]; ok {
		name = other
	}
	i := slices.Index(severityNames, name)
	return Severity(max(0, i)), i >= 0
}

// ParseFacility reads the name of a facility.
func ParseFacility(name string) (Facility, bool) {
	if other, ok := facilityAliases[name]; ok {
		name = other
	}
	i := slices.Index(facilityNames, name)
	return Facility(max(0, i)), i >= 0
}

// confMode is the mode of files that syslog.conf names.
const confMode fs.FileMode = 0o640

// maxRules bounds the destinations of a file.
const maxRules = 64

// ParseConf reads rules in the form that the syslog.conf of BSD, sysklogd and rsyslog share:
// selectors, white space, and an action, which is an absolute path (with or without a hyphen
// before it), or @HOST[:PORT] for UDP, @@HOST[:PORT] for TCP. Rules with the same action are one.
// Lines that are empty or begin with a number sign are passed over. The error names the line.
func ParseConf(text string) ([]Rule, error) {
	var rules []Rule
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.IndexAny(line, " \t")
		if at < 0 {
			return nil, fmt.Errorf("line %d: expected selectors, white space, and an action", i+1)
		}
		r := Rule{Action: strings.TrimSpace(line[at:]), Selection: Selection{Kinds: 1<<kinds - 1}}
		var err error
		if err = r.Selection.parse(line[:at]); err == nil {
			r.Destination, err = parseAction(r.Action)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		same := slices.IndexFunc(rules, func(o Rule) bool { return o.Destination == r.Destination })
		if same < 0 {
			if len(rules) == maxRules {
				return nil, fmt.Errorf("line %d: more than %d destinations", i+1, maxRules)
			}
			rules = append(rules, r)
			continue
		}
		for f, v := range r.Severities {
			rules[same].Severities[f] |= v
		}
	}
	return rules, nil
}

// parse reads selectors: each narrows or widens what those before it say of its facilities.
func (s *Selection) parse(text string) error {
	for selector := range strings.SplitSeq(text, ";") {
		of, level, ok := strings.Cut(selector, ".")
		if !ok {
			return fmt.Errorf("selector %.40q is not FACILITY.PRIORITY", selector)
		}
		set, without, err := parsePriority(level)
		if err != nil {
			return err
		}
		for name := range strings.SplitSeq(of, ",") {
			f, known := ParseFacility(name)
			if !known && name != "*" {
				return fmt.Errorf("facility %.40q is not known", name)
			}
			for i := range s.Severities {
				switch {
				case name != "*" && Facility(i) != f:
				case without:
					s.Severities[i] &^= set
				default:
					s.Severities[i] |= set
				}
			}
		}
	}
	return nil
}

// parsePriority reads the severities of a selector, and whether they are taken away.
func parsePriority(text string) (set uint8, without bool, err error) {
	name, without := strings.CutPrefix(text, "!")
	name, exactly := strings.CutPrefix(name, "=")
	switch name {
	case "*":
		return 1<<8 - 1, without, nil
	case "none":
		return 1<<8 - 1, true, nil
	}
	v, known := ParseSeverity(name)
	switch {
	case !known:
		return 0, false, fmt.Errorf("priority %.40q is not known", name)
	case exactly:
		return 1 << v, without, nil
	}
	return upTo(v), without, nil
}

func parseAction(text string) (Destination, error) {
	if path := strings.TrimPrefix(text, "-"); strings.HasPrefix(path, "/") && !strings.ContainsAny(path, " \t;") {
		return File{Path: path, Mode: confMode}, nil
	}
	r, port := Remote{Transport: UDP}, PortUDP
	host, ok := strings.CutPrefix(text, "@")
	if rest, tcp := strings.CutPrefix(host, "@"); tcp {
		r.Transport, port, host = TCP, PortTCP, rest
	}
	if !ok || host == "" || strings.ContainsAny(host, " \t;()") {
		return nil, fmt.Errorf("action %.40q is none of a path, @HOST[:PORT] and @@HOST[:PORT]", text)
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 || h == "" {
			return nil, fmt.Errorf("action %q has no port from 1 to 65535", text)
		}
		host, port = h, int(n)
	}
	r.Addr = net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
	return r, nil
}
