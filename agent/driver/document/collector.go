package document

import (
	"crypto/sha256"
	"fmt"

	"github.com/altoam/altoam/agent/driver"
)

// Collector puts documents together. The zero Collector has none.
type Collector struct {
	data     driver.Data
	of       *Part                // the network map
	entities map[[2]string]string // name of the document by domain and name
}

// Add adds a document. The error tells what it and an earlier one disagree about; the
// Collector is then of no more use.
func (c *Collector) Add(p *Part) error {
	if p.isMap {
		if c.of != nil {
			return fmt.Errorf("a network map stands in %s already", c.of.Name)
		}
		c.of, c.data.PIDs, c.data.NetworkMapTag = p, p.data.PIDs, p.data.NetworkMapTag
	}
	for _, t := range p.data.Costs {
		if c.data.CostTable(t.Mode, t.Metric) != nil {
			return fmt.Errorf("a cost map of mode %q and metric %q stands in an earlier document", t.Mode, t.Metric)
		}
		c.data.Costs = append(c.data.Costs, t)
	}
	for _, of := range p.data.Calendars {
		if err := c.addCalendar(of); err != nil {
			return err
		}
	}
	if p.data.Paths != nil {
		if c.data.Paths != nil {
			return fmt.Errorf("a cost map of paths stands in an earlier document")
		}
		c.data.Paths = p.data.Paths
	}
	if c.entities == nil {
		c.entities = make(map[[2]string]string)
	}
	for _, e := range p.data.Entities {
		at := [2]string{e.Domain, e.Name}
		if other, taken := c.entities[at]; taken {
			return fmt.Errorf("entity %q stands in %s too", e.Domain+":"+e.Name, other)
		}
		c.entities[at] = p.Name
	}
	c.data.Entities = append(c.data.Entities, p.data.Entities...)
	c.data.Advertisements = append(c.data.Advertisements, p.data.Advertisements...)
	c.data.Skipped = append(c.data.Skipped, p.data.Skipped...)
	return nil
}

// Data returns what was added, as data that the caller may complete before it is handed
// out.
func (c *Collector) Data() *driver.Data { return &c.data }

// Tags remembers which network map had which tag. The zero Tags remembers none.
type Tags struct {
	tag    string
	digest [sha256.Size]byte
}

// Honour keeps the tag of the network map only if it is that of the map that had it
// before, or a new one: whoever edits a document may forget the tag. It returns a tag
// that is not kept, "" where there is none.
func (t *Tags) Honour(c *Collector) (dropped string) {
	if c.of == nil || c.data.NetworkMapTag == "" {
		return ""
	}
	now := Tags{c.data.NetworkMapTag, c.of.digest}
	if now.tag == t.tag && now.digest != t.digest {
		c.data.NetworkMapTag = ""
		return now.tag
	}
	*t = now
	return ""
}
