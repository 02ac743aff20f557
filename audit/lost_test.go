package audit

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLostBeforeTheEnd has no room for records, as on a full disk, until the process is killed:
// the next start tells how many were lost, once.
func TestLostBeforeTheEnd(t *testing.T) {
	for _, told := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "audit")
		now := time.Now()
		l := openLog(t, dir, func(o *Options) { o.Now = func() time.Time { return now } }) // names are not looked at again
		appendSome(t, l, 0, 3)
		full(t, l, func() {
			for range 5 {
				if l.Append(&Record{What: Refusal, User: "user"}, &Record{What: RPC, User: "user"}) == nil {
					t.Fatal("a record was written without room for it")
				}
				if l.Append(&Record{What: Lost, Count: 2}) == nil { // as who appends tries to tell
					t.Fatal("a record was written without room for it")
				}
			}
		})
		if told {
			check(t, l.Append(&Record{What: Lost, Count: 10}))
		}
		next := openLog(t, dir, func(o *Options) { o.KeyIsOld = true })
		appendSome(t, next, 3, 2)
		check(t, next.Close())
		last := openLog(t, dir, func(o *Options) { o.KeyIsOld = true })
		appendSome(t, last, 5, 1)
		var counts []uint64
		_, err := Verify(context.Background(), dir, testKey, func(r *Record) {
			if r.What == Lost {
				counts = append(counts, r.Count)
			}
		})
		if check(t, err); !slices.Equal(counts, []uint64{10}) {
			t.Errorf("told by who lost them: %v; lost: %v, expected 10 once", told, counts)
		}
		mustBeClean(t, dir)
	}
}

// full runs f while the newest file cannot grow: what is written to it goes to a full device.
func full(t *testing.T, l *Log, f func()) {
	t.Helper()
	fd := int(l.file.Fd())
	kept, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	check(t, err)
	device, err := unix.Open("/dev/full", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	check(t, err)
	check(t, unix.Dup3(device, fd, unix.O_CLOEXEC))
	size := l.size
	l.size = 0 // that of a device
	f()
	l.size = size
	check(t, unix.Dup3(kept, fd, unix.O_CLOEXEC))
	check(t, unix.Close(kept))
	check(t, unix.Close(device))
}
