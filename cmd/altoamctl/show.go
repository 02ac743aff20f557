package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

// show writes an answer as --output says: a table of what its media type says it is.
func (s *session) show(c *cobra.Command, e client.Entry, r *client.Response) error {
	if s.output == "json" {
		return s.raw(c, r)
	}
	switch kind(e.Media) {
	case "networkmap":
		m, err := r.NetworkMap()
		if err != nil {
			return err
		}
		return showNetworkMap(c, m)
	case "costmap", "endpointcost":
		costs, err := r.Costs()
		if err != nil {
			return err
		}
		return showCosts(c, costs)
	case "multipart/related":
		costs, properties, err := r.PathVectors()
		if err != nil {
			return err
		}
		if err := showCosts(c, costs); err != nil {
			return err
		}
		return showProperties(c, properties)
	case "endpointprop", "propmap":
		properties, err := r.Properties()
		if err != nil {
			return err
		}
		return showProperties(c, properties)
	case "cdni":
		a, err := r.Advertisements()
		if err != nil {
			return err
		}
		return showAdvertisements(c, a)
	}
	return s.raw(c, r)
}

func showNetworkMap(c *cobra.Command, m *client.NetworkMap) error {
	t := newTable(c, "PID", "PREFIX")
	for _, pid := range slices.Sorted(maps.Keys(m.PIDs)) {
		for _, p := range slices.Concat(m.PIDs[pid].IPv4, m.PIDs[pid].IPv6) {
			t.row(pid, p.String())
		}
	}
	return t.end()
}

// showCosts has a column for each cost type.
func showCosts(c *cobra.Command, costs *client.Costs) error {
	for _, a := range costs.Calendars {
		fmt.Fprintf(c.OutOrStdout(), "calendar of %s from %s: %d intervals of %g s\n", printable(strings.Join(a.CostTypes, ", ")), printable(a.Start), a.Intervals, a.Interval)
	}
	head := []string{"SOURCE", "DESTINATION"}
	for _, t := range costs.CostTypes {
		head = append(head, strings.ToUpper(t.Mode+" "+t.Metric))
	}
	t := newTable(c, head...)
	for _, from := range slices.Sorted(maps.Keys(costs.From)) {
		for _, to := range slices.Sorted(maps.Keys(costs.From[from])) {
			row := []string{from, to}
			value := costs.From[from][to]
			if len(costs.CostTypes) == 1 {
				row = append(row, string(value))
			} else {
				row = append(row, elements(value)...)
			}
			t.row(row...)
		}
	}
	return t.end()
}

// elements are those of a JSON array, or the value itself.
func elements(value jsontext.Value) []string {
	list, ok := arrayOf(value)
	if !ok {
		return []string{string(value)}
	}
	return list
}

func showProperties(c *cobra.Command, p *client.Properties) error {
	t := newTable(c, "ENTITY", "PROPERTY", "VALUE")
	for _, entity := range slices.Sorted(maps.Keys(p.Of)) {
		for _, name := range slices.Sorted(maps.Keys(p.Of[entity])) {
			t.row(entity, name, plain(p.Of[entity][name]))
		}
	}
	return t.end()
}

func showAdvertisements(c *cobra.Command, a *client.Advertisements) error {
	t := newTable(c, "CAPABILITY", "VALUE", "FOOTPRINTS")
	for _, o := range a.Objects {
		var places []string
		for _, f := range o.Footprints {
			places = append(places, f.Type+" "+string(f.Values))
		}
		t.row(o.Type, string(o.Value), strings.Join(places, ", "))
	}
	return t.end()
}

// plain is the text of a JSON value, a string without its quotes.
func plain(v jsontext.Value) string {
	if v.Kind() == '"' {
		if text, err := jsontext.AppendUnquote(nil, v); err == nil {
			return string(text)
		}
	}
	return string(v)
}

// count tells a number of things.
func count(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "y"):
		what = strings.TrimSuffix(what, "y") + "ies"
	default:
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
