package trail

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
)

const victimEnv = "ALTOAM_AUDIT_VICTIM"

// TestVictim is the process that TestKills kills: it says which commits it was told of.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimEnv)
	if dir == "" {
		return
	}
	g := start(t, dir, newSchema(t), nil)
	go g.trail.Run(ctx)
	x := g.as("root")
	fmt.Println("begins")
	for i := range 1 << 20 {
		check(t, g.owner(x, strconv.Itoa(i)))
		fmt.Println("commit", g.Running().Head.Revision)
		_ = g.merge(x, datastore.Candidate, fmt.Sprintf(`{"vault:vault": {"owner": "c%d"}}`, i), datastore.EditOptions{})
	}
}

// TestKills kills a program again and again: what it was told is done is on record, nothing is
// twice, and the record is never taken for altered.
func TestKills(t *testing.T) {
	if os.Getenv(victimEnv) != "" {
		return
	}
	dir := t.TempDir()
	told := map[uint64]bool{}
	for range 5 {
		victim := exec.Command(os.Args[0], "-test.run", "^TestVictim$")
		victim.Env = append(os.Environ(), victimEnv+"="+dir)
		out, err := victim.StdoutPipe()
		check(t, err)
		check(t, victim.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "begins" {
		}
		time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { _ = victim.Process.Kill() })
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "commit "); ok {
				revision, err := strconv.ParseUint(n, 10, 64)
				check(t, err)
				told[revision] = true
			}
		}
		_ = victim.Wait()
		if key, err := audit.ReadKey(filepath.Join(dir, KeyFile)); err == nil {
			r, err := audit.Verify(ctx, filepath.Join(dir, Folder), key, nil)
			if check(t, err); len(r.Findings) > 0 {
				t.Fatalf("before a restart: %v", r.Findings)
			}
		}
	}
	g := start(t, dir, newSchema(t), nil)
	newest := g.Running().Head.Revision
	g.close()
	count := map[uint64]int{}
	for _, r := range records(t, dir) {
		if r.What == audit.Damage {
			t.Errorf("%+v", r)
		}
		if r.What == audit.Commit {
			count[r.Commit]++
		}
	}
	for n := uint64(1); n <= newest; n++ {
		if count[n] != 1 {
			t.Errorf("commit %d is on record %d times", n, count[n])
		}
	}
	if uint64(len(count)) != newest || len(told) == 0 {
		t.Errorf("%d commits are on record, %d in the store, %d were told", len(count), newest, len(told))
	}
}

// TestRecovered demands that commits which are in the history only come to the record at the
// start, as after a loss of power.
func TestRecovered(t *testing.T) {
	dir := t.TempDir()
	g := start(t, dir, newSchema(t), nil)
	folder, aside := filepath.Join(dir, Folder), filepath.Join(dir, "aside")
	g.close()
	check(t, os.CopyFS(aside, os.DirFS(folder)))
	g = start(t, dir, g.schema, nil)
	check(t, g.owner(g.as("root"), "p"))
	check(t, g.owner(g.as("root"), "q"))
	g.close()
	check(t, os.RemoveAll(folder))
	check(t, os.Rename(aside, folder))
	g = start(t, dir, g.schema, nil)
	g.close()
	var found []string
	for _, r := range records(t, dir) {
		if r.Recovered {
			found = append(found, fmt.Sprint(r.Commit, r.User, r.Address, *r.Changes[0].New))
		}
	}
	if got, want := fmt.Sprint(found), "[2root192.0.2.7p 3root192.0.2.7q]"; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	g = start(t, dir, g.schema, nil)
	g.close()
	records(t, dir)
}

// TestCommitsOfTheStart demands a record of what a start changes by itself: modules are gone, and
// what was stored of them.
func TestCommitsOfTheStart(t *testing.T) {
	dir := t.TempDir()
	more := dstest.Schema(t, vault, `module more { yang-version 1.1; namespace "urn:more"; prefix m; leaf more { type string; } }`)
	g := start(t, dir, more, nil)
	check(t, g.merge(g.as("root"), datastore.Running, `{"more:more": "x"}`, datastore.EditOptions{}))
	g.close()
	g = start(t, dir, newSchema(t), nil)
	newest := g.Running().Head.Revision
	g.close()
	all := records(t, dir)
	r := all[len(all)-2]
	if r.What != audit.Commit || r.Kind != "recover" || r.Commit != newest || r.User != system || !r.Recovered {
		t.Errorf("%+v", r)
	}
}
