package agent

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// keepTest is a keeper of a folder of its own, and what it logs.
func keepTest(t *testing.T) (k *sourceKeeper, log *bytes.Buffer) {
	log = new(bytes.Buffer)
	a := &Agent{log: slog.New(slog.NewTextHandler(log, nil)), retry: time.Second, kept: keeping{dir: filepath.Join(t.TempDir(), "state")}}
	return newSourceKeeper(a), log
}

// worldReading has these sources, each with one PID of that name.
func worldReading(data map[string]string) *world {
	w := new(world)
	for id, pid := range data {
		w = w.reads(id, pid)
	}
	return w
}

// reads is w after a source, which may be new, has read a PID of that name.
func (w *world) reads(id, pid string) *world {
	next, d := *w, &driver.Data{PIDs: []driver.PID{{Name: pid}}}
	if !next.sources.Has(id) {
		next.sources = next.sources.With(id, &source{Source: new(failing), id: id})
	}
	next.data = next.data.With(id, d)
	return &next
}

// keeps tells which PID is kept of a source; "" for none.
func (k *sourceKeeper) keeps(t *testing.T, id string) string {
	t.Helper()
	d, _, err := k.kept.loadData(id, [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		return ""
	}
	return d.PIDs[0].Name
}

// TestKeptAgainAfterFailure: data that could not be written is written when it can be,
// though nothing else is read; a cause is logged once.
func TestKeptAgainAfterFailure(t *testing.T) {
	k, log := keepTest(t)
	if err := os.WriteFile(k.kept.dir, nil, 0o600); err != nil { // where there should be a folder
		t.Fatal(err)
	}
	w, now := worldReading(map[string]string{"a": "1", "b": "1"}), time.Now()
	waits := make(map[time.Duration]bool)
	for range 10 {
		k.look(w, now)
		k.look(w, now) // too early
		waits[k.pauses["a"].failed] = true
		now = k.pauses["a"].until.Add(time.Second)
	}
	if n := strings.Count(log.String(), "cannot be kept"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log)
	}
	if len(waits) != 7 || !waits[longestRetry] { // 1, 2, 4 … 60 seconds
		t.Errorf("the pauses were %v", waits)
	}
	if err := os.Remove(k.kept.dir); err != nil {
		t.Fatal(err)
	}
	k.look(w, now)
	for id := range w.sources.All() {
		if got := k.keeps(t, id); got != "1" {
			t.Errorf("%q is kept of %s", got, id)
		}
	}
	if !strings.Contains(log.String(), "is kept for a restart again") || len(k.said) > 0 {
		t.Errorf("it does not say that the failure is over:\n%s", log)
	}
}

// TestKeptNotTooOften: data that changes often is written again when ten times what the
// last write took has passed, and then as it is by then.
func TestKeptNotTooOften(t *testing.T) {
	k, log := keepTest(t)
	w, begin := worldReading(map[string]string{"a": "1", "b": "1"}), time.Now()
	k.look(w, begin)
	until, after := k.pauses["a"].until, time.Now()
	if pause := until.Sub(begin); pause < writeShare*time.Microsecond || pause > (writeShare+1)*after.Sub(begin) {
		t.Errorf("the pause is %s after a write of less than %s", pause, after.Sub(begin))
	}
	for _, c := range []struct {
		read string
		at   time.Time
		want string
	}{{"2", until.Add(-1), "1"}, {"3", until.Add(-1), "1"}, {"4", until, "4"}} {
		w = w.reads("a", c.read)
		if k.look(w, c.at); k.keeps(t, "a") != c.want {
			t.Errorf("%q is kept when %q was read at %s of a pause until %s", k.keeps(t, "a"), c.read, c.at, until)
		}
	}
	if k.data != w.data || log.Len() > 0 {
		t.Errorf("not all is said to be kept:\n%s", log)
	}
}

// TestForgottenAfterCrash: what was kept of a source goes with it, also where a crash came
// between, or in the middle of a write; what was kept of others stays.
func TestForgottenAfterCrash(t *testing.T) {
	k, _ := keepTest(t)
	now := time.Now()
	k.look(worldReading(map[string]string{"a": "1", "b": "1", "c": "1"}), now)
	half := filepath.Join(k.kept.keptFolder(), ".half123")
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k = newSourceKeeper(k.Agent) // the agent has ended before it looked again
	w := worldReading(map[string]string{"a": "2", "b": "2"})
	b := w.sources.At("b")
	w.data = w.data.Without("b") // not read yet
	for _, c := range []struct{ id, want string }{{"a", "2"}, {"b", "1"}, {"c", ""}} {
		if k.look(w, now); k.keeps(t, c.id) != c.want {
			t.Errorf("%q is kept of %s, want %q", k.keeps(t, c.id), c.id, c.want)
		}
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half of a file: %v", err)
	}
	w.sources = w.sources.Without("a").With("b", &source{Source: b.Source, id: "b", configured: true})
	k.look(w, now)
	if left, err := os.ReadDir(k.kept.keptFolder()); err != nil || len(left) > 0 {
		t.Errorf("%v %v are left of sources that are gone, or need nothing kept", left, err)
	}
}

// BenchmarkKeepSource writes the data of the largest deployment: 250 000 prefixes in 1 700
// PIDs and costs between all of these.
func BenchmarkKeepSource(b *testing.B) {
	const pids, prefixes, costs = 1700, 250_000, 1_300_000
	d := new(driver.Data)
	names := make([]string, pids)
	for i := range names {
		names[i] = fmt.Sprintf("pid-%d", i)
		d.PIDs = append(d.PIDs, driver.PID{Name: names[i]})
	}
	for i := range prefixes {
		p := &d.PIDs[i%pids]
		p.Prefixes = append(p.Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32))
	}
	values := make([]float64, pids*pids)
	for i := range values {
		if values[i] = alto.NoCost(); i < costs {
			values[i] = float64(i%1000) / 4
		}
	}
	matrix, err := alto.NewCostMatrix(names, values)
	if err != nil {
		b.Fatal(err)
	}
	d.Costs = []driver.CostTable{{Mode: "numerical", Metric: "routingcost", Costs: matrix}}
	k := &keeping{dir: b.TempDir()}
	for b.Loop() {
		if err := k.saveData("s", [32]byte{}, time.Now(), d); err != nil {
			b.Fatal(err)
		}
	}
}
