package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/yang"
)

func schemaCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "schema",
		Short: "Check YANG modules and show what they define",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(schemaCheckCommand(), schemaFactsCommand(), schemaOpenAPICommand(), schemaTreeCommand(), schemaCoverageCommand())
	return c
}

// schemaOptions are the flags that all schema commands have.
type schemaOptions struct {
	Dirs     []string // --yang-path
	Modules  []string // --module NAME[@REVISION]
	Features []string // --feature MODULE:f1,f2
}

func (o *schemaOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.Dirs, "yang-path", nil, "folder with YANG modules besides the built-in ones (repeatable)")
	f.StringArrayVar(&o.Modules, "module", nil, "module NAME[@REVISION] (repeatable)")
	f.StringArrayVar(&o.Features, "feature", nil, "MODULE:f1,f2: the features that are on in a module, all unless given; MODULE: for none (repeatable)")
}

// noFiles refuses arguments: other tools take files there.
func noFiles(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q: name modules with --module NAME, their folder with --yang-path DIR", args[0])
	}
	return nil
}

// names are the modules asked for, without revisions.
func (o *schemaOptions) names() []string {
	var names []string
	for _, m := range o.Modules {
		name, _, _ := strings.Cut(m, "@")
		names = append(names, name)
	}
	return names
}

// compile implements the modules asked for and what they need. Faults in modules
// are written to w, each on a line "FILE:LINE: REASON", sorted; the error then
// tells how many there are. A feature asked for that stays off is an error, too.
func (o *schemaOptions) compile(w io.Writer) (*yang.Schema, error) {
	if len(o.Modules) == 0 {
		return nil, errors.New("no module: name one with --module NAME")
	}
	for _, dir := range o.Dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s is no folder of YANG modules", dir)
		}
	}
	options := yang.Options{Features: map[string][]string{}}
	if err := parseFeatures(o.Features, options.Features); err != nil {
		return nil, err
	}
	for _, m := range o.Modules {
		name, revision, _ := strings.Cut(m, "@")
		options.Implement = append(options.Implement, yang.ModuleSpec{Name: name, Revision: revision})
	}
	s, err := yang.Compile(moduleOptions{Dirs: o.Dirs}.library(), options)
	if err != nil {
		return nil, o.report(w, err)
	}
	for _, module := range slices.Sorted(maps.Keys(options.Features)) {
		for _, name := range options.Features[module] {
			if f := s.Module(module).Feature(name); !f.Enabled {
				return nil, fmt.Errorf("--feature %s:%s: it needs %s, which is not met", module, name, strings.Join(f.IfFeatures, " and "))
			}
		}
	}
	return s, nil
}

// report writes the faults joined in err.
func (o *schemaOptions) report(w io.Writer, err error) error {
	list, other := faults(err)
	for i := range list {
		list[i].File = o.locate(list[i].File)
	}
	slices.SortFunc(list, func(a, b yang.Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	list = slices.Compact(list)
	for i := range list {
		fmt.Fprintln(w, list[i].Error())
	}
	switch {
	case other != nil:
		return other
	case len(list) == 1:
		return errors.New("1 error")
	}
	return fmt.Errorf("%d errors", len(list))
}

// faults takes apart what is joined in err: faults in modules, and the first
// error that is none.
func faults(err error) (list []yang.Error, other error) {
	switch e := err.(type) {
	case *yang.Error:
		return []yang.Error{*e}, nil
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			more, rest := faults(part)
			list, other = append(list, more...), cmp.Or(other, rest)
		}
		return list, other
	}
	return nil, err
}

// locate is the path of a module's file as it can be opened; built-in files keep
// their names. Where several folders hold the file, the later one counts, as in
// the library.
func (o *schemaOptions) locate(file string) string {
	for _, dir := range slices.Backward(o.Dirs) {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if _, err := os.Stat(path); file != "" && err == nil {
			return path
		}
	}
	return file
}
