//go:build !linux

package daemon

// Harden does nothing where the system is not Linux.
func Harden() error { return nil }

// State is what holds for this process.
type State struct{ Root, CoreDumps, Dumpable, NewPrivileges, Capabilities bool }

// Held tells nothing of a system that is not Linux.
func Held() State { return State{} }
