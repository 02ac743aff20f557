package agent

import (
	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alarms"
)

// logConditions tells which targets of the log cannot be written to: those that are
// configured, and those of the file of syslog-params, each by itself.
func (a *Agent) logConditions(w *world) (list []alarms.Condition) {
	if a.router == nil {
		return nil
	}
	configured := make(map[string]string) // paths by name
	if w.server != nil {
		if system := below(w.server, "logging-system"); system != nil {
			if s := system.Schema().Child(loggingModule, "target"); s != nil {
				for n := range system.Entries(s) {
					configured[keyOf(n)] = loggingPath + "/" + driver.Entry(loggingModule+":target", "name", keyOf(n))
				}
			}
		}
	}
	for _, t := range a.router.Targets() {
		s := t.Status()
		if s.Up || s.Since.IsZero() { // nothing had to be written yet
			continue
		}
		at, ok := configured[t.Name]
		if !ok {
			at = loggingPath + "/syslog-params/" + driver.Entry(loggingModule+":destination", "action", printable(t.Name))
		}
		list = append(list, condition(at, alarmLog, alarms.Major, "the log cannot be written to %s, %d records are lost: %s", t.Name, s.Dropped, s.LastError))
	}
	return list
}
