package agent

import (
	"os"
	"path/filepath"
	"sync"
)

// keeping is where the agent remembers something beyond a restart.
type keeping struct {
	dir    string // "": nowhere
	mu     sync.Mutex
	failed string // why the last attempt failed, "" where it did not. Guarded by mu.
}

// alarmFile is the name of the file with the list of alarms.
const alarmFile = "alarms.json"

// loadAlarms goes on with the alarms of before a restart. A file that cannot be read is
// left out, and replaced at the next change.
func (a *Agent) loadAlarms() {
	if a.kept.dir == "" {
		return
	}
	if err := a.alarms.Load(filepath.Join(a.kept.dir, alarmFile), append(watched, alarmProbe)); err != nil {
		a.log.Error("the alarms of before the restart are lost", "error", err)
	}
}

// saveAlarms keeps the list of alarms where it has changed. A failure is logged once.
func (a *Agent) saveAlarms() {
	k := &a.kept
	if k.dir == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	err := os.MkdirAll(k.dir, 0o700)
	if err == nil {
		err = a.alarms.Save(filepath.Join(k.dir, alarmFile))
	}
	if err == nil {
		k.failed = ""
		return
	}
	if again := k.failed == err.Error(); !again {
		a.log.Error("the alarms cannot be kept, a restart forgets them", "error", err)
	}
	k.failed = err.Error()
}
