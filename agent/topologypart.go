package agent

import (
	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/alto/persistent"
)

// partials are the sources with a topology in use of which a part is missing: nodes with
// prefixes that the rest does not reach, or that do not reach it. They are kept up to date
// at the cost of what changes. It belongs to one goroutine at a time.
type partials struct {
	seen persistent.Map[string, *driver.Data]
	list map[string]alarms.Condition // by source
}

func (p *partials) conditions(w *world) (list []alarms.Condition) {
	if p.list == nil {
		p.list = make(map[string]alarms.Condition)
	}
	persistent.Diff(p.seen, w.data, func(id string, _, d *driver.Data) {
		delete(p.list, id)
		if d == nil {
			return
		}
		if names, of := d.CutOff(); len(names) > 0 {
			p.list[id] = condition(sourcePath(id), alarmPartial, alarms.Major,
				"%d of %d nodes have prefixes and no way to the others, or none from them: %q first", len(names), of, names[0])
		}
	})
	p.seen = w.data
	for _, c := range p.list {
		list = append(list, c)
	}
	return list
}
