package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var testKey = func() []byte { k := sha256.Sum256([]byte("a key")); return k[:] }()

func openLog(t testing.TB, dir string, change func(*Options)) *Log {
	t.Helper()
	o := Options{Dir: dir, Key: testKey, Limits: Limits{Bytes: 1 << 20, Files: 3}}
	if change != nil {
		change(&o)
	}
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func appendSome(t testing.TB, l *Log, from, count int) {
	t.Helper()
	for i := range count {
		if err := l.Append(&Record{What: Login, User: fmt.Sprint("user ", from+i), Address: "192.0.2.1", Result: OK}); err != nil {
			t.Fatal(err)
		}
	}
}

func verified(t testing.TB, dir string, key []byte) *Report {
	t.Helper()
	r, err := Verify(context.Background(), dir, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustBeClean(t testing.TB, dir string) *Report {
	t.Helper()
	r := verified(t, dir, testKey)
	if len(r.Findings) > 0 {
		t.Fatalf("findings: %v", r.Findings)
	}
	return r
}

func TestLogGoesOnAfterRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, nil)
	appendSome(t, l, 0, 5)
	at := l.Status()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again := openLog(t, dir, func(o *Options) { o.KeyIsOld = true })
	if got := again.Status(); got.Sequence != at.Sequence || got.Hash != at.Hash {
		t.Errorf("%+v, expected %+v", got, at)
	}
	appendSome(t, again, 5, 2)
	if r := mustBeClean(t, dir); r.Last != at.Sequence+2 || r.First != 1 { // while it is open
		t.Errorf("%+v", r)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, fileName(1)): 0o600, filepath.Join(dir, headFile): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; expected %v", path, info.Mode(), err, mode)
		}
	}
}

func TestRotationKeepsTheChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := openLog(t, dir, func(o *Options) { o.Limits, o.Now = Limits{Bytes: 2000, Files: 3}, func() time.Time { return now } })
	appendSome(t, l, 0, 60)
	r := mustBeClean(t, dir)
	if r.Files != 3 || r.First == 1 || r.Last != l.Status().Sequence {
		t.Errorf("%+v", r)
	}
	l.SetLimits(Limits{Bytes: 1 << 20, Files: 3, Age: time.Hour})
	was := l.Status().File
	l.tooOld()
	if now = now.Add(2 * time.Hour); l.Status().File != was {
		t.Error("a new file before its time")
	}
	l.tooOld()
	if l.Status().File != was+1 {
		t.Error("no new file when the newest was too old")
	}
	mustBeClean(t, dir)
	if err := os.Remove(filepath.Join(dir, fileName(was-1))); err != nil { // the oldest, and no record tells that
		t.Fatal(err)
	}
	if r := verified(t, dir, testKey); len(r.Findings) != 1 || r.Findings[0].Kind != Missing {
		t.Errorf("%v", r.Findings)
	}
}

// TestLostEndIsMadeGood demands that a line which was not written whole is no finding, and
// that all before it stays.
func TestLostEndIsMadeGood(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, nil)
	appendSome(t, l, 0, 3)
	last := l.Status().Sequence
	path := filepath.Join(dir, fileName(1))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	next := fmt.Sprintf(`{"seq":%d,"time":"2026`, last+1)
	if err := os.WriteFile(path, append(text, next...), 0o600); err != nil {
		t.Fatal(err)
	}
	mustBeClean(t, dir)
	again := openLog(t, dir, func(o *Options) { o.KeyIsOld = true })
	if got := again.Status().Sequence; got != last+1 {
		t.Errorf("%d, expected a record of the repair behind %d", got, last)
	}
	mustBeClean(t, dir)
}

// TestHarmIsOnRecord demands that an agent that finds its files changed says so in the record,
// and goes on.
func TestHarmIsOnRecord(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string){
		"an end cut off":  func(t *testing.T, dir string) { check(t, os.Truncate(filepath.Join(dir, fileName(1)), 700)) },
		"a file removed":  func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, fileName(1)))) },
		"all removed":     func(t *testing.T, dir string) { check(t, os.RemoveAll(dir)); check(t, os.Mkdir(dir, 0o700)) },
		"something added": func(t *testing.T, dir string) { grow(t, filepath.Join(dir, fileName(1)), "{}\n") },
	} {
		t.Run(name+" while it runs", func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "audit")
			l := openLog(t, dir, nil)
			appendSome(t, l, 0, 5)
			harm(t, dir)
			l.looked = time.Time{}
			appendSome(t, l, 5, 1)
			mustTellOfDamage(t, dir)
		})
		t.Run(name+" while it does not", func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "audit")
			l := openLog(t, dir, nil)
			appendSome(t, l, 0, 5)
			check(t, l.Close())
			harm(t, dir)
			appendSome(t, openLog(t, dir, func(o *Options) { o.KeyIsOld = true }), 5, 1)
			mustTellOfDamage(t, dir)
		})
	}
}

