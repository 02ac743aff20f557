package main

import (
	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

func propCommand(s *session) *cobra.Command {
	var resource string
	var names []string
	fit := accepting("endpointpropparams", "propmapparams")
	c := &cobra.Command{
		Use: "prop URI ENDPOINT…", Short: "Show properties of endpoints, or of other entities",
		Args: usage(cobra.MinimumNArgs(2)),
		RunE: func(c *cobra.Command, arguments []string) error {
			_, e, err := s.choose(c.Context(), []string{arguments[0], resource}, "service with properties", fit)
			if err != nil {
				return err
			}
			about := make([]string, len(arguments)-1)
			for i, text := range arguments[1:] {
				about[i] = endpoint(text)
			}
			if kind(e.Accepts) == "propmapparams" {
				return s.ask(c, e, client.PropertyFilter{Entities: about, Properties: orEmpty(names)})
			}
			if len(names) == 0 {
				names = e.Capabilities.PropTypes
			}
			return s.ask(c, e, client.EndpointPropQuery{Properties: orEmpty(names), Endpoints: about})
		},
	}
	c.Flags().StringVar(&resource, "resource", "", "the service to ask; the first unless given")
	c.Flags().StringSliceVar(&names, "property", nil, "property to show; all unless given")
	return c
}
