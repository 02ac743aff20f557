package bolt_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// filled makes a file with some commits, free pages and inner pages, and returns its
// bytes with what is in it.
func filled(t testing.TB) (file []byte, state persist.State, records map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	var all []persist.Record
	for i := range 400 {
		all = append(all, put(fmt.Sprintf("/m:list[k='%d']", i), strings.Repeat("x", i%90)))
	}
	must(t, commit(s, 0, all...))
	must(t, commit(s, 1, put(strings.Repeat("/m:long", 200), "v"), persist.Record{Key: "/m:list[k='7']"}))
	for n := range uint64(20) {
		must(t, commit(s, n+2, put("/", fmt.Sprint(n)), put(fmt.Sprintf("/m:list[k='%d']", n*17), "changed")))
	}
	must(t, s.Commit(ctx, persist.Txn{Base: 22, Modules: []string{"m@2026-11-22"}, Forget: 5}))
	state, records = load(t, s)
	must(t, s.Close())
	file, err := os.ReadFile(path)
	must(t, err)
	return file, state, records
}

// openLoad opens and loads a file.
func openLoad(path string) (state persist.State, records map[string]string, err error) {
	s, err := bolt.Open(path)
	if err != nil {
		return state, nil, err
	}
	defer s.Close()
	records = map[string]string{}
	state, err = s.Load(ctx, func(r persist.Record) error {
		records[r.Key] = string(r.Value)
		return nil
	})
	return state, records, err
}

// TestDamage damages a file in many ways: opening and loading it gives exactly what
// was acknowledged, or an error that says what to do.
func TestDamage(t *testing.T) {
	file, state, records := filled(t)
	path := filepath.Join(t.TempDir(), "s.db")
	if _, got, err := openLoad(write(t, path, file)); err != nil || !maps.Equal(got, records) {
		t.Fatalf("the file as it was: %v", err)
	}
	page := func(r *rand.Rand) int { return r.IntN(len(file)/4096) * 4096 }
	ways := map[string]func(r *rand.Rand, b []byte) []byte{
		"one bit": func(r *rand.Rand, b []byte) []byte {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			return b
		},
		"one bit of a head": func(r *rand.Rand, b []byte) []byte {
			b[r.IntN(2)*4096+r.IntN(80)] ^= 1 << r.IntN(8)
			return b
		},
		"one bit of a page's start": func(r *rand.Rand, b []byte) []byte {
			b[page(r)+r.IntN(48)] ^= 1 << r.IntN(8)
			return b
		},
		"many bytes": func(r *rand.Rand, b []byte) []byte {
			for range 20 {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			return b
		},
		"a page of zeros": func(r *rand.Rand, b []byte) []byte {
			clear(b[page(r):][:4096])
			return b
		},
		"a page in place of another": func(r *rand.Rand, b []byte) []byte {
			copy(b[page(r):][:4096], b[page(r):][:4096])
			return b
		},
		"a head in place of the other": func(r *rand.Rand, b []byte) []byte {
			n := r.IntN(2)
			copy(b[n*4096:][:4096], b[(1-n)*4096:][:4096])
			return b
		},
		"cut short":         func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
		"cut at a page":     func(r *rand.Rand, b []byte) []byte { return b[:page(r)] },
		"random throughout": func(r *rand.Rand, b []byte) []byte { return randomBytes(r, b) },
	}
	for name, damage := range ways {
		t.Run(name, func(t *testing.T) {
			refused := 0
			for seed := range uint64(100) {
				b := damage(rand.New(rand.NewPCG(seed, 1)), append([]byte(nil), file...))
				got, gotRecords, err := openLoad(write(t, path, b))
				if err == nil && (!reflect.DeepEqual(got, state) || !maps.Equal(gotRecords, records)) {
					t.Fatalf("seed %d: %+v and %d records, want %+v and %d", seed, got, len(gotRecords), state, len(records))
				}
				if err == nil {
					continue
				}
				refused++
				var d *bolt.DamageError
				if !errors.As(err, &d) && !strings.Contains(err.Error(), "unknown format") || !strings.Contains(err.Error(), path) {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			if refused == 0 {
				t.Error("no damage was found")
			}
		})
	}
}

func randomBytes(r *rand.Rand, b []byte) []byte {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// write puts b into the file at path, which no process has open.
func write(t testing.TB, path string, b []byte) string {
	t.Helper()
	must(t, os.WriteFile(path, b, 0o600))
	return path
}

// TestDamageSaysWhatToDo: the message names the file and the commands.
func TestDamageSaysWhatToDo(t *testing.T) {
	file, _, _ := filled(t)
	path := write(t, filepath.Join(t.TempDir(), "running.db"), file[:len(file)/2])
	_, err := bolt.Open(path)
	if err == nil {
		t.Fatal("half a file was opened")
	}
	for _, want := range []string{path, "store check", "store restore --commit N", "store import", "cut short"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}
