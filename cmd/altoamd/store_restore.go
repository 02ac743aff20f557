package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// restoreOptions are the flags of altoamd store restore.
type restoreOptions struct {
	storeOptions
	Commit  uint64
	Partial bool
}

func storeRestoreCommand() *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use:   "restore --commit N [FILE]",
		Short: "Make the state of a commit the newest one, also in a damaged store",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(args, func(im *bolt.Image) error { return o.restore(cmd.Context(), cmd.OutOrStdout(), im) })
		},
	}
	o.addFlags(c)
	o.addModuleFlags(c)
	c.Flags().Uint64Var(&o.Commit, "commit", 0, "number of the commit, as store log lists them (required)")
	c.Flags().BoolVar(&o.Partial, "partial", false, "leave out what is damaged and list it")
	if err := c.MarkFlagRequired("commit"); err != nil {
		panic(err)
	}
	return c
}

func (o *restoreOptions) restore(ctx context.Context, out io.Writer, im *bolt.Image) error {
	if o.Commit == 0 {
		return errors.New("--commit 0: commits are numbered from 1")
	}
	c, left, err := contentAt(im, o.Commit, o.Partial)
	if err != nil {
		return err
	}
	head := offlineHead("recover", fmt.Sprintf("restore of commit %d", o.Commit))
	if !c.Whole {
		more, err := o.fit(&c)
		if err != nil {
			return err
		}
		left = append(left, more...)
		head.Comment += " without what was damaged"
	}
	for _, l := range left {
		fmt.Fprintln(out, l)
	}
	if len(im.Problems) > 0 {
		return replace(out, im, c.Records, head)
	}
	return follow(ctx, out, im, c.Records, head)
}

// fit leaves out of what is left of a state what cannot stand without what is lost;
// left says what that is.
func (o *restoreOptions) fit(c *bolt.Content) (left []string, err error) {
	schema, err := loadSchema(o.moduleOptions)
	if err != nil {
		return nil, err
	}
	t, problems := assemble(schema, c.Records)
	for _, p := range problems {
		left = append(left, p.Error())
	}
	c.Records = persist.Records(tree.Compare(tree.New(schema.Root), t))
	return left, nil
}

// replace puts a new store in the place of a damaged one.
func replace(out io.Writer, im *bolt.Image, records []persist.Record, head persist.Head) error {
	saved, err := im.Replace(records, head, head.Time)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "commit %d: %s; the damaged store is kept as %s\n", im.State.Head.Revision+1, head.Comment, saved)
	return nil
}

// follow makes one more commit in a store that is as it was written.
func follow(ctx context.Context, out io.Writer, im *bolt.Image, records []persist.Record, head persist.Head) error {
	now, err := im.At(im.State.Head.Revision)
	if err != nil {
		return err
	}
	if err := im.Close(); err != nil {
		return err
	}
	s, err := bolt.Open(im.Path)
	if err != nil {
		return inUse(im.Path, err)
	}
	head.Revision = now.Head.Revision + 1
	err = s.Commit(ctx, persist.Txn{Base: now.Head.Revision, Commits: []persist.Commit{{
		Head: head, Records: bolt.Difference(now.Records, records),
	}}})
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "commit %d: %s\n", head.Revision, head.Comment)
	return nil
}
