package agent

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// FuzzKeptData reads files of any content as kept data, with the checksum that they would
// have: the answer is data that can be kept again, nothing, or an error.
func FuzzKeptData(f *testing.F) {
	costs, err := alto.NewCostMatrix([]string{"a", "b"}, []float64{1, alto.NoCost(), 2.5, 0})
	if err != nil {
		f.Fatal(err)
	}
	config := [sha256.Size]byte{1}
	k := &keeping{dir: f.TempDir()}
	for _, d := range []*driver.Data{
		{},
		{PIDs: []driver.PID{{Name: "a"}}, NetworkMapTag: "t", Costs: []driver.CostTable{{Mode: "numerical", Metric: "routingcost", Costs: costs}}},
	} {
		if err := k.saveData("s", config, time.Unix(1, 0), d); err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(k.keptFile("s"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[sha256.Size:])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		sum := sha256.Sum256(content)
		if err := os.MkdirAll(filepath.Dir(k.keptFile("s")), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(k.keptFile("s"), append(sum[:], content...), 0o600); err != nil {
			t.Fatal(err)
		}
		d, at, err := k.loadData("s", config)
		if d == nil || err != nil {
			return
		}
		if err := k.saveData("s", config, at, d); err != nil {
			t.Fatalf("what was read cannot be kept: %v", err)
		}
		again, _, err := k.loadData("s", config)
		if err != nil || again == nil || len(again.PIDs) != len(d.PIDs) || len(again.Costs) != len(d.Costs) {
			t.Fatalf("what was kept again is not the same: %v", err)
		}
	})
}
