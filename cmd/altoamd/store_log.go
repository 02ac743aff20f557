package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

func storeLogCommand() *cobra.Command {
	var o storeOptions
	var format string
	c := &cobra.Command{
		Use:   "log [FILE]",
		Short: "List the commits, newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			write := logFormats[format]
			if write == nil {
				return fmt.Errorf("--format %q: want table or json", format)
			}
			return o.read(args, func(im *bolt.Image) error {
				commits := commitsOf(im)
				if len(commits) == 0 {
					return noCommit(im)
				}
				return write(cmd.OutOrStdout(), commits)
			})
		},
	}
	o.addFlags(c)
	c.Flags().StringVar(&format, "format", "table", "table, or json: an object a line")
	return c
}

// logFormats are how a log may be written.
var logFormats = map[string]func(io.Writer, []persist.Head) error{"table": writeLog, "json": writeLogJSON}

// commitsOf lists the commits, newest first, each with its kind.
func commitsOf(im *bolt.Image) (commits []persist.Head) {
	im.Commits(func(h persist.Head) {
		h.Kind = cmp.Or(h.Kind, "edit")
		commits = append(commits, h)
	})
	return commits
}

// writeLogJSON writes each head as the store has it (docs/store.md), on a line of its own.
func writeLogJSON(out io.Writer, commits []persist.Head) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, h := range commits {
		if err := e.Encode(h); err != nil {
			return err
		}
	}
	return nil
}

func writeLog(out io.Writer, commits []persist.Head) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMMIT\tTIME\tUSER\tSOURCE\tKIND\tLABEL\tCOMMENT")
	for _, h := range commits {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", h.Revision, h.Time.Format(time.RFC3339),
			cell(h.User), cell(source(h)), h.Kind, cell(h.Label), cell(h.Comment))
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
