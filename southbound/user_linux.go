package southbound

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// sameUser tells whether the process at the other end of a Unix socket belongs to the user
// of this one (SO_PEERCRED of unix(7)); the error says whose it is.
func sameUser(conn net.Conn) error {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("a connection over %s, expected a Unix socket", conn.RemoteAddr().Network())
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return err
	}
	var peer *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return judgeUser(int(peer.Uid), os.Geteuid())
}

func judgeUser(peer, self int) error {
	if peer != self {
		return fmt.Errorf("the process at the other end of the socket belongs to user %d, expected %d", peer, self)
	}
	return nil
}

// writable tells whether this user may put files into a folder.
func writable(folder string) error {
	const write, search = 2, 1 // access(2)
	if err := syscall.Access(folder, write|search); err != nil {
		return &fs.PathError{Op: "access", Path: folder, Err: err}
	}
	return nil
}
