package daemon

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// mask leaves new files to the user of the process alone, where nothing else is asked for.
const mask = 0o077

// Harden keeps the memory of this process from core dumps and from other processes of its
// user, keeps it and its children from rights by setuid files, and has files made for its
// user alone. It is called once, early: nothing of it can be taken back. The error joins
// what could not be had; the rest holds all the same.
func Harden() error {
	unix.Umask(mask)
	return errors.Join(
		call("core dumps cannot be switched off", unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})),
		call("memory cannot be hidden", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)),
		call("no_new_privs cannot be set", noNewPrivileges()),
	)
}

// noNewPrivileges holds for all threads. In a program that is linked with C they are not
// Go's to change: there it is for the service manager (see Held).
func noNewPrivileges() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno != 0 && !errors.Is(errno, unix.ENOTSUP) {
		return errno
	}
	return nil
}

func call(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// State is what holds for this process.
type State struct {
	Root          bool // it runs as the superuser
	CoreDumps     bool // its memory may be written to a file
	Dumpable      bool // other processes of its user may read its memory
	NewPrivileges bool // it may gain rights by executing a file
	Capabilities  bool // it has rights of the superuser to use
}

// Held tells what holds for this process.
func Held() State {
	s := State{Root: unix.Geteuid() == 0}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		s.CoreDumps = limit.Cur > 0
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	s.Dumpable = err != nil || dumpable != 0
	held, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	s.NewPrivileges = err != nil || held == 0
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	s.Capabilities = unix.Capget(&header, &data[0]) != nil || data[0].Effective|data[1].Effective != 0
	return s
}
