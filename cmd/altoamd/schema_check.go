package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func schemaCheckCommand() *cobra.Command {
	var o schemaOptions
	c := &cobra.Command{
		Use:   "check",
		Short: "Check modules; print FILE:LINE: REASON for every error found",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := o.compile(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			for _, w := range s.Warnings {
				at := *w
				at.File, at.Message = o.locate(w.File), "warning: "+w.Message
				fmt.Fprintln(cmd.ErrOrStderr(), at.Error())
			}
			var implemented, imported []string
			for _, m := range s.Modules {
				if m.Implemented {
					implemented = append(implemented, m.Name+"@"+m.Revision)
				} else {
					imported = append(imported, m.Name)
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "no errors in %s (%d more imported)\n", strings.Join(implemented, ", "), len(imported))
			return nil
		},
	}
	o.addFlags(c)
	return c
}