func mustTellOfDamage(t *testing.T, dir string) {
	t.Helper()
	told := 0
	_, err := Verify(context.Background(), dir, testKey, func(r *Record) {
		if r.What == Damage {
			told++
		}
	})
	if check(t, err); told != 1 {
		t.Errorf("%d records of damage, expected 1", told)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func grow(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString(text)
	check(t, err)
	check(t, f.Close())
}

// TestPlantedFiles makes the files that the record would go on in: it goes on in others. Files
// that should have gone and are still there, as after an end at that moment, are no finding.
func TestPlantedFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, func(o *Options) { o.Limits = Limits{Bytes: 2000, Files: 2} })
	appendSome(t, l, 0, 1)
	for _, n := range []uint64{2, 3, 4, 100, 101, 102} {
		check(t, os.WriteFile(filepath.Join(dir, fileName(n)), nil, 0o600))
	}
	appendSome(t, l, 1, 10)
	if got := l.Status().File; got != 5 {
		t.Errorf("file %d, expected the first that was not there", got)
	}
	appendSome(t, l, 11, 30)
	if r := mustBeClean(t, dir); r.Files != 5 {
		t.Errorf("%d files, expected two and those beyond", r.Files)
	}
	check(t, l.Close())
	second := filepath.Join(t.TempDir(), "audit")
	l = openLog(t, second, func(o *Options) { o.Limits = Limits{Bytes: 2000, Files: 2} })
	var oldest []byte
	for i := 0; l.Status().File < 3; i++ {
		if l.Status().File == 1 {
			var err error
			oldest, err = os.ReadFile(filepath.Join(second, fileName(1)))
			check(t, err)
		}
		appendSome(t, l, i, 1)
	}
	check(t, os.WriteFile(filepath.Join(second, fileName(1)), oldest, 0o600))
	if r := mustBeClean(t, second); r.First != 1 || r.Files != 3 {
		t.Errorf("%+v", r)
	}
}

func TestSymbolicLinksAreRefused(t *testing.T) {
	base := t.TempDir()
	elsewhere := filepath.Join(base, "elsewhere")
	check(t, os.Mkdir(elsewhere, 0o700))
	check(t, os.Symlink(elsewhere, filepath.Join(base, "audit")))
	if _, err := Open(Options{Dir: filepath.Join(base, "audit"), Key: testKey}); err == nil {
		t.Error("a folder that is a symbolic link is taken")
	}
	dir := filepath.Join(base, "own")
	check(t, os.Mkdir(dir, 0o755))
	check(t, os.Symlink(filepath.Join(base, "x"), filepath.Join(dir, headFile)))
	if _, err := Open(Options{Dir: dir, Key: testKey}); err == nil {
		t.Error("a head that is a symbolic link is taken")
	}
	check(t, os.Remove(filepath.Join(dir, headFile)))
	check(t, openLog(t, dir, nil).Close())
	newest, moved := filepath.Join(dir, fileName(1)), filepath.Join(base, "moved")
	check(t, os.Rename(newest, moved))
	check(t, os.Symlink(moved, newest))
	text, err := os.ReadFile(moved)
	check(t, err)
	appendSome(t, openLog(t, dir, func(o *Options) { o.KeyIsOld = true }), 0, 1)
	mustTellOfDamage(t, dir)
	if is, err := os.ReadFile(moved); err != nil || !bytes.Equal(is, text) {
		t.Errorf("where a symbolic link leads is written to: %v", err)
	}
}

// BenchmarkAppend is one record, without a wait for the disk.
func BenchmarkAppend(b *testing.B) {
	l := openLog(b, filepath.Join(b.TempDir(), "audit"), nil)
	for b.Loop() {
		check(b, l.Append(&Record{What: Commit, User: "user", Commit: 1, Changes: []Change{{Path: "/a:b/c", Operation: "replace"}}, Result: OK}))
	}
}
