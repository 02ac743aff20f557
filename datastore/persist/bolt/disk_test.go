package bolt_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// fullDisk names the store of the child process that fills its disk.
const fullDisk = "ALTOAM_FULL_DISK"

func TestMain(m *testing.M) {
	if path := os.Getenv(fullDisk); path != "" {
		if err := fillDisk(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fillDisk limits the size of files and commits until that is refused; then it makes
// room and goes on.
func fillDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := bolt.Open(path)
	if err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 300 << 10, Max: 1 << 30}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	n := uint64(0)
	for ; err == nil; n++ {
		if n > 100 {
			return fmt.Errorf("100 commits fit into the limit")
		}
		err = commit(s, n, put(fmt.Sprintf("/%d", n), strings.Repeat("x", 20000)))
	}
	n--
	fmt.Println("refused:", err)
	for range 3 { // again and again
		if err := commit(s, n, put("/big", strings.Repeat("x", 1<<20))); err == nil {
			return fmt.Errorf("a commit beyond the limit was made")
		}
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := commit(s, n, put("/big", strings.Repeat("y", 1<<20))); err != nil {
		return fmt.Errorf("after there was room again: %w", err)
	}
	fmt.Println("acknowledged:", n+1)
	return s.Close()
}

// TestFullDisk: a commit that finds no room is refused, those before and after it
// are kept.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), fullDisk+"="+path)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("refused: write "+path)) {
		t.Errorf("the refusal does not name the file:\n%s", out)
	}
	s := open(t, path)
	defer s.Close()
	state, got := load(t, s)
	if want := fmt.Sprintf("acknowledged: %d\n", state.Head.Revision); !bytes.Contains(out, []byte(want)) {
		t.Errorf("head is %d after\n%s", state.Head.Revision, out)
	}
	if uint64(len(got)) != state.Head.Revision || !strings.HasPrefix(got["/big"], "y") {
		t.Errorf("%d records after %d commits", len(got), state.Head.Revision)
	}
}

// TestDiskTurnsReadOnly: commits are refused while the disk takes no writes, and made
// again after; reading goes on.
func TestDiskTurnsReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	var file *os.File
	flags := os.O_RDWR
	s, err := bolt.OpenWith(path, func(name string, _ int, mode os.FileMode) (f *os.File, err error) {
		f, err = os.OpenFile(name, flags, mode)
		file = f
		return f, err
	})
	must(t, err)
	defer s.Close()
	must(t, commit(s, 0, put("/a", "1")))
	_, want := load(t, s)

	flags = os.O_RDONLY
	readOnly, err := os.Open(path)
	must(t, err)
	must(t, syscall.Dup3(int(readOnly.Fd()), int(file.Fd()), syscall.O_CLOEXEC))
	must(t, readOnly.Close())
	for range 3 {
		if err := commit(s, 1, put("/a", "2")); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("commit to a read-only file: %v", err)
		}
	}
	flags = os.O_RDWR
	must(t, commit(s, 1, put("/b", "3")))
	if state, got := load(t, s); state.Head.Revision != 2 || got["/a"] != want["/a"] || got["/b"] != "3" {
		t.Errorf("after the disk came back: %+v %v", state.Head, got)
	}
}

// TestReadOnlyFile: a store that cannot be written is refused with its name, and so
// is one that cannot be made. Neither root nor anybody else can write there.
func TestReadOnlyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	must(t, open(t, path).Close())
	s, err := bolt.OpenWith(path, func(name string, _ int, mode os.FileMode) (*os.File, error) {
		return os.OpenFile(name, os.O_RDONLY, mode)
	})
	must(t, err) // reading is possible
	if err := commit(s, 0, put("/a", "1")); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("commit to a read-only file: %v", err)
	}
	s.Close()
	if _, err := bolt.Open("/proc/s.db"); err == nil || !strings.Contains(err.Error(), "/proc/s.db") {
		t.Errorf("a file in a folder that takes none: %v", err)
	}
}

// TestRefusedCommitIsUndone: when a commit fails although its transaction is in the
// file – the last sync failed – the next one finds that out and undoes it.
func TestRefusedCommitIsUndone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, s.Commit(ctx, persist.Txn{Commits: []persist.Commit{
		{Head: persist.Head{Revision: 1, User: "u"}, Records: []persist.Record{put("/", "old"), put("/a", "1")}},
	}, Pending: &persist.Pending{Base: 1}, Modules: []string{"m"}}))
	wantState, want := load(t, s)
	must(t, s.CommitRefused(ctx, persist.Txn{Base: 1, Commits: []persist.Commit{
		{Head: persist.Head{Revision: 2}, Records: []persist.Record{put("/", "new"), {Key: "/a"}, put("/b", "2")}},
		{Head: persist.Head{Revision: 3}, Records: []persist.Record{put("/", "newer"), put("/b", "3")}},
	}, Modules: []string{"n"}}))
	check := func(when string, s *bolt.Store) {
		t.Helper()
		state, got := load(t, s)
		if !maps.Equal(got, want) || state.Head != wantState.Head || state.Pending == nil || state.Modules[0] != "m" {
			t.Errorf("%s: %+v %v, want %+v %v", when, state, got, wantState, want)
		}
		if n := newest(t, s); n != 1 {
			t.Errorf("%s: the newest commit is %d", when, n)
		}
	}
	check("at once", s)
	must(t, s.Close())
	s = open(t, path)
	check("after a restart", s)

	must(t, s.CommitRefused(ctx, persist.Txn{Base: 1, Pending: nil})) // only the pending one goes
	check("without a commit", s)
	if err := commit(s, 1, put("/", "next")); err != nil {
		t.Errorf("the next commit: %v", err)
	}
	s.Close()
}

func newest(t testing.TB, s *bolt.Store) (n uint64) {
	t.Helper()
	must(t, s.Commits(ctx, 0, func(h persist.Head) bool {
		n = h.Revision
		return false
	}))
	return n
}
