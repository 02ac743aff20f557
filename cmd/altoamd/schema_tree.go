package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/yang/diagram"
)

func schemaTreeCommand() *cobra.Command {
	var o schemaOptions
	var d diagram.Options
	c := &cobra.Command{
		Use:   "tree",
		Short: "Print modules as tree diagrams (RFC 8340)",
		Args:  noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return drawTrees(cmd.OutOrStdout(), cmd.ErrOrStderr(), &o, d)
		},
	}
	o.addFlags(c)
	f := c.Flags()
	f.IntVar(&d.Depth, "depth", 0, "levels of nodes to draw; 0 draws all")
	f.StringVar(&d.Path, "path", "", "draw only the node at /MODULE:NODE/… with those above and below it; its module need not be named")
	f.BoolVar(&d.Groupings, "groupings", false, "draw groupings too, not only where a module has nothing else")
	return c
}

// drawTrees draws the modules asked for, or with a path the module that the
// path starts in. Faults in modules are written to faults.
func drawTrees(w, faults io.Writer, o *schemaOptions, d diagram.Options) error {
	if d.Depth < 0 {
		return fmt.Errorf("--depth %d: want a number of levels, or 0 for all", d.Depth)
	}
	draw := o.names()
	if d.Path != "" {
		module, _, ok := strings.Cut(strings.TrimPrefix(d.Path, "/"), ":")
		if !ok || !strings.HasPrefix(d.Path, "/") {
			return fmt.Errorf("--path %q: want /MODULE:NODE/…", d.Path)
		}
		draw = []string{module}
		if len(o.Modules) == 0 {
			o.Modules = draw
		}
	}
	s, err := o.compile(faults)
	if err != nil {
		return err
	}
	for i, name := range draw {
		text, err := diagram.Module(s, name, d)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprint(w, text)
	}
	return nil
}
