package main

import (
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

func cdniCommand(s *session) *cobra.Command {
	var wanted []string
	c := &cobra.Command{
		Use: "cdni URI [RESOURCE]", Short: "Show the capabilities of content delivery networks and where they can be used",
		Args: usage(cobra.RangeArgs(1, 2)), ValidArgsFunction: s.complete(advertising(false)),
		RunE: func(c *cobra.Command, arguments []string) error {
			var filter client.CDNIFilter
			for _, text := range wanted {
				name, value, ok := strings.Cut(text, "=")
				v := jsontext.Value(value)
				if !ok || !v.IsValid() {
					return usagef("--capability %q: expected TYPE=VALUE with a value in JSON", text)
				}
				filter.Capabilities = append(filter.Capabilities, client.Capability{Type: name, Value: v})
			}
			_, e, err := s.choose(c.Context(), arguments, "fitting advertisement of a CDN", advertising(wanted != nil))
			if err != nil {
				return err
			}
			return s.ask(c, e, filter)
		},
	}
	c.Flags().StringArrayVar(&wanted, "capability", nil, `only what has this: TYPE=VALUE, such as 'FCI.DeliveryProtocol={"delivery-protocols":["http/1.1"]}'; repeatable`)
	return c
}

// advertising are CDNI resources, filtered or whole.
func advertising(filtered bool) func(*client.Directory, client.Entry) bool {
	return func(_ *client.Directory, e client.Entry) bool {
		return kind(e.Media) == "cdni" && (e.Accepts != "") == filtered
	}
}
