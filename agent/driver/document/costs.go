package document

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// newDecoder returns one of text that does not look for names that occur twice, which
// costs as much as all the rest.
func newDecoder(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
}

// costs are those of a cost map as they stand in it. PIDs are numbered as they come.
type costs struct {
	pids  []string
	index map[string]int32 // by name
	forms map[string]int32 // by name in quotes, as it is written
	rows  []row
}

// row is what an object of destinations holds.
type row struct {
	source int32
	cells  []cell
}

type cell struct {
	destination int32
	cost        float64
}

// readCosts reads the object of objects of a cost map (RFC 7285 Section 11.2.3.6), valid
// JSON, whose costs are numbers. Most rows have the destinations in the same order, which
// is then faster.
func readCosts(text jsontext.Value) (*costs, error) {
	d := newDecoder(text)
	c := &costs{index: make(map[string]int32), forms: make(map[string]int32)}
	if err := begin(d); err != nil {
		return nil, err
	}
	var quoted [][]byte // of the destinations of the row before
	room := 0           // that a row takes which is as long as the one before
	for d.PeekKind() == '"' {
		source, err := c.pid(d)
		if err != nil {
			return nil, err
		}
		if err := begin(d); err != nil {
			return nil, err
		}
		r := row{source, make([]cell, 0, room)}
		for i := 0; d.PeekKind() == '"'; i++ {
			if i == len(quoted) {
				quoted = append(quoted, nil)
			}
			to, err := c.destination(d, &quoted[i], i)
			if err != nil {
				return nil, err
			}
			if d.PeekKind() != '0' {
				_, _ = d.ReadValue() // is valid
				return nil, unexpected(d)
			}
			number, _ := d.ReadToken() // is valid
			cost, err := number.Float()
			if err != nil {
				return nil, fmt.Errorf("%s is out of range", d.StackPointer())
			}
			r.cells = append(r.cells, cell{to, cost})
		}
		_, _ = d.ReadToken() // the end of the row
		c.rows, room = append(c.rows, r), len(r.cells)
	}
	return c, nil
}

// begin reads the beginning of an object.
func begin(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		_, _ = d.ReadValue() // is valid
		return unexpected(d)
	}
	_, err := d.ReadToken()
	return err
}

// unexpected tells where the value is that was read last.
func unexpected(d *jsontext.Decoder) error {
	at := string(d.StackPointer())
	if at == "" {
		at = "it"
	}
	return fmt.Errorf("%s is not what is expected there: a number in an object of objects", at)
}

// pid reads the name of a PID and returns its number.
func (c *costs) pid(d *jsontext.Decoder) (int32, error) {
	quoted, err := d.ReadValue()
	if err != nil {
		return 0, err
	}
	return c.number(quoted)
}

// destination does the same where the name may be that which stood there in the row
// before.
func (c *costs) destination(d *jsontext.Decoder, before *[]byte, i int) (int32, error) {
	quoted, err := d.ReadValue()
	if err != nil {
		return 0, err
	}
	if n := len(c.rows); n > 0 && i < len(c.rows[n-1].cells) && bytes.Equal(quoted, *before) {
		return c.rows[n-1].cells[i].destination, nil
	}
	*before = append((*before)[:0], quoted...)
	return c.number(quoted)
}

func (c *costs) number(quoted jsontext.Value) (int32, error) {
	if i, ok := c.forms[string(quoted)]; ok {
		return i, nil
	}
	name, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return 0, err
	}
	i, ok := c.index[string(name)]
	if !ok {
		i = int32(len(c.pids))
		c.pids = append(c.pids, string(name))
		c.index[string(name)] = i
	}
	c.forms[string(quoted)] = i
	return i, nil
}

// maxPIDs bounds the PIDs of a cost map: so many take half a gigabyte.
const maxPIDs = 8192

// dense returns the PIDs by name and the costs as alto.NewCostMatrix takes them. The error
// tells of a cost, or a source, that is there twice, or of too many PIDs.
func (c *costs) dense() ([]string, []float64, error) {
	n := len(c.pids)
	if n > maxPIDs {
		return nil, nil, fmt.Errorf("there are costs of %d PIDs, expected at most %d", n, maxPIDs)
	}
	pids := slices.Clone(c.pids)
	slices.Sort(pids)
	place := make([]int, n)
	for i, name := range c.pids {
		place[i], _ = slices.BinarySearch(pids, name)
	}
	cells := alto.NewCosts(n)
	seen := make([]bool, n)
	for _, r := range c.rows {
		if seen[r.source] {
			return nil, nil, fmt.Errorf("the costs from PID %q are there twice", c.pids[r.source])
		}
		seen[r.source] = true
		to := cells[place[r.source]*n : (place[r.source]+1)*n]
		for _, x := range r.cells {
			if at := place[x.destination]; math.IsNaN(to[at]) {
				to[at] = x.cost
				continue
			}
			return nil, nil, fmt.Errorf("the cost from PID %q to PID %q is there twice", c.pids[r.source], c.pids[x.destination])
		}
	}
	return pids, cells, nil
}
