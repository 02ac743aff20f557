package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
)

// TestReopened: the history is that of before the restart, and goes on.
func TestReopened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.db")
	var before string
	t.Run("first", func(t *testing.T) {
		f := newFixture(t, file)
		f.running(`{"garden:garden": {"owner": "ann"}}`)
		f.running(`{"garden:garden": {"owner": "bob"}}`)
		before = f.get("/altoam-commit:commits")
	})
	f := newFixture(t, file)
	if got := f.get("/altoam-commit:commits"); got != before || strings.Count(got, `"number"`) != 2 {
		t.Errorf("after the restart\n%s\nbefore\n%s", got, before)
	}
	if out, err := f.call("rollback", `{"to": {"number": "1"}}`); err != nil || !strings.Contains(out, `"3"`) {
		t.Fatal(out, err)
	}
	if got := f.get("/garden:garden/owner"); !strings.Contains(got, `"ann"`) {
		t.Error(got)
	}
}

// TestRetention reads the retention from trees.
func TestRetention(t *testing.T) {
	s := testSchema(t)
	f := retention(s)
	commits := s.Find("/altoam-commit:commits")
	for _, tt := range []struct {
		count, age, size string
		want             datastore.Retention
	}{
		{"", "", "", datastore.Retention{Commits: datastore.DefaultCommits, Size: datastore.DefaultSize}},
		{"7", "", "1", datastore.Retention{Commits: 7, Size: 1 << 20}},
		{"1000000", "36", "", datastore.Retention{Commits: 1_000_000, Age: 36 * time.Hour, Size: datastore.DefaultSize}},
		{"1", "4294967295", "4294967295", datastore.Retention{Commits: 1, Age: 2562047 * time.Hour, Size: 4294967295 << 20}},
	} {
		m := tree.New(s.Root).Mutate()
		for name, text := range map[string]string{"max-commits": tt.count, "max-age": tt.age, "max-size": tt.size} {
			if text != "" {
				leaf := commits.Child(module, name)
				v, err := leaf.Type.Parse(text, nil)
				if err != nil {
					t.Fatal(err)
				}
				m.Ensure(commits).SetLeaf(leaf, v)
			}
		}
		if got := f(m.Done()); got != tt.want {
			t.Errorf("%q, %q, %q: %+v, want %+v", tt.count, tt.age, tt.size, got, tt.want)
		}
	}
}

// TestAge: what is older than max-age goes with the next commit, and not before.
func TestAge(t *testing.T) {
	f := fresh(t)
	f.running(`{"altoam-commit:commits": {"max-age": 2}, "garden:garden": {"owner": "ann"}}`)
	f.now = f.now.Add(time.Hour)
	f.running(`{"garden:garden": {"owner": "bob"}}`)
	f.now = f.now.Add(100 * time.Minute)
	if got := f.get("/altoam-commit:commits/commit"); strings.Count(got, `"number"`) != 2 {
		t.Errorf("before the next commit: %s", got)
	}
	f.running(`{"garden:garden": {"owner": "eve"}}`)
	got := f.get("/altoam-commit:commits/commit")
	if strings.Count(got, `"number"`) != 2 || strings.Contains(got, `"number": "1"`) {
		t.Errorf("after it: %s", got)
	}
}

// TestSize: who changes large values again and again fills neither the history nor the disk.
func TestSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f := newFixture(t, path)
	f.running(`{"altoam-commit:commits": {"max-size": 4}}`)
	var half, whole int64
	const times = 24
	for i := range times {
		f.running(fmt.Sprintf(`{"garden:garden": {"owner": "%d%s"}}`, i, strings.Repeat("x", 1<<20)))
		info, err := os.Stat(path)
		f.must(err)
		if whole = info.Size(); i == times/2 {
			half = whole
		}
	}
	if n := strings.Count(f.get("/altoam-commit:commits/commit"), `"number"`); n != 3 && n != 4 {
		t.Errorf("%d commits of a MiB are kept, want about 4 MiB", n)
	}
	if half == 0 || whole > half+4<<20 {
		t.Errorf("the file is %d bytes after %d commits and %d after %d", half, times/2, whole, times)
	}
	f.running(`{"altoam-commit:commits": {"max-size": 1}, "garden:garden": {"owner": "` + strings.Repeat("y", 2<<20) + `"}}`)
	if n := strings.Count(f.get("/altoam-commit:commits/commit"), `"number"`); n != 1 {
		t.Errorf("%d commits are kept where one is larger than all may be", n)
	}
}

// TestPending: a confirmed commit shows until it is confirmed.
func TestPending(t *testing.T) {
	const at = "/altoam-commit:commits/pending"
	f := fresh(t)
	f.running(`{"garden:garden": {"owner": "ann"}}`)
	if got := f.get(at); strings.Contains(got, "pending") {
		t.Errorf("nothing waits: %s", got)
	}
	f.must(f.edit(datastore.Candidate, `{"garden:garden": {"owner": "bob"}}`, datastore.EditOptions{}))
	f.must(f.session.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Timeout: time.Hour, Persist: "p"}}))
	const want = `"pending": {
      "base": "1",
      "deadline": "2026-11-22T13:02:00Z",
      "session-id": 1,
      "persistent": true
    }`
	if got := f.get(at); !strings.Contains(got, want) || strings.Contains(got, `"commit"`) {
		t.Errorf("got %s\nwant %s alone", got, want)
	}
	if got := f.get("/altoam-commit:commits/commit[number='2']"); !strings.Contains(got, `"kind": "confirmed"`) || strings.Contains(got, "pending") {
		t.Error(got)
	}
	f.must(f.session.Commit(ctx, datastore.CommitOptions{PersistID: "p"}))
	if got := f.get(at); strings.Contains(got, "pending") {
		t.Errorf("after it was confirmed: %s", got)
	}
}

// TestOnly: which commits a read has to produce.
func TestOnly(t *testing.T) {
	s := testSchema(t)
	c := newCommits(open(t, s))
	for _, tt := range []struct {
		under []string
		want  int // -1 for all
	}{
		{nil, -1},
		{[]string{"/altoam-commit:commits"}, -1},
		{[]string{"/altoam-commit:commits/commit"}, -1},
		{[]string{"/altoam-commit:commits/commit[number='5']"}, 1},
		{[]string{"/altoam-commit:commits/commit[number='5']/user", "/altoam-commit:commits/commit[number='6']", "/garden:garden"}, 2},
		{[]string{"/altoam-commit:commits/commit[number='5']", "/altoam-commit:commits/commit/user"}, -1},
	} {
		var under []tree.Path
		for _, text := range tt.under {
			p, err := tree.ParsePath(s, text)
			if err != nil {
				t.Fatal(err)
			}
			under = append(under, p)
		}
		numbers, some := c.only(under)
		if got := len(numbers); some != (tt.want >= 0) || some && got != tt.want {
			t.Errorf("%v: %v, %v, want %d", tt.under, numbers, some, tt.want)
		}
	}
}

// TestWithoutModule: a Store whose schema lacks the module is left alone.
func TestWithoutModule(t *testing.T) {
	Register(open(t, dstest.Schema(t, `module bare { namespace "urn:bare"; prefix b; }`)))
}
