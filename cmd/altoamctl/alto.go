package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

// altoCommand has the commands that speak ALTO. The first argument of each is the URI of
// a server's directory.
func altoCommand() *cobra.Command {
	s := new(session)
	c := &cobra.Command{
		Use: "alto", Short: "Ask an ALTO server (RFC 7285)", Args: usage(cobra.NoArgs),
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error { return s.check() },
	}
	s.flags(c.PersistentFlags())
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	for _, sub := range []*cobra.Command{dirCommand(s), getCommand(s), filterCommand(s), costCommand(s), propCommand(s), cdniCommand(s), watchCommand(s)} {
		c.AddCommand(sub)
	}
	return c
}

// kind is what a media type of ALTO is about, such as networkmap; the media type itself
// where it is of none.
func kind(media string) string {
	media, _, _ = strings.Cut(media, ";")
	if name, ok := strings.CutPrefix(media, "application/alto-"); ok {
		return strings.TrimSuffix(name, "+json")
	}
	return media
}

// choose fetches the directory at a URI and returns the entry that the arguments name, or
// the first that is fit, which a command says in words.
func (s *session) choose(ctx context.Context, arguments []string, words string, fit func(*client.Directory, client.Entry) bool) (*client.Directory, client.Entry, error) {
	d, err := s.directory(ctx, arguments[0])
	if err != nil {
		return nil, client.Entry{}, err
	}
	var ids []string
	for _, e := range d.Entries {
		if fit(d, e) {
			ids = append(ids, e.ID)
		}
	}
	id := ""
	switch {
	case len(arguments) > 1 && arguments[1] != "":
		id = arguments[1]
	case len(ids) > 0:
		id = ids[0]
	default:
		return nil, client.Entry{}, fmt.Errorf("the directory has no %s", words)
	}
	e, ok := d.Entry(id)
	if !ok {
		return nil, client.Entry{}, fmt.Errorf("the directory has no resource %q", id)
	}
	if !slices.Contains(ids, id) {
		return nil, client.Entry{}, fmt.Errorf("resource %q is no %s, these are: %s", id, words, strings.Join(ids, ", "))
	}
	return d, e, nil
}

// complete proposes the resources of a directory that are fit, for the second argument.
func (s *session) complete(fit func(*client.Directory, client.Entry) bool) cobra.CompletionFunc {
	return func(c *cobra.Command, arguments []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(arguments) != 1 || s.check() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		d, err := s.directory(c.Context(), arguments[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list []cobra.Completion
		for _, e := range d.Entries {
			if fit(d, e) {
				list = append(list, cobra.CompletionWithDesc(e.ID, kind(e.Media)))
			}
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// accepting are entries that take parameters of these kinds.
func accepting(kinds ...string) func(*client.Directory, client.Entry) bool {
	return func(_ *client.Directory, e client.Entry) bool { return slices.Contains(kinds, kind(e.Accepts)) }
}
