package crash_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/test/crash"
	"github.com/altoam/altoam/yang"
)

// killsEnv is the number of kills, 150 unless set; `make soak` asks for many more.
const killsEnv = "ALTOAM_KILLS"

// points are the steps of a commit at which a worker dies; at "" it is killed at a
// random time.
var points = []string{
	"", "bolt.begin", "", "bolt.written", "", "bolt.durable",
	"", "datastore.prepared", "", "datastore.persisted", "", "datastore.swapped",
}

// lanes run at the same time, each with a store of its own, which lasts for perStore kills.
const (
	lanes    = 3
	perStore = 60
)

// TestKill kills a process in the middle of its commits again and again. What it
// acknowledged is there, with at most the commits in flight besides; every commit
// that can be gone back to is exactly what it was; and the file is in order.
func TestKill(t *testing.T) {
	kills := 150
	if text := os.Getenv(killsEnv); text != "" {
		n, err := strconv.Atoi(text)
		must(t, err)
		kills = n
	}
	worker := build(t)
	schema, err := crash.Schema()
	must(t, err)
	for i := range lanes {
		t.Run(fmt.Sprint("lane", i), func(t *testing.T) {
			t.Parallel()
			l := &lane{T: t, worker: worker, schema: schema, rand: rand.New(rand.NewPCG(uint64(i), 1))}
			for n := range (kills + lanes - 1) / lanes {
				if n%perStore == 0 {
					l.fresh(n)
				}
				l.round(n)
			}
			l.whole()
			t.Logf("%d kills, %d of them between two steps of a commit, %d commits acknowledged, %d found that were in flight",
				l.kills, l.atPoints, l.acknowledged, l.inFlight)
			if l.acknowledged < kills/lanes {
				t.Errorf("only %d commits were acknowledged", l.acknowledged)
			}
		})
	}
}

// build compiles the worker with its failpoints.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker")
	if out, err := exec.Command("go", "build", "-tags", "failpoint", "-o", path, "./worker").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// lane is a store and what its commits left.
type lane struct {
	*testing.T
	worker string
	schema *yang.Schema
	rand   *rand.Rand
	path   string
	head   uint64            // after the last round
	prints map[uint64]string // by commit

	kills, atPoints, acknowledged, inFlight int
}

// fresh goes on with a new store, after a look at all of the old one.
func (l *lane) fresh(n int) {
	if l.path != "" {
		l.whole()
	}
	l.path = filepath.Join(l.TempDir(), fmt.Sprintf("%d.db", n))
	l.head, l.prints = 0, map[uint64]string{}
}

// round runs a worker until it dies and looks at what it left.
func (l *lane) round(n int) {
	l.Helper()
	point := points[n%len(points)]
	acknowledged := l.run(n, point)
	l.kills++
	l.acknowledged += acknowledged

	backend, err := bolt.Open(l.path)
	must(l, err)
	defer backend.Close()
	loader := persist.NewLoader(l.schema)
	state, err := backend.Load(context.Background(), func(r persist.Record) error {
		loader.Add(r)
		return nil
	})
	must(l, err)
	now, problems := loader.Tree()
	if len(problems) > 0 {
		l.Fatalf("round %d (%s): %v", n, point, problems)
	}
	more := int(state.Head.Revision-l.head) - acknowledged
	if more < 0 || more > crash.Writers {
		l.Fatalf("round %d (%s): head is %d, was %d; %d commits were acknowledged since", n, point, state.Head.Revision, l.head, acknowledged)
	}
	l.inFlight += more
	oldest := max(l.head, 3) - 2
	l.head = state.Head.Revision
	l.back(backend, now, oldest)
}

// back goes from running back to a commit and demands that each was what it was.
func (l *lane) back(backend *bolt.Store, at *tree.Tree, oldest uint64) {
	l.Helper()
	for n := l.head; n >= oldest && n > 0; n-- {
		print, err := crash.Fingerprint(at)
		must(l, err)
		if known, ok := l.prints[n]; ok && known != print {
			l.Fatalf("commit %d is %s, was %s when it was acknowledged", n, print, known)
		}
		l.prints[n] = print
		undo, err := backend.Undo(context.Background(), n)
		must(l, err)
		var problems []error
		if at, problems = persist.Apply(l.schema, at, undo); len(problems) > 0 {
			l.Fatalf("back from commit %d: %v", n, problems)
		}
	}
}

// whole looks at all of the file: its pages, checksums, and the digest of each commit.
func (l *lane) whole() {
	l.Helper()
	im, err := bolt.ReadImage(l.path)
	must(l, err)
	defer im.Close()
	problems := append(im.Problems, im.CheckPages()...)
	commits := uint64(0)
	im.Back(func(h persist.Head, whole bool) bool {
		commits++
		if !whole {
			problems = append(problems, fmt.Errorf("commit %d is not whole", h.Revision))
		}
		return true
	})
	if len(problems) > 0 || commits != l.head {
		l.Fatalf("%d of %d commits, %v", commits, l.head, problems)
	}
}

// run starts a worker, lets it die, and returns how many commits it acknowledged.
func (l *lane) run(n int, point string) (acknowledged int) {
	l.Helper()
	c := exec.Command(l.worker, l.path, strconv.Itoa(n))
	var errors bytes.Buffer
	c.Stderr = &errors
	patience := 20 * time.Second
	if point == "" {
		patience = time.Duration(l.rand.IntN(90)) * time.Millisecond
	} else {
		c.Env = append(os.Environ(), fmt.Sprintf("ALTOAM_FAILPOINT=%s:%d", point, 1+l.rand.IntN(12)))
		l.atPoints++
	}
	out, err := c.StdoutPipe()
	must(l, err)
	must(l, c.Start())
	kill := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	start := time.Now()
	for lines := bufio.NewScanner(out); lines.Scan(); acknowledged++ {
		var commit uint64
		var print string
		if _, err := fmt.Sscan(lines.Text(), &commit, &print); err != nil {
			break // the line was cut: it counts as not written
		}
		if len(print) != 24 {
			break
		}
		l.prints[commit] = print
	}
	_ = c.Wait() // it was killed
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	if kill.Stop(); !status.Signaled() || status.Signal() != syscall.SIGKILL {
		l.Fatalf("round %d (%s): the worker ended by itself: %v\n%s", n, point, c.ProcessState, errors.String())
	}
	if point != "" && time.Since(start) >= patience {
		l.Fatalf("round %d: the worker never came to %s", n, point)
	}
	return acknowledged
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
