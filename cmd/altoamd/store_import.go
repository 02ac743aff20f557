package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/users"
	"github.com/altoam/altoam/yang"
)

// importOptions are the flags of altoamd store import.
type importOptions struct {
	storeOptions
	Comment string
}

func storeImportCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import DATA [FILE]",
		Short: "Make instance data (RFC 9195), JSON or XML, the newest commit; \"-\" reads standard input",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), args)
		},
	}
	o.addFlags(c)
	o.addModuleFlags(c)
	c.Flags().StringVar(&o.Comment, "comment", "", "comment of the commit")
	return c
}

// run reads args[0] into the store that the other arguments name.
func (o *importOptions) run(ctx context.Context, in io.Reader, out io.Writer, args []string) error {
	path, err := o.path(args[1:])
	if err != nil {
		return err
	}
	if o.Comment == "" {
		o.Comment = "import of " + cell(filepath.Base(inputName(args[0])))
	}
	if strings.ContainsFunc(o.Comment, notText) {
		return fmt.Errorf("--comment %q: it has characters that no string of YANG can have (RFC 7950 Section 9.4)", o.Comment)
	}
	schema, err := loadSchema(o.moduleOptions)
	if err != nil {
		return err
	}
	text, err := readAll(in, args[0])
	if err != nil {
		return err
	}
	t, err := readInstance(schema, text)
	if err != nil {
		return fmt.Errorf("%s: %w", inputName(args[0]), err)
	}
	sealer, err := o.sealer(schema, path, true)
	if err != nil {
		return err
	}
	records, err := acceptable(ctx, schema, t, sealer)
	if err != nil {
		return fmt.Errorf("%s: %w", inputName(args[0]), err)
	}
	n, err := overwrite(ctx, path, records, modulesOf(schema), offlineHead("import", o.Comment))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "commit %d: %s\n", n, o.Comment)
	return nil
}

// notText tells of characters that a comment cannot have, be it because they were no
// UTF-8.
func notText(r rune) bool {
	return r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF
}

// inputName says what is imported.
func inputName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

func readAll(in io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(file)
}

// acceptable returns the records of t as the agent would store it: cleartext
// passwords hashed, secrets sealed, what a when forbids removed. It fails when t is not
// valid.
func acceptable(ctx context.Context, schema *yang.Schema, t *tree.Tree, sealer *secrets.Sealer) ([]persist.Record, error) {
	var c catcher
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: &c, Normalize: users.Normalize, Sealer: sealer})
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx, func() (*tree.Tree, error) { return t, nil }); err != nil {
		return nil, err
	}
	return c.records, nil
}

// catcher is an empty store that keeps the records of its first commit.
type catcher struct{ records []persist.Record }

func (*catcher) Load(context.Context, func(persist.Record) error) (persist.State, error) {
	return persist.State{}, nil
}

func (c *catcher) Commit(_ context.Context, t persist.Txn) error {
	for _, one := range t.Commits {
		c.records = append(c.records, one.Records...)
	}
	return nil
}

func (*catcher) Commits(context.Context, uint64, func(persist.Head) bool) error { return nil }

func (*catcher) Undo(context.Context, uint64) ([]persist.Record, error) {
	return nil, persist.ErrForgotten
}

func (*catcher) Scrub(context.Context) error { return nil }

func (*catcher) Close() error { return nil }

// overwrite makes records the newest commit of the store at path, which is made when
// it is not there, and returns its number.
func overwrite(ctx context.Context, path string, records []persist.Record, modules []string, head persist.Head) (n uint64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	s, err := bolt.Open(path)
	if err != nil {
		return 0, inUse(path, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var stored []persist.Record
	state, err := s.Load(ctx, func(r persist.Record) error {
		stored = append(stored, r)
		return nil
	})
	if err != nil {
		return 0, err
	}
	head.Revision = state.Head.Revision + 1
	return head.Revision, s.Commit(ctx, persist.Txn{Base: state.Head.Revision, Modules: modules, Commits: []persist.Commit{{
		Head: head, Records: bolt.Difference(stored, records),
	}}})
}
