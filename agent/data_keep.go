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
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/google/renameio/v2"
)

// keptData is the data of a source in the form that it is kept in over a restart.
type keptData struct {
	Config [sha256.Size]byte // what the source was configured as
	At     time.Time         // when the data was read
	Form   driver.DataForm
}

// keptFolder is where the data of sources is kept.
func (k *keeping) keptFolder() string { return filepath.Join(k.dir, "sources") }

// keptFile is where the data of a source is kept.
func (k *keeping) keptFile(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(k.keptFolder(), hex.EncodeToString(sum[:16]))
}

// saveData keeps the data of a source, durably and as a whole.
func (k *keeping) saveData(id string, config [sha256.Size]byte, at time.Time, d *driver.Data) error {
	form, err := driver.FormOf(d)
	if err != nil {
		return err
	}
	out := bytes.NewBuffer(make([]byte, sha256.Size))
	if err := gob.NewEncoder(out).Encode(keptData{config, at, form}); err != nil {
		return err
	}
	sum := sha256.Sum256(out.Bytes()[sha256.Size:])
	copy(out.Bytes(), sum[:])
	if err := os.MkdirAll(k.keptFolder(), 0o700); err != nil {
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
	d, err := kept.Form.Data()
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
