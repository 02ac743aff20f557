package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/altoam/altoam/alto/client"
)

// paths asks each cost map of paths for all of them (RFC 9275): each abstract network
// element on one must have its properties in the second part.
func (w *walk) paths(ctx context.Context) error {
	for _, e := range w.directory.Entries {
		t, ok := w.ofMetric(e, "ane-path")
		if !ok || e.Accepts != acceptsCostMap {
			continue
		}
		began := time.Now()
		r, err := w.client.Ask(ctx, client.Request{Entry: e, Parameters: client.CostQuery{CostType: &t, PIDs: everything, ANEProperties: e.Capabilities.ANEProperties}})
		if err != nil {
			return fmt.Errorf("paths of %q: %w", e.ID, err)
		}
		costs, properties, err := r.PathVectors()
		if err != nil {
			return fmt.Errorf("paths of %q: %w", e.ID, err)
		}
		n, err := arrays(costs, func(path []string) error {
			for _, ane := range path {
				if of := properties.Of[".ane:"+ane]; len(of) != len(e.Capabilities.ANEProperties) {
					return fmt.Errorf("the element %q has %d properties", ane, len(of))
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("paths of %q: %w", e.ID, err)
		}
		if n == 0 {
			return fmt.Errorf("paths of %q: none", e.ID)
		}
		fmt.Printf("paths of %s: %d over %d elements, %s\n", e.ID, n, len(properties.Of), since(began))
	}
	return nil
}

// calendars asks each cost map with a calendar for all of it (RFC 8896): each cost must
// have as many values as the calendar says.
func (w *walk) calendars(ctx context.Context) error {
	for _, e := range w.directory.Entries {
		if len(e.Capabilities.Calendars) == 0 || e.Accepts != acceptsCostMap {
			continue
		}
		t := w.directory.CostTypes[e.Capabilities.Calendars[0].CostTypeNames[0]]
		began := time.Now()
		r, err := w.client.Ask(ctx, client.Request{Entry: e, Parameters: client.CostQuery{CostType: &t, PIDs: everything, Calendared: []bool{true}}})
		if err != nil {
			return fmt.Errorf("calendar of %q: %w", e.ID, err)
		}
		costs, err := r.Costs()
		if err != nil {
			return fmt.Errorf("calendar of %q: %w", e.ID, err)
		}
		if len(costs.Calendars) != 1 {
			return fmt.Errorf("calendar of %q: %d calendars, expected one", e.ID, len(costs.Calendars))
		}
		n, err := arrays(costs, func(values []float64) error {
			if want := e.Capabilities.Calendars[0].Intervals; len(values) != want || costs.Calendars[0].Intervals != want {
				return fmt.Errorf("%d values, expected %d", len(values), want)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("calendar of %q: %w", e.ID, err)
		}
		if n == 0 {
			return fmt.Errorf("calendar of %q: no costs", e.ID)
		}
		fmt.Printf("calendar of %s: %d costs, from %s on, %s\n", e.ID, n, costs.Calendars[0].Start, since(began))
	}
	return nil
}

const acceptsCostMap = "application/alto-costmapfilter+json"

var everything = &client.Pairs{Sources: []string{}, Destinations: []string{}}

// ofMetric returns the cost type of a metric that e has.
func (w *walk) ofMetric(e client.Entry, metric string) (client.CostType, bool) {
	i := slices.IndexFunc(e.Capabilities.CostTypeNames, func(name string) bool { return w.directory.CostTypes[name].Metric == metric })
	if i < 0 {
		return client.CostType{}, false
	}
	return w.directory.CostTypes[e.Capabilities.CostTypeNames[i]], true
}

// arrays calls do for each cost, which is an array of T, and counts them.
func arrays[T any](costs *client.Costs, do func([]T) error) (n int, err error) {
	for source, to := range costs.From {
		for destination, text := range to {
			var list []T
			if err := json.Unmarshal(text, &list); err != nil {
				return n, err
			}
			if err := do(list); err != nil {
				return n, fmt.Errorf("from %s to %s: %w", source, destination, err)
			}
			n++
		}
	}
	return n, nil
}
