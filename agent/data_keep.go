package agent

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/renameio/v2"
)

// keptData is the data of a source in the form that it is kept in over a restart.
type keptData struct {
	Config [sha256.Size]byte // what the source was configured as
	At     time.Time         // when the data was read
	Kept   keptForm
}

// keptForm has what driver.Data has.
type keptForm struct {
	PIDs           []driver.PID
	NetworkMapTag  string
	Costs          []keptCosts
	Entities       []alto.Entity
	Advertisements []jsontext.Value
	HasGraph       bool
	Nodes          []graph.Node
	Links          []graph.Link
	Path           []string
	Conflicts      []driver.Conflict
	Skipped        []driver.Skipped
}

type keptCosts struct {
	Mode, Metric string
	Form         []byte // of alto.EncodeData
}

func formOf(d *driver.Data) (f keptForm, err error) {
	f = keptForm{
		PIDs: d.PIDs, NetworkMapTag: d.NetworkMapTag, Entities: d.Entities, Advertisements: d.Advertisements,
		Path: d.Path, Conflicts: d.Conflicts, Skipped: d.Skipped,
	}
	for _, c := range d.Costs {
		form, err := alto.EncodeData(c.Costs)
		if err != nil {
			return f, err
		}
		f.Costs = append(f.Costs, keptCosts{c.Mode, c.Metric, form})
	}
	if d.Graph != nil {
		f.HasGraph, f.Nodes, f.Links = true, d.Graph.Nodes(), d.Graph.Links()
	}
	return f, nil
}

func (f keptForm) data() (*driver.Data, error) {
	d := &driver.Data{
		PIDs: f.PIDs, NetworkMapTag: f.NetworkMapTag, Entities: f.Entities, Advertisements: f.Advertisements,
		Path: f.Path, Conflicts: f.Conflicts, Skipped: f.Skipped,
	}
	for _, c := range f.Costs {
		x, err := alto.DecodeData(c.Form)
		if err != nil {
			return nil, err
		}
		m, ok := x.(*alto.CostMatrix)
		if !ok {
			return nil, fmt.Errorf("costs of %s are of type %T", c.Metric, x)
		}
		d.Costs = append(d.Costs, driver.CostTable{Mode: c.Mode, Metric: c.Metric, Costs: m})
	}
	if !f.HasGraph {
		return d, nil
	}
	var err error
	d.Graph, err = graph.New(f.Nodes, f.Links)
	return d, err
}

// keptFile is where the data of a source is kept.
func (k *keeping) keptFile(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(k.dir, "sources", hex.EncodeToString(sum[:16]))
}

// saveData keeps the data of a source, durably and as a whole.
func (k *keeping) saveData(id string, config [sha256.Size]byte, at time.Time, d *driver.Data) error {
	form, err := formOf(d)
	if err != nil {
		return err
	}
	out := bytes.NewBuffer(make([]byte, sha256.Size))
	if err := gob.NewEncoder(out).Encode(keptData{config, at, form}); err != nil {
		return err
	}
	sum := sha256.Sum256(out.Bytes()[sha256.Size:])
	copy(out.Bytes(), sum[:])
	if err := os.MkdirAll(filepath.Join(k.dir, "sources"), 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(k.keptFile(id), out.Bytes(), 0o600)
}

// forgetData forgets what was kept of a source.
func (k *keeping) forgetData(id string) { _ = os.Remove(k.keptFile(id)) }

// loadData returns the data that was kept of a source as it is configured now, and when it
// was read; nil where there is none.
func (k *keeping) loadData(id string, config [sha256.Size]byte) (*driver.Data, time.Time, error) {
	if k.dir == "" {
		return nil, time.Time{}, nil
	}
	text, err := os.ReadFile(k.keptFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(text) < sha256.Size || sha256.Sum256(text[sha256.Size:]) != [sha256.Size]byte(text) {
		return nil, time.Time{}, fmt.Errorf("%s is not as it was written", k.keptFile(id))
	}
	var kept keptData
	if err := gob.NewDecoder(bytes.NewReader(text[sha256.Size:])).Decode(&kept); err != nil || kept.Config != config {
		return nil, time.Time{}, err
	}
	d, err := kept.Kept.data()
	return d, kept.At, err
}

// configDigest tells apart how a source is configured, its safeguard aside.
func configDigest(entry *tree.Node) (sum [sha256.Size]byte) {
	h := sha256.New()
	err := codec.EncodeJSONNodes(h, func(yield func(*tree.Node) bool) {
		for n := range entry.Children() {
			if n.Schema().Name != "safeguard" && !yield(n) {
				return
			}
		}
	}, codec.EncodeOptions{})
	if err == nil {
		h.Sum(sum[:0])
	}
	return sum
}
