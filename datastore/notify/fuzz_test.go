package notify

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzHistory opens a folder with any bytes in its only file: it opens, what it replays
// is in order, and what is published afterwards is kept.
func FuzzHistory(f *testing.F) {
	var whole []byte
	for i := range 3 {
		e := born(i)
		payload, err := encodePayload(&e, compiled())
		if err != nil {
			f.Fatal(err)
		}
		r := record{seq: uint64(i + 1), time: epoch, payload: payload}
		whole = r.append(whole)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add(slices.Concat(whole, whole))
	f.Add([]byte{})
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000000000000000001"+segmentSuffix), b, 0o600); err != nil {
			t.Fatal(err)
		}
		before := replayed(t, dir, 0)
		after := replayed(t, dir, 1)
		if len(after) != len(before)+1 || !slices.IsSorted(after) {
			t.Errorf("%v, then %v", before, after)
		}
	})
}

// replayed opens the history, publishes some events and returns all numbers in it.
func replayed(t *testing.T, dir string, more int) (seqs []uint64) {
	b := broker(t, Options{Dir: dir})
	written(t, b, 50, more)
	var p place
	for from := uint64(1); ; {
		records, err := b.history.read(&p, from)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			seqs, from = append(seqs, r.seq), r.seq+1
			_, _ = r.event(compiled())
		}
	}
	if b.history.out != nil {
		b.history.out.Close() // a sync would take most of the time
	}
	return seqs
}

// FuzzRecord reads any bytes as a record; one that is read is written alike.
func FuzzRecord(f *testing.F) {
	for _, payload := range []string{
		`{"node":"/farm:born","data":{"number":1}}`,
		`{"node":"/farm:farm/stall/door/opened","at":"/farm:farm/stall[name='a'][row='1']/door","data":{}}`,
		`{"stream":"x","node":"/farm:farm/closed","at":"/farm:farm","data":{}}`, `{}`, `null`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r := record{seq: 1, time: epoch, payload: payload}
		b := r.append(nil)
		got, n, err := parseRecord(b)
		if err != nil || n != len(b) || string(got.payload) != string(payload) || got.seq != 1 || !got.time.Equal(epoch) {
			t.Fatalf("%v, %d, %v", got, n, err)
		}
		e, err := got.event(compiled())
		if err != nil {
			return
		}
		again, err := encodePayload(e, compiled())
		if err != nil {
			t.Fatal(err)
		}
		r.payload = again
		if _, err := r.event(compiled()); err != nil {
			t.Errorf("%s: %v", again, err)
		}
	})
}
