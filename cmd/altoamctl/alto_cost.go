package main

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

// costFlags say which costs are asked for.
type costFlags struct {
	types, testable, constraints, or, ane []string
	sources, destinations                 []string
	calendared                            bool
}

func (f *costFlags) flags(c *cobra.Command, what string) {
	l := c.Flags()
	l.StringSliceVar(&f.sources, "src", nil, "source, a "+what+"; repeatable, or with commas")
	l.StringSliceVar(&f.destinations, "dst", nil, "destination, likewise")
	l.StringSliceVar(&f.types, "type", nil, "cost type, by its name in the directory; several ask for multi-cost; the first of the resource unless given")
	l.StringSliceVar(&f.testable, "test-type", nil, "cost type that constraints are about, other than those asked for")
	l.StringArrayVar(&f.constraints, "constraint", nil, "test that a cost must pass, such as 'le 10', or '[1] le 10' with several types; repeatable")
	l.StringArrayVar(&f.or, "or", nil, "tests with commas between, all of which must be passed unless all of another --or are")
	l.BoolVar(&f.calendared, "calendar", false, "ask for the calendar of each cost type")
	l.StringSliceVar(&f.ane, "ane-property", nil, "of path vectors: property of the network elements")
}

func (f *costFlags) pairs() *client.Pairs {
	return &client.Pairs{Sources: orEmpty(f.sources), Destinations: orEmpty(f.destinations)}
}

// query is what the flags ask of a resource, without the pairs.
func (f *costFlags) query(d *client.Directory, e client.Entry) (client.CostQuery, error) {
	names := f.types
	if len(names) == 0 && len(e.Capabilities.CostTypeNames) > 0 {
		names = e.Capabilities.CostTypeNames[:1]
	}
	q := client.CostQuery{Constraints: f.constraints, ANEProperties: f.ane}
	types, err := typesOf(d, names)
	if err != nil {
		return q, err
	}
	if q.TestableCostTypes, err = typesOf(d, f.testable); err != nil {
		return q, err
	}
	switch len(types) {
	case 0:
		return q, usagef("resource %q names no cost type: --type is missing", e.ID)
	case 1:
		q.CostType = &types[0]
	default:
		q.MultiCostTypes = types
	}
	for _, tests := range f.or {
		q.OrConstraints = append(q.OrConstraints, strings.Split(tests, ","))
	}
	if f.calendared {
		q.Calendared = slices.Repeat([]bool{true}, len(types))
	}
	return q, nil
}

func typesOf(d *client.Directory, names []string) (list []client.CostType, err error) {
	for _, name := range names {
		t, ok := d.CostTypes[name]
		if !ok {
			return nil, usagef("the directory has no cost type %q", name)
		}
		list = append(list, t)
	}
	return list, nil
}

func costCommand(s *session) *cobra.Command {
	var costs costFlags
	fit := func(_ *client.Directory, e client.Entry) bool {
		return kind(e.Accepts) == "endpointcostparams" && !slices.ContainsFunc(costs.types, func(name string) bool {
			return !slices.Contains(e.Capabilities.CostTypeNames, name)
		})
	}
	c := &cobra.Command{
		Use: "cost URI [RESOURCE]", Short: "Show costs between endpoints, of the first service that has them unless one is named",
		Args: usage(cobra.RangeArgs(1, 2)), ValidArgsFunction: s.complete(fit),
		RunE: func(c *cobra.Command, arguments []string) error {
			ends := costs.pairs()
			if len(ends.Destinations) == 0 {
				return usagef("--dst is missing")
			}
			for _, list := range [][]string{ends.Sources, ends.Destinations} {
				for i, text := range list {
					list[i] = endpoint(text)
				}
			}
			d, e, err := s.choose(c.Context(), arguments, "endpoint cost service with these cost types", fit)
			if err != nil {
				return err
			}
			q, err := costs.query(d, e)
			if err != nil {
				return err
			}
			q.Endpoints = ends
			return s.ask(c, e, q)
		},
	}
	costs.flags(c, "address")
	return c
}

// endpoint gives an IP address its type (RFC 7285 Section 10.4.1).
func endpoint(text string) string {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return text
	case a.Is4():
		return "ipv4:" + text
	}
	return "ipv6:" + text
}
