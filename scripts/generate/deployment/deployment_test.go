package deployment

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scaled keeps the tests short.
func scaled(kind string) float64 {
	if kind == "cdn" {
		return 0.01
	}
	return 0.05
}

func made(t *testing.T, kind string, seed uint64, step int) []File {
	t.Helper()
	files, err := Make(kind, Options{Seed: seed, Step: step, Scale: scaled(kind), Folder: "/nowhere", Address: "127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSameSeed: a seed always gives the same bytes, another one others.
func TestSameSeed(t *testing.T) {
	for _, kind := range Kinds() {
		first, again, other := made(t, kind, 1, 0), made(t, kind, 1, 0), made(t, kind, 2, 0)
		different := false
		for i, f := range first {
			if f.Name != again[i].Name || !bytes.Equal(f.Text, again[i].Text) {
				t.Errorf("%s: %s is not the same", kind, f.Name)
			}
			different = different || !bytes.Equal(f.Text, other[i].Text)
		}
		if first[0].Name != Configuration || !different {
			t.Errorf("%s: the first file is %s, another seed gives others: %v", kind, first[0].Name, different)
		}
	}
}

// TestSteps: a step changes the data of sources and not the configuration.
func TestSteps(t *testing.T) {
	before, after := made(t, "cdn", 1, 1), made(t, "cdn", 1, 2)
	for i, f := range before {
		same := bytes.Equal(f.Text, after[i].Text)
		if same != (f.Name == Configuration) {
			t.Errorf("%s is the same: %v", f.Name, same)
		}
	}
}

// TestChurn: a step changes what it says, and all PIDs stay.
func TestChurn(t *testing.T) {
	before, after := CDN(1, 0.05), CDN(1, 0.05)
	after.Churn(1, 1, 0.01)
	moved, changed, costs := 0, 0, 0
	for i, pid := range before.pids {
		if pid != after.pids[i] {
			moved++
		}
	}
	for i, row := range before.Costs[0].Value {
		for j, value := range row {
			if math.IsNaN(value) != math.IsNaN(after.Costs[0].Value[i][j]) {
				t.Fatal("a pair came or went")
			}
			if !math.IsNaN(value) {
				costs++
				if value != after.Costs[0].Value[i][j] {
					changed++
				}
			}
		}
	}
	for what, share := range map[string]float64{"prefixes": float64(moved) / float64(len(before.list)), "costs": float64(changed) / float64(costs)} {
		if share < 0.005 || share > 0.012 {
			t.Errorf("%.4f of the %s changed, want about 0.01", share, what)
		}
	}
}

// TestSizes: the full sizes are those of the field.
func TestSizes(t *testing.T) {
	n := CDN(1, 1)
	pairs := 0
	for _, row := range n.Costs[0].Value {
		for _, value := range row {
			if !math.IsNaN(value) {
				pairs++
			}
		}
	}
	if len(n.PIDs) != 1700 || len(n.list) != 250_000 || pairs < 1_290_000 || pairs > 1_310_000 || len(n.Costs) != 2 {
		t.Errorf("cdn: %d PIDs, %d prefixes, %d pairs, %d tables", len(n.PIDs), len(n.list), pairs, len(n.Costs))
	}
	for i, list := range n.Prefixes() {
		if len(list) == 0 {
			t.Fatalf("PID %d has no prefix", i)
		}
	}
	if n := LHCONE(1, 1); len(n.PIDs) != 170 || len(n.list) != 2000 || len(n.Costs) != 3 {
		t.Errorf("lhcone: %d PIDs, %d prefixes, %d tables", len(n.PIDs), len(n.list), len(n.Costs))
	}
}

// TestRefused: what cannot be made is told.
func TestRefused(t *testing.T) {
	good := Options{Address: "127.0.0.1:8080"}
	for name, c := range map[string]struct {
		kind   string
		change func(*Options)
		want   string
	}{
		"good":    {"lab", func(*Options) {}, ""},
		"kind":    {"moon", func(*Options) {}, `"moon" is none of the kinds`},
		"scale":   {"lab", func(o *Options) { o.Scale = -1 }, "scale -1"},
		"step":    {"lab", func(o *Options) { o.Step = -1 }, "step -1"},
		"address": {"lab", func(o *Options) { o.Address = "127.0.0.1" }, "address: "},
		"port":    {"lab", func(o *Options) { o.Address = "127.0.0.1:x" }, "address: "},
	} {
		o := good
		c.change(&o)
		_, err := Make(c.kind, o)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestWrite: what stays the same is not written again.
func TestWrite(t *testing.T) {
	o := Options{Seed: 1, Scale: 0.01, Folder: filepath.Join(t.TempDir(), "new"), Address: "127.0.0.1:8080"}
	written := func(name string) time.Time {
		t.Helper()
		info, err := os.Stat(filepath.Join(o.Folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	if err := Write("cdn", o); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour).Round(time.Second)
	for _, name := range []string{Configuration, "networkmap.json"} {
		if err := os.Chtimes(filepath.Join(o.Folder, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	o.Step = 1
	if err := Write("cdn", o); err != nil {
		t.Fatal(err)
	}
	if !written(Configuration).Equal(old) || written("networkmap.json").Equal(old) {
		t.Errorf("the configuration is of %s, the network map of %s", written(Configuration), written("networkmap.json"))
	}
}
