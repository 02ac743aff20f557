package daemon

import (
	"os"
	"slices"
	"strings"
)

// Variables of the environment that are for this process alone: its secrets, which begin
// with own, and what a service manager tells it.
const own = "ALTOAMD_"

var told = []string{
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
}

// Environment is what the processes that this one starts are told: all but what is for
// this process alone.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, own) || slices.Contains(told, name)
	})
}
