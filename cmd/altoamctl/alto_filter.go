package main

import (
	"fmt"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

func filterCommand(s *session) *cobra.Command {
	var (
		costs      costFlags
		part       client.NetworkMapFilter
		properties client.PropertyFilter
	)
	fit := accepting("networkmapfilter", "costmapfilter", "propmapparams")
	c := &cobra.Command{
		Use: "filter URI RESOURCE", Short: "Show a part of a network map, cost map or property map",
		Args: usage(cobra.ExactArgs(2)), ValidArgsFunction: s.complete(fit),
		RunE: func(c *cobra.Command, arguments []string) error {
			d, e, err := s.choose(c.Context(), arguments, "resource that filters a map", fit)
			if err != nil {
				return err
			}
			var parameters any
			switch kind(e.Accepts) {
			case "networkmapfilter":
				part.PIDs = orEmpty(part.PIDs)
				parameters = part
			case "costmapfilter":
				q, err := costs.query(d, e)
				if err != nil {
					return err
				}
				q.PIDs = costs.pairs()
				parameters = q
			default:
				properties.Entities, properties.Properties = orEmpty(properties.Entities), orEmpty(properties.Properties)
				parameters = properties
			}
			return s.ask(c, e, parameters)
		},
	}
	costs.flags(c, "PID")
	f := c.Flags()
	f.StringSliceVar(&part.PIDs, "pid", nil, "of a network map: the PIDs to show; all unless given")
	f.StringSliceVar(&part.AddressTypes, "address-type", nil, "of a network map: ipv4 or ipv6")
	f.StringSliceVar(&properties.Entities, "entity", nil, "of a property map: such as ipv4:192.0.2.0/24")
	f.StringSliceVar(&properties.Properties, "property", nil, "of a property map: the properties to show; all unless given")
	return c
}

// ask asks a resource with parameters and shows the answer.
func (s *session) ask(c *cobra.Command, e client.Entry, parameters any) error {
	r, err := s.client.Ask(c.Context(), client.Request{Entry: e, Parameters: parameters})
	if err != nil {
		return fmt.Errorf("resource %q: %w", e.ID, err)
	}
	return s.show(c, e, r)
}

// orEmpty is a list that JSON shows as one.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
