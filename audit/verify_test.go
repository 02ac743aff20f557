package audit

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// written is a record of three files, as it was left.
func written(t testing.TB) (files map[string][]byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir, func(o *Options) { o.Limits = Limits{Bytes: 1500, Files: 3} })
	appendSome(t, l, 0, 25)
	check(t, l.Close())
	mustBeClean(t, dir)
	files = map[string][]byte{}
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name()))
		check(t, err)
	}
	if len(files) != 4 {
		t.Fatalf("%d files, expected three and the head", len(files))
	}
	return files
}

func put(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "altoam-audit")
	check(t, err)
	for name, text := range files {
		check(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

// TestEveryChangeIsFound changes the files in one way, anywhere, and demands a finding.
func TestEveryChangeIsFound(t *testing.T) {
	files := written(t)
	names := slices.Sorted(func(yield func(string) bool) {
		for n := range files {
			if !yield(n) {
				return
			}
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "file")
		changed := mapOf(files)
		text := slices.Clone(files[name])
		lines := bytes.SplitAfter(text, []byte("\n"))
		lines = lines[:len(lines)-1]
		line := func(label string) int { return rapid.IntRange(0, len(lines)-1).Draw(rt, label) }
		how := rapid.SampledFrom([]string{"byte", "remove", "swap", "insert", "duplicate", "truncate", "delete", "copy"}).Draw(rt, "how")
		switch i := rapid.IntRange(0, len(text)-1).Draw(rt, "at"); how {
		case "byte":
			text[i] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
		case "remove":
			a := line("line")
			text = bytes.Join(slices.Delete(lines, a, a+1), nil)
		case "swap":
			a, b := line("one"), line("other")
			lines[a], lines[b] = lines[b], lines[a]
			text = bytes.Join(lines, nil)
		case "insert":
			text = slices.Insert(text, i, rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "octets")...)
		case "duplicate":
			a := line("line")
			text = bytes.Join(slices.Insert(lines, line("to"), lines[a]), nil)
		case "truncate":
			text = text[:i]
		case "delete":
			delete(changed, name)
		case "copy":
			other := rapid.SampledFrom(names).Draw(rt, "other")
			text = files[other]
		}
		if how != "delete" {
			if changed[name] = text; bytes.Equal(text, files[name]) {
				return
			}
		}
		dir := put(t, changed)
		defer os.RemoveAll(dir)
		if r := verified(t, dir, testKey); len(r.Findings) == 0 {
			rt.Fatalf("nothing found in %s after %s", name, how)
		}
	})
}

func mapOf(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for n, text := range files {
		out[n] = text
	}
	return out
}

// TestWithoutTheKey demands that all written anew by somebody without the key is found with
// it, and that the chain is judged without it.
func TestWithoutTheKey(t *testing.T) {
	files := written(t)
	dir := put(t, files)
	defer os.RemoveAll(dir)
	if r := verified(t, dir, nil); len(r.Findings) > 0 || r.Keyed {
		t.Errorf("%+v", r)
	}
	foreign := bytes.Repeat([]byte{7}, keySize)
	r := verified(t, dir, foreign)
	if len(r.Findings) < 3 || r.Findings[0].Kind != Foreign {
		t.Errorf("%v", r.Findings)
	}
	forged := filepath.Join(t.TempDir(), "audit")
	l, err := Open(Options{Dir: forged, Key: foreign})
	check(t, err)
	appendSome(t, l, 0, 25)
	check(t, l.Close())
	if r := verified(t, forged, nil); len(r.Findings) > 0 {
		t.Errorf("without a key: %v", r.Findings)
	}
	if r := verified(t, forged, testKey); len(r.Findings) == 0 {
		t.Error("a record with another key is taken for ours")
	}
}

// newestOf is the name of the newest file with records.
func newestOf(files map[string][]byte) (newest string) {
	for n := range files {
		if n != headFile {
			newest = max(newest, n)
		}
	}
	return newest
}

// TestSealedAnew alters a record and gives it the hash of what it is now: without the key the
// record after it tells.
func TestSealedAnew(t *testing.T) {
	files := written(t)
	newest := newestOf(files)
	lines := bytes.SplitAfter(files[newest], []byte("\n"))
	body := bytes.Replace(lines[1][:len(lines[1])-1-sealSize], []byte("192.0.2.1"), []byte("192.0.2.2"), 1)
	lines[1], _ = newSealer(bytes.Repeat([]byte{7}, keySize)).seal(body, 0)
	files[newest] = bytes.Join(lines, nil)
	dir := put(t, files)
	defer os.RemoveAll(dir)
	if r := verified(t, dir, nil); len(r.Findings) != 1 || r.Findings[0].Kind != Altered || r.Findings[0].Line != 3 {
		t.Errorf("%v", r.Findings)
	}
}

// TestKindsOfFindings holds what verify says of what.
func TestKindsOfFindings(t *testing.T) {
	files := written(t)
	newest := newestOf(files)
	lines := bytes.SplitAfter(files[newest], []byte("\n"))
	for _, c := range []struct {
		name string
		text []byte
		want Kind
	}{
		{"a line altered", bytes.Replace(files[newest], []byte("192.0.2.1"), []byte("192.0.2.2"), 1), Altered},
		{"a line removed", bytes.Join(slices.Concat(lines[:1], lines[2:]), nil), Missing},
		{"a line twice", bytes.Join(slices.Concat(lines[:2], lines[1:]), nil), OutOfOrder},
		{"the last line gone", bytes.Join(lines[:len(lines)-2], nil), Truncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := mapOf(files)
			changed[newest] = c.text
			dir := put(t, changed)
			defer os.RemoveAll(dir)
			if r := verified(t, dir, testKey); len(r.Findings) == 0 || r.Findings[0].Kind != c.want {
				t.Errorf("%v, expected %s first", r.Findings, c.want)
			}
		})
	}
}

// FuzzVerify demands that whatever the files hold is a finding, not an end of the program, and
// that a record then goes on.
func FuzzVerify(f *testing.F) {
	for name, text := range written(f) {
		f.Add(text, []byte{}, name == headFile)
	}
	f.Add([]byte("{\"seq\":1}\n\x00"), bytes.Repeat([]byte{' '}, headSize), false)
	f.Fuzz(func(t *testing.T, text, head []byte, alone bool) {
		dir := put(t, map[string][]byte{fileName(1): text, headFile: head})
		defer os.RemoveAll(dir)
		if alone {
			check(t, os.Remove(filepath.Join(dir, fileName(1))))
		}
		if r, err := Verify(context.Background(), dir, testKey, nil); err != nil || len(r.Findings) == 0 {
			t.Fatalf("%v, %v", r, err)
		}
		l, err := Open(Options{Dir: dir, Key: testKey, KeyIsOld: true})
		check(t, err)
		appendSome(t, l, 0, 1)
		check(t, l.Close())
	})
}

// BenchmarkVerify is the judgement of 10 000 records; b.SetBytes is their size.
func BenchmarkVerify(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "audit")
	l := openLog(b, dir, func(o *Options) { o.Limits = Limits{Bytes: 1 << 30, Files: 2} })
	appendSome(b, l, 0, 10_000)
	b.SetBytes(l.Status().Bytes)
	for b.Loop() {
		mustBeClean(b, dir)
	}
}
