package datastore_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// crashFile names the store of the process that is to be killed.
const crashFile = "ALTOAM_CRASH_STORE"

// TestMain is also the process that TestKill kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		commitUntilKilled(path)
	}
	datastore.RetrySoon()
	os.Exit(m.Run())
}

// commitUntilKilled sets owner to 1, 2, 3 … and says each number once its commit is
// acknowledged.
func commitUntilKilled(path string) {
	t := &testing.T{}
	schema := dstest.Schema(t, house)
	backend, err := bolt.Open(path)
	check(err)
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend})
	check(err)
	check(s.Start(ctx, nil))
	f := &fixture{t, path, schema, s}
	x := s.NewSession(datastore.User{}, datastore.Source{})
	n, _ := strconv.Atoi(f.leaf(s.Running().Tree, "owner"))
	for {
		n++
		check(x.Edit(ctx, datastore.Running, f.merge("owner", strconv.Itoa(n)), datastore.EditOptions{}))
		fmt.Println(n)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestKill kills a process in the middle of its commits, again and again: what was
// acknowledged is there, and at most the commit in flight besides.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	last := 0
	for round := range 8 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), crashFile+"="+path)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		kill := time.AfterFunc(time.Duration(100+20*round)*time.Millisecond, func() { _ = c.Process.Kill() })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			if err != nil || n != last+1 {
				// The commit in flight at the last kill may have been made.
				if err != nil || n != last+2 {
					t.Fatalf("acknowledged %q after %d", lines.Text(), last)
				}
			}
			last = n
		}
		_ = c.Wait()
		kill.Stop()

		backend, err := bolt.Open(path)
		must(t, err)
		s, err := datastore.Open(datastore.Options{Schema: dstest.Schema(t, house), Backend: backend})
		must(t, err)
		must(t, s.Start(ctx, nil))
		f := &fixture{t, path, s.Schema(), s}
		got, _ := strconv.Atoi(f.leaf(s.Running().Tree, "owner"))
		if got != last && got != last+1 {
			t.Fatalf("round %d: running has %d, acknowledged %d", round, got, last)
		}
		must(t, backend.Close())
	}
	if last < 20 {
		t.Errorf("only %d commits were tried", last)
	}
}
