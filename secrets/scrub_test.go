package secrets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// scrubFolder names the folder of the stores that the process which is to be killed starts
// with.
const scrubFolder = "ALTOAM_SCRUB_FOLDER"

// TestMain is also the process that TestScrubKilled kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(scrubFolder); dir != "" {
		t := &testing.T{}
		if _, err := open(t, filepath.Join(dir, "v.db"), withStartup(t, filepath.Join(dir, "startup.db")), first); err != nil || t.Failed() {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// inTheClear is a folder as a program without keys has left it: secrets in running, startup,
// the history and free pages.
func inTheClear(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	backends := []*datastore.Options{}
	v, err := open(t, filepath.Join(dir, "v.db"), func(o *datastore.Options) {
		withStartup(t, filepath.Join(dir, "startup.db"))(o)
		backends = append(backends, o)
	})
	must(t, err)
	for n := range 40 {
		must(t, v.merge(fmt.Sprintf(`{"safe:safe":{"note":"open-canary","box":[{"name":"b%d","cleartext-password":"word-canary %d"}]}}`, n, n)))
	}
	must(t, v.merge(content))
	must(t, v.session().Copy(ctx, datastore.Running, datastore.Startup, datastore.EditOptions{}))
	must(t, v.merge(`{"safe:safe":{"code":"another code-canary","note":"open-canary"}}`))
	for _, o := range backends {
		must(t, o.Backend.Close())
		must(t, o.Startup.Close())
	}
	return dir
}

// octets is all that is in the files of a folder.
func octetsIn(t *testing.T, dir string) (names []string, all []byte) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			must(t, err)
			names, all = append(names, d.Name()), append(all, text...)
		}
		return err
	}))
	return names, all
}

// scrubbed demands that a start over dir leaves no secret in clear, and all that was there.
func scrubbed(t *testing.T, dir string) {
	t.Helper()
	w, err := open(t, filepath.Join(dir, "v.db"), withStartup(t, filepath.Join(dir, "startup.db")), first)
	must(t, err)
	names, all := octetsIn(t, dir)
	w.noneIn(strings.Join(names, " "), string(all))
	if len(names) != 2 {
		t.Errorf("there are %v", names)
	}
	for _, ds := range []datastore.Datastore{datastore.Running, datastore.Startup} {
		if got := sealer(t, first).Keys(w.Snapshot(ds).Tree); got[sealer(t, first).KeyID()] != 44 || len(got) != 1 {
			t.Errorf("%s has %v", ds, got)
		}
	}
	must(t, w.merge(`{"safe:safe":{"note":"open-canary 2"}}`))
	must(t, w.session().Rollback(ctx, w.revision()-1, datastore.EditOptions{}))
}

// TestScrubbed: secrets that were stored in clear are nowhere in the files after the first
// start that seals, also where an attempt before has left half of a file.
func TestScrubbed(t *testing.T) {
	dir := inTheClear(t)
	if _, all := octetsIn(t, dir); bytes.Count(all, []byte("word-canary")) < 100 {
		t.Fatal("there is nothing to scrub")
	}
	for _, name := range []string{"v.db", "startup.db"} {
		must(t, os.WriteFile(filepath.Join(dir, name+".new"), bytes.Repeat([]byte("code-canary "), 3000), 0o600))
	}
	scrubbed(t, dir)
}

// TestScrubKilled kills the first start that seals at any moment; the next one finishes.
func TestScrubKilled(t *testing.T) {
	start := func(dir string, patience time.Duration) time.Duration {
		t.Helper()
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), scrubFolder+"="+dir)
		begun := time.Now()
		must(t, c.Start())
		kill := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
		defer kill.Stop()
		if err := c.Wait(); err != nil && patience == time.Minute {
			t.Fatal(err)
		}
		return time.Since(begun)
	}
	took := start(inTheClear(t), time.Minute)
	const rounds = 10
	for n := range rounds {
		dir := inTheClear(t)
		start(dir, took*time.Duration(n+1)/rounds)
		scrubbed(t, dir)
	}
}

