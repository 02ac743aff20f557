package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

func storeCheckCommand() *cobra.Command {
	var o storeOptions
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Tell whether the store is as it was written and fits the modules, and which commits can be restored",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(args, func(im *bolt.Image) error {
				schema, err := loadSchema(o.moduleOptions)
				if err != nil {
					return err
				}
				return errors.Join(
					checkStore(cmd.Context(), cmd.OutOrStdout(), im, schema),
					o.checkSecrets(cmd.OutOrStdout(), im, schema),
				)
			})
		},
	}
	o.addFlags(c)
	o.addModuleFlags(c)
	return c
}

// checkStore writes a line for each problem, and which commits are whole; with
// problems it returns an error that counts them.
func checkStore(ctx context.Context, out io.Writer, im *bolt.Image, schema *yang.Schema) error {
	problems := append(slices.Clone(im.Problems), im.CheckPages()...)
	problems = append(problems, foreignModules(im.State.Modules, schema)...)
	for _, p := range problems {
		fmt.Fprintf(out, "%v\n", p)
	}
	head := im.State.Head
	count := len(problems)
	if head.Revision > 0 {
		c, err := im.At(head.Revision)
		if err != nil {
			return err
		}
		if c.Whole { // of what is damaged more would be wrong only because of that
			for _, p := range misfits(ctx, schema, c.Records) {
				fmt.Fprintf(out, "%v\n", p)
				count++
			}
		}
	}
	fmt.Fprintf(out, "newest commit: %d\nwhole, to be had with restore or export: %s\n", head.Revision, ranges(wholeCommits(im)))
	if count > 0 {
		return fmt.Errorf("%s has %s", im.Path, plural(count, "problem"))
	}
	return nil
}

// foreignModules are those the data was written with and the schema does not have.
func foreignModules(written []string, schema *yang.Schema) (out []error) {
	now := implemented(schema)
	for _, m := range written {
		if !now[m] {
			out = append(out, fmt.Errorf("the data was written with the module %s, which is not loaded", strings.TrimSuffix(m, "@")))
		}
	}
	return out
}

// misfits are what the records have that the schema does not accept.
func misfits(ctx context.Context, schema *yang.Schema, records []persist.Record) []error {
	t, problems := assemble(schema, records)
	v, err := validate.New(schema)
	if err != nil {
		return append(problems, err)
	}
	for _, e := range v.Tree(ctx, t, validate.Options{}) {
		problems = append(problems, e)
	}
	return problems
}

// assemble makes a tree of records; the errors name what it could not take.
func assemble(schema *yang.Schema, records []persist.Record) (*tree.Tree, []error) {
	l := persist.NewLoader(schema)
	for _, r := range records {
		l.Add(r)
	}
	return l.Tree()
}

// wholeCommits are the numbers of the commits whose state is whole, newest first.
func wholeCommits(im *bolt.Image) (out []uint64) {
	im.Back(func(h persist.Head, whole bool) bool {
		if whole && h.Revision > 0 {
			out = append(out, h.Revision)
		}
		return true
	})
	return out
}

// ranges writes falling numbers as "12-9, 7".
func ranges(numbers []uint64) string {
	if len(numbers) == 0 {
		return "none"
	}
	text := ""
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]-1 {
			j++
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprint(numbers[i])
		if j > i {
			text += fmt.Sprintf("-%d", numbers[j])
		}
		i = j + 1
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// contentAt returns the state of commit n, 0 for the newest. With partial it may be
// what is left of it; left then says what is not.
func contentAt(im *bolt.Image, n uint64, partial bool) (c bolt.Content, left []string, err error) {
	if n == 0 {
		n = im.State.Head.Revision
	}
	if c, err = im.At(n); err != nil || c.Whole {
		return c, nil, err
	}
	if !partial {
		return c, nil, fmt.Errorf("commit %d is not whole in %s: %s damaged; whole are %s; --partial takes what is left of it",
			n, im.Path, plural(len(c.Lost)+int(c.Unknown), "record"), ranges(wholeCommits(im)))
	}
	for _, key := range c.Lost {
		left = append(left, "left out: "+key)
	}
	if c.Unknown > 0 {
		left = append(left, fmt.Sprintf("left out: %s whose name is lost too", plural(int(c.Unknown), "node")))
	}
	return c, left, nil
}

// keys are the keys of a set, sorted.
func keys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// noCommit tells that a store has no commit, and whether damage is why.
func noCommit(im *bolt.Image) error {
	if len(im.Problems) > 0 {
		return fmt.Errorf("no commit of %s can be read: %w", im.Path, errors.Join(im.Problems...))
	}
	return fmt.Errorf("%s is empty: it has no commit", im.Path)
}
