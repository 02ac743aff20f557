package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/yang"
)

func schemaCoverageCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "coverage",
		Short: "List what becomes of each node of the ALTO configuration, as Markdown",
		Args:  noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSchema(moduleOptions{})
			if err != nil {
				return err
			}
			return writeCoverage(cmd.OutOrStdout(), s)
		},
	}
}

// writeCoverage writes docs/alto-coverage.md.
func writeCoverage(w io.Writer, s *yang.Schema) error {
	var b strings.Builder
	b.WriteString("# What each node of the ALTO configuration does\n\n" +
		"Written by `make gen` from the schema and from what the agent handles. altoamd does not start with a node that is in neither.\n" +
		"Paths are below `/ietf-alto:alto`. A test is `PACKAGE.TEST` or a path in the repository.\n\n" +
		"| node | effect | test | deviation |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, c := range agent.Coverage(s) {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", strings.TrimPrefix(c.Node, "/ietf-alto:alto/"), cell.Replace(c.Effect), c.Test, cell.Replace(c.Deviation))
	}
	var off []string
	for _, f := range s.Module("ietf-alto").Features {
		if !f.Enabled {
			off = append(off, "`"+f.Name+"`")
		}
	}
	slices.Sort(off)
	fmt.Fprintf(&b, "\nFeatures of ietf-alto that are off, with all that depends on them: %s.\n", strings.Join(off, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}
