package listeners

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// share lets sockets that are bound from now on have an address that overlaps that of c
// if they are shared too, and of the same user; or no longer.
func share(c syscall.RawConn, on bool) error {
	value := 0
	if on {
		value = 1
	}
	var err error
	if failed := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, value)
	}); failed != nil {
		return failed
	}
	return err
}
