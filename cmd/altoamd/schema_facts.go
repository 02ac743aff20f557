package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func schemaFactsCommand() *cobra.Command {
	var o schemaOptions
	c := &cobra.Command{
		Use:   "facts",
		Short: "Print what modules define apart from prose, one fact a line",
		Args:  noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := o.compile(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			for _, name := range o.names() {
				for _, line := range s.Facts(name) {
					fmt.Fprintln(cmd.OutOrStdout(), line)
				}
			}
			return nil
		},
	}
	o.addFlags(c)
	return c
}
