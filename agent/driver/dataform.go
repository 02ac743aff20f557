package driver

import (
	"fmt"
	"time"

	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// DataForm has what Data has, in fields that encoding/gob can encode: to keep data over a
// restart.
type DataForm struct {
	PIDs           []PID
	NetworkMapTag  string
	Costs          []costForm
	Calendars      []calendarForm
	Paths          []byte // of alto.EncodeData; empty: none are known
	Entities       []alto.Entity
	Advertisements []jsontext.Value
	HasGraph       bool
	Nodes          []graph.Node
	Links          []graph.Link
	Path           []string
	Conflicts      []Conflict
	Skipped        []Skipped
}

type costForm struct {
	Mode, Metric string
	Form         []byte // of alto.EncodeData
}

type calendarForm struct {
	Mode, Metric string
	Interval     time.Duration
	Patterns     []patternForm
}

type patternForm struct {
	Start      time.Time
	Iterations int
	Values     [][]byte // of alto.EncodeData
}

// FormOf returns the form of d, which shares memory with it. Cost is that of the costs.
func FormOf(d *Data) (f DataForm, err error) {
	f = DataForm{
		PIDs: d.PIDs, NetworkMapTag: d.NetworkMapTag, Entities: d.Entities, Advertisements: d.Advertisements,
		Path: d.Path, Conflicts: d.Conflicts, Skipped: d.Skipped,
	}
	for _, c := range d.Costs {
		form, err := alto.EncodeData(c.Costs)
		if err != nil {
			return f, err
		}
		f.Costs = append(f.Costs, costForm{c.Mode, c.Metric, form})
	}
	for _, c := range d.Calendars {
		form, err := calendarFormOf(c)
		if err != nil {
			return f, err
		}
		f.Calendars = append(f.Calendars, form)
	}
	if d.Paths != nil {
		if f.Paths, err = alto.EncodeData(d.Paths); err != nil {
			return f, err
		}
	}
	if d.Graph != nil {
		f.HasGraph, f.Nodes, f.Links = true, d.Graph.Nodes(), d.Graph.Links()
	}
	return f, nil
}

func calendarFormOf(c CostCalendar) (calendarForm, error) {
	f := calendarForm{Mode: c.Mode, Metric: c.Metric, Interval: c.Costs.Interval()}
	for _, p := range c.Costs.Patterns() {
		q := patternForm{Start: p.Start, Iterations: p.Iterations}
		for _, v := range p.Values {
			form, err := alto.EncodeData(v)
			if err != nil {
				return f, err
			}
			q.Values = append(q.Values, form)
		}
		f.Patterns = append(f.Patterns, q)
	}
	return f, nil
}

// Data returns the data that the form is of. The error tells what is not as FormOf made it.
func (f DataForm) Data() (*Data, error) {
	d := &Data{
		PIDs: f.PIDs, NetworkMapTag: f.NetworkMapTag, Entities: f.Entities, Advertisements: f.Advertisements,
		Path: f.Path, Conflicts: f.Conflicts, Skipped: f.Skipped,
	}
	for _, c := range f.Costs {
		m, err := decoded[*alto.CostMatrix](c.Form)
		if err != nil {
			return nil, err
		}
		d.Costs = append(d.Costs, CostTable{Mode: c.Mode, Metric: c.Metric, Costs: m})
	}
	for _, c := range f.Calendars {
		schedule, err := c.schedule()
		if err != nil {
			return nil, err
		}
		d.Calendars = append(d.Calendars, CostCalendar{Mode: c.Mode, Metric: c.Metric, Costs: schedule})
	}
	if len(f.Paths) > 0 {
		paths, err := decoded[*alto.PathMatrix](f.Paths)
		if err != nil {
			return nil, err
		}
		d.Paths = paths
	}
	if !f.HasGraph {
		return d, nil
	}
	var err error
	d.Graph, err = graph.New(f.Nodes, f.Links)
	return d, err
}

func (f calendarForm) schedule() (*alto.CostSchedule, error) {
	var patterns []alto.CostPattern
	for _, p := range f.Patterns {
		q := alto.CostPattern{Start: p.Start, Iterations: p.Iterations}
		for _, form := range p.Values {
			m, err := decoded[*alto.CostMatrix](form)
			if err != nil {
				return nil, err
			}
			q.Values = append(q.Values, m)
		}
		patterns = append(patterns, q)
	}
	return alto.NewCostSchedule(f.Interval, patterns...)
}

func decoded[T alto.Data](form []byte) (data T, err error) {
	x, err := alto.DecodeData(form)
	if err != nil {
		return data, err
	}
	data, ok := x.(T)
	if !ok {
		return data, fmt.Errorf("there is a %T, expected a %T", x, data)
	}
	return data, nil
}
