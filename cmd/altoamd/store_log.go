package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
)

func storeLogCommand() *cobra.Command {
	var o storeOptions
	c := &cobra.Command{
		Use:   "log [FILE]",
		Short: "List the commits, newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			im, err := o.image(args)
			if err != nil {
				return err
			}
			defer im.Close()
			var commits []persist.Head
			im.Commits(func(h persist.Head) { commits = append(commits, h) })
			if len(commits) == 0 {
				return noCommit(im)
			}
			return writeLog(cmd.OutOrStdout(), commits)
		},
	}
	o.addFlags(c)
	return c
}

func writeLog(out io.Writer, commits []persist.Head) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMMIT\tTIME\tUSER\tSOURCE\tKIND\tLABEL\tCOMMENT")
	for _, h := range commits {
		kind := h.Kind
		if kind == "" {
			kind = "edit"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", h.Revision, h.Time.Format(time.RFC3339),
			cell(h.User), cell(source(h)), kind, cell(h.Label), cell(h.Comment))
	}
	return w.Flush()
}

// source says from where a commit came.
func source(h persist.Head) string {
	text := h.Protocol
	if h.Address != "" {
		text += " " + h.Address
	}
	if h.Session != 0 {
		text += fmt.Sprintf(" session %d", h.Session)
	}
	return text
}

// cell is text for one cell of a table: what would break it is quoted.
func cell(text string) string {
	switch {
	case text == "":
		return "-"
	case strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }):
		return strconv.Quote(text)
	}
	return text
}
