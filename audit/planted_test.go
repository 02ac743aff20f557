package audit

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPlantedKinds puts what keeps a reader waiting for ever, or reading for ever, where files of
// the record are looked for: the record goes on where it was, and Verify ends and tells of it.
func TestPlantedKinds(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"a pipe":             func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a link to a device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder":           func(path string) error { return os.Mkdir(path, 0o700) },
		"a hole of a terabyte": func(path string) error {
			return syscall.Truncate(path, 1<<40) // there is one already
		},
	} {
		for _, number := range []uint64{0, 9, mostPlanted + 100, mostNumber, math.MaxUint64} {
			if strings.HasPrefix(name, "a hole") && number != mostNumber {
				continue // Verify reads it all
			}
			t.Run(name+"/"+fileName(number), func(t *testing.T) { goesOnDespite(t, fileName(number), plant) })
		}
	}
}

func goesOnDespite(t *testing.T, name string, plant func(path string) error) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, nil)
	appendSome(t, l, 0, 5)
	check(t, l.Close())
	path := filepath.Join(dir, name)
	if err := plant(path); os.IsNotExist(err) {
		check(t, os.WriteFile(path, nil, 0o600))
		check(t, plant(path))
	}
	for start := range 3 {
		l = openLog(t, dir, func(o *Options) { o.KeyIsOld = true })
		appendSome(t, l, 5+start, 1)
		if got := l.Status(); got.File != 1 || got.Sequence != uint64(7+start) {
			t.Errorf("it goes on in file %d with record %d, expected file 1 and record %d", got.File, got.Sequence, 7+start)
		}
		check(t, l.Close())
	}
	if info, err := os.Stat(path); err == nil && info.Size() > 1<<30 {
		return
	}
	r := verified(t, dir, testKey)
	if name == fileName(math.MaxUint64) { // none of its names
		r.Findings = append(r.Findings, Finding{})
	}
	if len(r.Findings) != 1 || r.Last != 9 {
		t.Errorf("%d records, %v", r.Last, r.Findings)
	}
}

// TestPlantedHead puts the like in the place of the head: nothing waits for it.
func TestPlantedHead(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"a pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a hole of a terabyte": func(path string) error {
			check(t, os.WriteFile(path, nil, 0o600))
			return syscall.Truncate(path, 1<<40)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "audit")
			l := openLog(t, dir, nil)
			appendSome(t, l, 0, 5)
			check(t, l.Close())
			check(t, os.Remove(filepath.Join(dir, headFile)))
			check(t, plant(filepath.Join(dir, headFile)))
			if r := verified(t, dir, testKey); len(r.Findings) != 1 || r.Findings[0].Kind != BadHead {
				t.Errorf("%v", r.Findings)
			}
			if l, err := Open(Options{Dir: dir, Key: testKey, KeyIsOld: true}); err == nil { // that it ends is what counts
				check(t, l.Close())
				mustTellOfDamage(t, dir)
			}
		})
	}
}

// TestLongLine is one line that is longer than any record: it is a finding, and those behind it
// are judged.
func TestLongLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, nil)
	appendSome(t, l, 0, 5)
	check(t, l.Close())
	path := filepath.Join(dir, fileName(1))
	text, err := os.ReadFile(path)
	check(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	lines[2] = strings.Repeat("x", 3*maxLine) + "\n" + lines[2]
	check(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600))
	r := verified(t, dir, testKey)
	if len(r.Findings) != 1 || r.Findings[0].Kind != Altered || r.Findings[0].Line != 3 || r.Last != 6 {
		t.Errorf("%d records, %v", r.Last, r.Findings)
	}
}
