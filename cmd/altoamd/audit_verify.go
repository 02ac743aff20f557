package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

func auditVerifyCommand() *cobra.Command {
	var o auditOptions
	var keyFile string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Find lines of the audit that were altered, removed, inserted or moved, and commits that are not on record",
		Long: "Verify reads all files of the audit and ends with status 1 when anything is wrong. It may run while the\n" +
			"agent does; whether all commits of the store are on record is only judged when it does not.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := o.folder()
			if err != nil {
				return err
			}
			key, err := o.key(keyFile)
			if err != nil {
				return err
			}
			stored := storedCommits(o.DataDir)
			r, err := audit.Verify(cmd.Context(), dir, key, stored.note)
			if err != nil {
				return err
			}
			r.Findings = append(r.Findings, stored.findings()...)
			if err := writeReport(cmd.OutOrStdout(), o.Output, r, stored.state); err != nil {
				return err
			}
			if n := len(r.Findings) + r.More; n > 0 {
				return fmt.Errorf("the audit is not as it was written: %d findings", n)
			}
			return nil
		},
	}
	o.addFlags(c)
	c.Flags().StringVar(&keyFile, "key", "", "file with the key; that in --data-dir unless given")
	return c
}

// commitsOnRecord compares the commits in the store with those in the audit.
type commitsOnRecord struct {
	state string // why they are not compared, or that they are
	heads []persist.Head
	known map[uint64][]time.Time
	from  uint64 // commits up to this one need not be on record
	begun bool
}

// storedCommits reads the store of an agent that does not run.
func storedCommits(dataDir string) *commitsOnRecord {
	c := &commitsOnRecord{known: map[uint64][]time.Time{}, state: "not compared: no --data-dir"}
	if dataDir == "" {
		return c
	}
	im, err := bolt.ReadImage(filepath.Join(dataDir, storeFile))
	switch {
	case errors.Is(err, bolt.ErrInUse):
		c.state = "not compared: the agent is running"
		return c
	case err != nil:
		c.state = fmt.Sprintf("not compared: %v", err)
		return c
	}
	defer im.Close()
	c.heads, c.state = commitsOf(im), "compared"
	return c
}

// note takes a record.
func (c *commitsOnRecord) note(r *audit.Record) {
	switch {
	case r.What == audit.Baseline:
		c.from, c.begun = r.Commit, true
	case r.What == audit.Commit && r.Commit > 0 && r.Committed != nil:
		if !c.begun { // those before may have been in files that are not kept
			c.from, c.begun = r.Commit-1, true
		}
		if c.heads != nil {
			c.known[r.Commit] = append(c.known[r.Commit], *r.Committed)
		}
	}
}

// findings are the commits of the store that are not on record.
func (c *commitsOnRecord) findings() (all []audit.Finding) {
	for _, h := range c.heads {
		if !c.begun || h.Revision <= c.from || h.Protocol == "store" {
			continue
		}
		found := false
		for _, at := range c.known[h.Revision] {
			found = found || at.Equal(h.Time)
		}
		if !found {
			all = append(all, audit.Finding{
				Kind:    audit.Missing,
				Message: fmt.Sprintf("commit %d of %s by %s is in the store, but not on record", h.Revision, h.Time.Format(time.RFC3339), cell(h.User)),
			})
		}
	}
	return all
}

func writeReport(out io.Writer, format string, r *audit.Report, commits string) error {
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			*audit.Report
			Commits string `json:"commits"`
		}{r, commits})
	}
	for _, f := range r.Findings {
		fmt.Fprintln(out, cell(f.String())) // it has words of records, whoever wrote them
	}
	if r.More > 0 {
		fmt.Fprintf(out, "and %d more\n", r.More)
	}
	with := "with the key"
	if !r.Keyed {
		with = "without a key, so that all of it could have been written anew"
	}
	_, err := fmt.Fprintf(out, "records: %d, %d to %d; files: %d; judged %s; commits of the store: %s\nhash of record %d: %s\n",
		r.Records, r.First, r.Last, r.Files, with, commits, r.Last, r.Hash)
	return err
}
