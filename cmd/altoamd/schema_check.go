package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/yang"
)

func schemaCheckCommand() *cobra.Command {
	var o schemaOptions
	c := &cobra.Command{
		Use:   "check",
		Short: "Check modules; print FILE:LINE: REASON for every error found",
		Args:  noFiles,
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
			fmt.Fprintln(cmd.OutOrStdout(), summary(s))
			return nil
		},
	}
	o.addFlags(c)
	return c
}

// summary names the modules that were found to be right.
func summary(s *yang.Schema) string {
	var implemented []string
	imported := 0
	for _, m := range s.Modules {
		switch {
		case !m.Implemented:
			imported++
		case m.Revision == "":
			implemented = append(implemented, m.Name)
		default:
			implemented = append(implemented, m.Name+"@"+m.Revision)
		}
	}
	text := "no errors in " + strings.Join(implemented, ", ")
	if imported > 0 {
		text += fmt.Sprintf(" and %d imported", imported)
	}
	return text
}
