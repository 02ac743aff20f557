package southbound

import (
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// TestOtherUser has a socket of this user at the other end, and of another one.
func TestOtherUser(t *testing.T) {
	same, err := connectedAs(t, os.Geteuid())
	if err == nil {
		err = sameUser(same)
	}
	if err != nil {
		t.Error(err)
	}
	other, err := connectedAs(t, 4711)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) { // who is not root, or alone in a user namespace
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := sameUser(other); err == nil || !contains(err.Error(), "user 4711") {
		t.Errorf("another user at the socket: %v", err)
	}
}

// connectedAs is one end of a pair of Unix sockets that a thread of the user has made. The
// error is that of who cannot become the user.
func connectedAs(t *testing.T, uid int) (net.Conn, error) {
	t.Helper()
	type pair struct {
		fds [2]int
		err error
	}
	made := make(chan pair)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		var p pair
		const same = ^uintptr(0)
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, same, uintptr(uid), same); errno != 0 {
			p.err = errno
		} else {
			p.fds, p.err = syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		}
		made <- p
	}()
	p := <-made
	if p.err != nil {
		return nil, p.err
	}
	other, end := os.NewFile(uintptr(p.fds[0]), "other"), os.NewFile(uintptr(p.fds[1]), "end")
	defer end.Close()
	t.Cleanup(func() { other.Close() })
	c, err := net.FileConn(end)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, nil
}
