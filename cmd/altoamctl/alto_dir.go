package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

func dirCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "dir URI", Short: "Show the directory: which resources there are", Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, arguments []string) error {
			d, err := s.directory(c.Context(), arguments[0])
			if err != nil {
				return err
			}
			if s.output == "json" {
				r, err := s.client.Get(c.Context(), client.Entry{URI: d.URI, Media: "application/alto-directory+json"})
				if err != nil {
					return err
				}
				return s.raw(c, r)
			}
			t := newTable(c, "ID", "KIND", "PARAMETERS", "USES", "OFFERS", "URI")
			for _, e := range d.Entries {
				id := e.ID
				if id == d.DefaultNetworkMap {
					id += " (default)"
				}
				t.row(id, kind(e.Media), kind(e.Accepts), strings.Join(e.Uses, " "), offers(e.Capabilities), e.URI.String())
			}
			return t.end()
		},
	}
}

// offers tells capabilities in few words.
func offers(c client.Capabilities) string {
	list := slices.Clone(c.CostTypeNames)
	if c.CostConstraints {
		list = append(list, "constraints")
	}
	if len(c.TestableCostTypeNames) > 0 {
		list = append(list, "constraints:"+strings.Join(c.TestableCostTypeNames, ","))
	}
	if c.MaxCostTypes > 0 {
		list = append(list, fmt.Sprint("multi-cost:", c.MaxCostTypes))
	}
	for _, a := range c.Calendars {
		list = append(list, fmt.Sprintf("calendar:%s:%dx%gs", strings.Join(a.CostTypeNames, ","), a.Intervals, a.Interval))
	}
	list = append(list, c.PropTypes...)
	for _, domain := range slices.Sorted(maps.Keys(c.Mappings)) {
		list = append(list, domain+":"+strings.Join(c.Mappings[domain], ","))
	}
	if len(c.ANEProperties) > 0 {
		list = append(list, "ane:"+strings.Join(c.ANEProperties, ","))
	}
	if c.StreamControl {
		list = append(list, "stream-control")
	}
	return strings.Join(list, " ")
}
