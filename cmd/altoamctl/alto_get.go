package main

import (
	"fmt"
	"net/netip"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

func getCommand(s *session) *cobra.Command {
	var address string
	whole := func(_ *client.Directory, e client.Entry) bool {
		return e.Accepts == "" && kind(e.Media) != "directory"
	}
	c := &cobra.Command{
		Use: "get URI [RESOURCE]", Short: "Show a resource as a whole, the default network map unless one is named",
		Args: usage(cobra.RangeArgs(1, 2)), ValidArgsFunction: s.complete(whole),
		RunE: func(c *cobra.Command, arguments []string) error {
			var wanted netip.Addr
			if address != "" {
				var err error
				if wanted, err = netip.ParseAddr(address); err != nil {
					return usagef("--find: %w", err)
				}
			}
			e, err := s.wanted(c, arguments, whole)
			if err != nil {
				return err
			}
			r, err := s.client.Get(c.Context(), e)
			if err != nil {
				return fmt.Errorf("resource %q: %w", e.ID, err)
			}
			if address == "" {
				return s.show(c, e, r)
			}
			m, err := r.NetworkMap()
			if err != nil {
				return err
			}
			return s.find(c, m, wanted)
		},
	}
	c.Flags().StringVar(&address, "find", "", "an IP address: show its PID in the network map and the prefix that matches")
	return c
}

// wanted chooses the resource that is named, or the default network map.
func (s *session) wanted(c *cobra.Command, arguments []string, fit func(*client.Directory, client.Entry) bool) (client.Entry, error) {
	if len(arguments) > 1 {
		_, e, err := s.choose(c.Context(), arguments, "resource that can be had as a whole", fit)
		return e, err
	}
	_, e, err := s.choose(c.Context(), arguments, "default network map", func(d *client.Directory, e client.Entry) bool { return e.ID == d.DefaultNetworkMap })
	return e, err
}

func (s *session) find(c *cobra.Command, m *client.NetworkMap, a netip.Addr) error {
	pid, match, ok := m.Find(a)
	if !ok {
		return fmt.Errorf("address %s is in no PID", a)
	}
	if s.output == "json" {
		return writeLine(c.OutOrStdout(), struct {
			Address netip.Addr   `json:"address"`
			PID     string       `json:"pid"`
			Prefix  netip.Prefix `json:"prefix"`
		}{a, pid, match})
	}
	t := newTable(c, "ADDRESS", "PID", "PREFIX")
	t.row(a.String(), pid, match.String())
	return t.end()
}
