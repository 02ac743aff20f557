package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// exportOptions are the flags of altoamd store export.
type exportOptions struct {
	storeOptions
	Commit         uint64
	Partial        bool
	Format, Output string
}

func storeExportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write the configuration of a commit as instance data (RFC 9195)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.export(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args)
		},
	}
	o.addFlags(c)
	o.addModuleFlags(c)
	f := c.Flags()
	f.Uint64Var(&o.Commit, "commit", 0, "number of the commit, the newest unless given")
	f.BoolVar(&o.Partial, "partial", false, "leave out what is damaged or does not fit the modules, and list it")
	f.StringVar(&o.Format, "format", "json", "json or xml")
	f.StringVarP(&o.Output, "output", "o", "", "file to write, standard output unless given")
	return c
}

func (o *exportOptions) export(ctx context.Context, out, log io.Writer, args []string) error {
	if o.Format != "json" && o.Format != "xml" {
		return fmt.Errorf("--format %q: want json or xml", o.Format)
	}
	schema, err := loadSchema(o.moduleOptions)
	if err != nil {
		return err
	}
	head, t, err := o.content(log, args, schema)
	if err != nil {
		return err
	}
	set := dataSet{
		Name: "running", Time: head.Time, Schema: schema, Content: t,
		Description: description(head),
	}
	if set.Library, err = schemaLibrary(ctx, schema); err != nil {
		return err
	}
	if o.Output == "" {
		return set.write(out, o.Format)
	}
	if err := set.save(o.Output, o.Format); err != nil {
		return fmt.Errorf("export to %s: %w", o.Output, err)
	}
	return nil
}

// save writes the set to a file that is there whole, for its owner alone, or not at
// all. A device or pipe is written to, and what a link leads to is replaced.
func (d dataSet) save(path, format string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(d.write(f, format), f.Close())
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if err := d.write(f, format); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// description says whose commit is exported, and its comment.
func description(h persist.Head) string {
	text := fmt.Sprintf("The running datastore of altoamd as of commit %d", h.Revision)
	if h.User != "" {
		text += " by " + h.User
	}
	return strings.TrimSpace(text + ". " + h.Comment)
}

// content returns the commit asked for.
func (o *exportOptions) content(log io.Writer, args []string, schema *yang.Schema) (head persist.Head, t *tree.Tree, err error) {
	err = o.read(args, func(im *bolt.Image) error {
		if im.State.Head.Revision == 0 {
			return noCommit(im)
		}
		c, left, err := contentAt(im, o.Commit, o.Partial)
		if err != nil {
			return err
		}
		var problems []error
		if t, problems = assemble(schema, c.Records); len(problems) > 0 && !o.Partial {
			return fmt.Errorf("commit %d does not fit the modules: %w", c.Head.Revision, errors.Join(problems...))
		}
		for _, l := range left {
			fmt.Fprintln(log, l)
		}
		for _, p := range problems {
			fmt.Fprintln(log, p)
		}
		head = c.Head
		return nil
	})
	return head, t, err
}
