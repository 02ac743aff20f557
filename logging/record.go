package logging

import "time"

// Kind is what a record is about.
type Kind uint8

const (
	// Access is a request of an ALTO client.
	Access Kind = iota
	// Event is something that the agent tells.
	Event
	// Change is a change of configuration.
	Change
	// Audit is a record of the audit.
	Audit
	kinds = iota
)

var kindNames = [kinds]string{"access", "event", "change", "audit"}

func (k Kind) String() string { return kindNames[k] }

// ParseKind is the opposite of String.
func ParseKind(name string) (k Kind, ok bool) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// facility is that of records of a kind unless their target has one.
func (k Kind) facility() Facility { return [kinds]Facility{Local0, Daemon, Local1, LogAudit}[k] }

// Severity is that of RFC 5424 Section 6.2.1: less is worse.
type Severity uint8

// The severities.
const (
	Emergency Severity = iota
	Alert
	Critical
	Error
	Warning
	Notice
	Informational
	Debug
)

// Facility is that of RFC 5424 Section 6.2.1.
type Facility uint8

// The facilities that records have unless their target has one.
const (
	Daemon   Facility = 3
	LogAudit Facility = 13
	Local0   Facility = 16
	Local1   Facility = 17
)

// facilities is the number of facilities.
const facilities = 24

// Record is what is logged. It does not change once it is.
type Record struct {
	Time     time.Time
	Kind     Kind
	Severity Severity
	Message  string
	Params   []Param
}

// Param is a value with a name: a structured data parameter (RFC 5424 Section 6.3.3).
type Param struct{ Name, Value string }

// Selection tells which records a target wants: for each kind, as a bit set, and for each
// facility the severities, as a bit set.
type Selection struct {
	Kinds      uint8
	Severities [facilities]uint8
}

// Select is a selection of records of some kinds, all without any, that are at least as bad
// as least.
func Select(least Severity, of ...Kind) (s Selection) {
	for _, k := range of {
		s.Kinds |= 1 << k
	}
	if len(of) == 0 {
		s.Kinds = 1<<kinds - 1
	}
	for f := range s.Severities {
		s.Severities[f] = upTo(least)
	}
	return s
}

// upTo is the set of the severities that are at least as bad as least.
func upTo(least Severity) uint8 { return uint8(1<<(least+1) - 1) }

func (s *Selection) wants(k Kind, f Facility, v Severity) bool {
	return s.Kinds&(1<<k) != 0 && s.Severities[f]&(1<<v) != 0
}
