package daemon

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// What a service manager is told (sd_notify(3)).
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	alive    = "WATCHDOG=1"
)

// Notify tells the service manager that started this process, and waits for such words, in
// which state it is. Without one it does nothing.
func Notify(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("service manager: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(state)); err != nil {
		return fmt.Errorf("service manager: %w", err)
	}
	return nil
}

// Watchdog tells the service manager that this process is alive, twice in the time that it
// gives, until ctx ends. Each time works is asked first: as long as it does not return,
// nothing is told, and the service manager starts the process anew. Without a watchdog it
// returns at once.
func Watchdog(ctx context.Context, works func()) {
	every, ok := watchdogTime()
	if !ok {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			works()
			_ = Notify(alive) // who does not hear it acts
		}
	}
}

// watchdogTime is how long the service manager waits for a word, if it does for those of
// this process (sd_watchdog_enabled(3)).
func watchdogTime() (time.Duration, bool) {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0, false
	}
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us < 2 || us > int64(24*time.Hour/time.Microsecond) {
		return 0, false
	}
	return time.Duration(us) * time.Microsecond, true
}
