//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// env names the point to die at and the pass to die in: "name:count".
const env = "ALTOAM_FAILPOINT"

var (
	target string
	left   atomic.Int64
)

func init() {
	text := os.Getenv(env)
	if text == "" {
		return
	}
	name, count, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		panic(fmt.Sprintf("%s=%q: want NAME:COUNT", env, text))
	}
	target = name
	left.Store(n)
}

// At kills the process with SIGKILL when this is the point and the pass that
// ALTOAM_FAILPOINT names.
func At(name string) {
	if name != target || left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
