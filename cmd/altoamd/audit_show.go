package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/audit"
)

// auditFilter says which records are shown.
type auditFilter struct {
	Since string
	Users []string
	Whats []string
	since time.Time
}

func auditShowCommand() *cobra.Command {
	var o auditOptions
	var f auditFilter
	c := &cobra.Command{
		Use:   "show",
		Short: "Show records of the audit, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := o.folder()
			if err == nil {
				err = f.parse(time.Now())
			}
			if err != nil {
				return err
			}
			key, err := o.key("") // records of somebody else are shown, and told of
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			var failed error
			out := cmd.OutOrStdout()
			r, err := audit.Verify(cmd.Context(), dir, key, func(r *audit.Record) {
				if failed == nil && f.wants(r) {
					failed = writeRecord(out, o.Output, r)
				}
			})
			switch {
			case err != nil:
				return err
			case failed == nil && len(r.Findings) > 0:
				fmt.Fprintf(cmd.ErrOrStderr(), "altoamd: not all is as it was written: see altoamd audit verify\n")
			}
			return failed
		},
	}
	o.addFlags(c)
	fl := c.Flags()
	fl.StringVar(&f.Since, "since", "", "only records from this time on, 2026-11-22T12:00:00Z for instance, or so long ago, 24h for instance")
	fl.StringArrayVar(&f.Users, "user", nil, "only records of this user (repeatable)")
	fl.StringArrayVar(&f.Whats, "what", nil, "only records about this, commit or login-failed for instance (repeatable)")
	return c
}

// parse reads the flags.
func (f *auditFilter) parse(now time.Time) error {
	for _, w := range f.Whats {
		if !slices.Contains(audit.Whats, audit.What(w)) {
			var names []string
			for _, w := range audit.Whats {
				names = append(names, string(w))
			}
			return fmt.Errorf("--what %q is none of %s", w, strings.Join(names, ", "))
		}
	}
	if f.Since == "" {
		return nil
	}
	if ago, err := time.ParseDuration(f.Since); err == nil {
		f.since = now.Add(-ago)
		return nil
	}
	t, err := time.Parse(time.RFC3339, f.Since)
	if err != nil {
		return fmt.Errorf("--since %q is neither a time of RFC 3339 nor a duration", f.Since)
	}
	f.since = t
	return nil
}

func (f *auditFilter) wants(r *audit.Record) bool {
	return !r.Time.Before(f.since) && (len(f.Users) == 0 || slices.Contains(f.Users, r.User)) &&
		(len(f.Whats) == 0 || slices.Contains(f.Whats, string(r.What)))
}

func writeRecord(out io.Writer, format string, r *audit.Record) error {
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s", r.Sequence, r.Time.Format("2006-01-02T15:04:05.000Z"), cell(string(r.What)))
	add := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, " %s=%s", name, cell(text))
		}
	}
	number := func(name string, n uint64) {
		if n > 0 {
			fmt.Fprintf(&b, " %s=%d", name, n)
		}
	}
	add("user", r.User)
	add("protocol", r.Protocol)
	add("address", r.Address)
	number("session", uint64(r.Session))
	add("operation", r.Operation)
	add("datastore", r.Datastore)
	if r.DryRun {
		b.WriteString(" dry-run")
	}
	number("commit", r.Commit)
	add("kind", r.Kind)
	if r.Recovered {
		b.WriteString(" recovered")
	}
	add("result", r.Result)
	add("path", r.Path)
	number("count", r.Count)
	add("label", r.Label)
	add("comment", r.Comment)
	add("reason", r.Reason)
	b.WriteByte('\n')
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "    %s %s%s\n", cell(c.Operation), cell(c.Path), values(c))
	}
	if r.More != nil {
		fmt.Fprintf(&b, "    and %d changes more, SHA-256 %s\n", r.More.Changes, cell(r.More.SHA256))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// values are those of a change.
func values(c audit.Change) string {
	text := ""
	if c.Old != nil {
		text += ": " + cell(*c.Old)
	}
	if c.New != nil {
		text += " -> " + cell(*c.New)
	}
	return text
}
