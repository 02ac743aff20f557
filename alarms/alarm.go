package alarms

import "time"

// Severity is how bad something is (RFC 8632 Section 3.5.1).
type Severity uint8

// The severities, in rising order. Cleared is that of the end of an alarm.
const (
	Cleared Severity = iota
	Warning
	Minor
	Major
	Critical
)

var severityNames = [...]string{"cleared", "warning", "minor", "major", "critical"}

func (s Severity) String() string { return severityNames[s] }

// Key identifies an alarm: the resource that it is about and the type of alarm.
type Key struct{ Resource, Type string }

// Condition is something that is wrong at present.
type Condition struct {
	Key
	Severity Severity // not Cleared
	Text     string
}

// State is what an operator has made of an alarm.
type State uint8

// The states; a closed or acknowledged alarm is in state None again when it is raised
// anew.
const (
	None State = iota
	Acknowledged
	Closed
)

var stateNames = [...]string{"none", "ack", "closed"}

func (s State) String() string { return stateNames[s] }

// Change is a change of the status of an alarm.
type Change struct {
	Time     time.Time // unique within the alarm
	Severity Severity  // Cleared where it ended
	Text     string
}

// Action is what an operator did about an alarm.
type Action struct {
	Time     time.Time // unique within the alarm
	Operator string
	State    State
	Text     string
}

// Alarm is what is known of a condition, as of one moment. It is not modified any more:
// a change makes another one.
type Alarm struct {
	Key
	Created time.Time
	Raised  time.Time // the last time it was
	Changed time.Time // the last change of its status
	Active  bool      // not cleared
	// Severity is the last one, which stays when the alarm is cleared.
	Severity Severity
	Text     string
	Changes  []Change // newest first
	State    State
	Actions  []Action // newest first
}

// Event is a change of an alarm that someone may want to know of.
type Event struct {
	Alarm  Alarm   // after the change
	Change *Change // nil where it is an operator's
	Action *Action
}