// TestScrubbedHistory: secrets that were deleted before the first start that seals are in no
// commit and no page of the file any more; a history without them stays.
func TestScrubbedHistory(t *testing.T) {
	for name, c := range map[string]struct {
		first string
		kept  bool
	}{
		"secrets":    {content, false},
		"no secrets": {`{"safe:safe":{"note":"another","plain":[{"name":"word-canary"}]}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t)
			must(t, v.merge(c.first))
			left, err := edit.Apply(tree.New(schema().Root), v.edit(edit.Merge, `{"safe:safe":{"note":"open-canary"}}`), edit.Options{})
			must(t, err)
			must(t, v.session().Replace(ctx, datastore.Running, left, datastore.EditOptions{}))
			v.ofBefore(t)
			w, err := open(t, v.path+"2", nil, first)
			must(t, err)
			if _, err := w.At(ctx, 1); (err == nil) != c.kept {
				t.Errorf("the first commit: %v, kept %v", err, c.kept)
			}
			data, err := os.ReadFile(v.path + "2")
			must(t, err)
			if !c.kept {
				w.noneIn("the file", string(data))
			} else if !bytes.Contains(data, []byte("word-canary")) {
				t.Error("the file was written anew")
			}
		})
	}
}

// noReturn is a participant that refuses each change after the start to a note of
// "open-canary".
type noReturn struct{}

func (noReturn) Name() string { return "no-return" }

func (noReturn) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	if box := c.New.Root().Child(schema().Find("/safe:safe")); !c.Resumed && box != nil && box.Leaf("note").String() == "open-canary" {
		return nil, errors.New("not now")
	}
	return noReturn{}, nil
}

func (noReturn) Apply() {}
func (noReturn) Abort() {}

// TestScrubWaits: as long as a confirmed commit cannot be taken back, what leads back from it
// is kept, secrets in clear or not; the next start removes them.
func TestScrubWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.db")
	v, err := open(t, path, nil)
	must(t, err)
	must(t, v.merge(`{"safe:safe":{"note":"open-canary"}}`))
	x := v.session()
	must(t, x.Edit(ctx, datastore.Candidate, v.edit(edit.Merge, content), datastore.EditOptions{}))
	must(t, x.Edit(ctx, datastore.Candidate, v.edit(edit.Merge, `{"safe:safe":{"note":"after"}}`), datastore.EditOptions{}))
	must(t, x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Timeout: time.Hour, Persist: "p"}}))
	base := v.Pending().Base
	restarted := func(n int, add ...datastore.Participant) (*vault, *bolt.Store) {
		data, err := os.ReadFile(path)
		must(t, err)
		path = fmt.Sprint(v.path, n)
		must(t, os.WriteFile(path, data, 0o600))
		backend, err := bolt.Open(path)
		must(t, err)
		s, err := datastore.Open(datastore.Options{Schema: schema(), Backend: backend, Sealer: sealer(t, first)})
		must(t, err)
		for _, p := range add {
			s.AddParticipant(p)
		}
		must(t, s.Start(ctx, nil))
		return &vault{t, s, path}, backend
	}
	w, backend := restarted(2, noReturn{})
	if w.Pending() == nil {
		t.Fatal("the confirmed commit was taken back")
	}
	if _, err := w.At(ctx, base); err != nil {
		t.Errorf("nothing leads back: %v", err)
	}
	must(t, backend.Close())
	w, backend = restarted(3)
	defer backend.Close()
	if got := w.Running().Tree.Root().Child(schema().Find("/safe:safe")).Leaf("note").String(); got != "open-canary" || w.Pending() != nil {
		t.Errorf("note is %q, waiting %v", got, w.Pending())
	}
	data, err := os.ReadFile(path)
	must(t, err)
	w.noneIn("the file", string(data))
}

// resealCounter counts the looks at all secrets of a tree.
type resealCounter struct {
	datastore.Sealer
	count int
}

func (c *resealCounter) Reseal(t *tree.Tree) (*tree.Tree, int, int, error) {
	c.count++
	return c.Sealer.Reseal(t)
}

// TestHistoryLookedThroughOnce: a start with other modules looks at what the commits changed,
// and not at all secrets for each.
func TestHistoryLookedThroughOnce(t *testing.T) {
	v := newVault(t, first)
	must(t, v.merge(content))
	const commits = 30
	for n := range commits {
		must(t, v.merge(fmt.Sprintf(`{"safe:safe":{"note":"%d"}}`, n)))
	}
	v.ofBefore(t)
	c := &resealCounter{Sealer: sealer(t, first)}
	_, err := open(t, v.path+"2", func(o *datastore.Options) { o.Sealer = c })
	must(t, err)
	if c.count >= commits {
		t.Errorf("all secrets were looked at %d times for %d commits", c.count, commits)
	}
}

// TestOneSecretSealed: the comment of the commit counts as one does.
func TestOneSecretSealed(t *testing.T) {
	v := newVault(t, second)
	must(t, v.merge(`{"safe:safe":{"code":"x"}}`))
	data, err := os.ReadFile(v.path)
	must(t, err)
	must(t, os.WriteFile(v.path+"2", data, 0o600))
	w, err := open(t, v.path+"2", nil, first, second)
	must(t, err)
	if got := w.Running().Head.Comment; got != "1 secret sealed" {
		t.Errorf("comment %q", got)
	}
}

// ofBefore copies the store to path+"2", as one that had other modules.
func (v *vault) ofBefore(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(v.path)
	must(t, err)
	must(t, os.WriteFile(v.path+"2", data, 0o600))
	older, err := bolt.Open(v.path + "2")
	must(t, err)
	must(t, older.Commit(ctx, persist.Txn{Base: v.revision(), Modules: []string{"safe@2026-01-01"}}))
	must(t, older.Close())
}
