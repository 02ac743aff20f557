package main

import (
	"math"

	"golang.org/x/sys/unix"
)

// openFiles is how many files and sockets the process may have open; 0 where that is not
// known, or any number.
func openFiles() int {
	var most unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &most) != nil || most.Cur > math.MaxInt32 {
		return 0
	}
	return int(most.Cur)
}
