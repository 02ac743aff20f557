package fromsource

import (
	"context"
	"fmt"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

var costMap = driver.Algorithm{
	Kind: driver.CostMap,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoCostmapParams != nil && r.AltoCostmapParams.FromSource != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		id, err := costNetworkMap(in)
		if err != nil {
			return driver.Needs{}, err
		}
		return driver.Needs{Sources: []string{in.Resource.AltoCostmapParams.FromSource.GetSource()}, Resources: []string{id}}, nil
	},
	Compute: computeCostMap,
}

func costNetworkMap(in driver.PlanInput) (string, error) {
	return in.NeededNetworkMap(leaf("alto-costmap-params", "network-map"), in.Resource.AltoCostmapParams.FromSource.GetNetworkMap(), "the cost map has")
}

func computeCostMap(_ context.Context, in driver.Input) (driver.Output, error) {
	id, err := costNetworkMap(in.PlanInput)
	if err != nil {
		return driver.Output{}, err
	}
	at := leaf("alto-costmap-params", "source")
	source := in.Resource.AltoCostmapParams.FromSource.GetSource()
	out := driver.Output{Map: in.Outputs[id].Map, NetworkMap: id, Costs: make(map[string]*alto.CostMatrix), Schedules: make(map[string]*alto.CostSchedule)}
	for _, name := range driver.OfferedCostTypes(in.Resource) {
		t := in.CostTypes[name]
		if driver.OfPaths(t) {
			if err := takePaths(&out, name, in.Sources[source]); err != nil {
				return driver.Output{}, driver.Errorf(at, "source %q: %w", source, err)
			}
			continue
		}
		m, schedule := costs(in.Sources[source], t, in.Now)
		if m == nil {
			return driver.Output{}, driver.Errorf(at, "source %q has no costs of mode %q and metric %q, which cost type %q asks for", source, t.Mode, t.Metric, name)
		}
		for _, pid := range m.PIDs() {
			if !in.Outputs[id].Map.Has(pid) {
				return driver.Output{}, driver.Errorf(at, "source %q has costs of PID %q, which network map %q does not define", source, pid, id)
			}
		}
		if out.Costs[name] = m; schedule != nil {
			out.Schedules[name] = schedule
		}
	}
	return out, nil
}

// costs returns what d holds for a cost type at a moment, nil where there is nothing, and
// over time, where it is known. A table is what holds when no pattern of a calendar does.
func costs(d *driver.Data, t alto.CostType, now time.Time) (*alto.CostMatrix, *alto.CostSchedule) {
	schedule := d.CostCalendar(t.Mode, t.Metric)
	if schedule == nil {
		return table(d, t), nil
	}
	if m := schedule.At(now); m != nil {
		return m, schedule
	}
	if m := table(d, t); m != nil {
		return m, schedule
	}
	return none, schedule
}

// none is a matrix without costs.
var none = func() *alto.CostMatrix {
	m, err := alto.NewCostMatrix(nil, nil)
	if err != nil {
		panic(err) // there is nothing in it to be wrong
	}
	return m
}()

// table returns the costs that d holds for a cost type whatever the time, nil where there
// are none.
func table(d *driver.Data, t alto.CostType) *alto.CostMatrix {
	if table := d.CostTable(t.Mode, t.Metric); table != nil {
		return table.Costs
	}
	if t.Mode == alto.ModeOrdinal {
		if table := d.CostTable(alto.ModeNumerical, t.Metric); table != nil {
			return driver.Ranked(table.Costs)
		}
	}
	return nil
}

// takePaths takes the paths of d, with the properties of what they lead through, for a
// cost type.
func takePaths(out *driver.Output, name string, d *driver.Data) (err error) {
	if d.Paths == nil {
		return fmt.Errorf("there are no paths, which cost type %q asks for", name)
	}
	for _, pid := range d.Paths.PIDs() {
		if !out.Map.Has(pid) {
			return fmt.Errorf("there are paths of PID %q, which network map %q does not define", pid, out.NetworkMap)
		}
	}
	out.Paths = map[string]*alto.PathMatrix{name: d.Paths}
	out.ANEs, err = d.ANEs()
	return err
}
