package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

func watchCommand(s *session) *cobra.Command {
	var resources []string
	var events, most int
	var full bool
	streams := func(_ *client.Directory, e client.Entry) bool {
		return (kind(e.Media) == "tips" || e.Media == "text/event-stream") && !slices.ContainsFunc(resources, func(id string) bool { return !slices.Contains(e.Uses, id) })
	}
	c := &cobra.Command{
		Use: "watch URI [RESOURCE]", Short: "Show what changes, as it changes",
		Long: "Shows what changes, as it changes, by an update stream (RFC 8895) or TIPS (RFC 9569): a line for each version and each change within it.\nWith -o json, a line with the whole message.",
		Args: usage(cobra.RangeArgs(1, 2)), ValidArgsFunction: s.complete(streams),
		RunE: func(c *cobra.Command, arguments []string) error {
			d, e, err := s.choose(c.Context(), arguments, "update stream or TIPS about these resources", streams)
			if err != nil {
				return err
			}
			about := resources
			if about == nil {
				about = slices.DeleteFunc(slices.Clone(e.Uses), func(id string) bool {
					x, ok := d.Entry(id)
					return ok && x.Accepts != ""
				})
			}
			add := make(map[string]client.Substream)
			for _, id := range about {
				add[id] = client.Substream{Resource: id, Full: full}
			}
			if kind(e.Media) == "tips" {
				return s.pull(c, e, about, events, most)
			}
			stream, err := s.endless.Stream(c.Context(), e, add)
			if err != nil {
				return fmt.Errorf("resource %q: %w", e.ID, err)
			}
			defer stream.Close()
			return s.follow(c, stream.Next, events, most)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&resources, "resource", nil, "what to watch; all that the stream covers and that take no parameters unless given")
	f.BoolVar(&full, "full", false, "ask for full versions only, no changes; of update streams")
	f.IntVar(&most, "changes", 20, "show that many changes of a message; 0 for all")
	f.IntVar(&events, "count", 0, "end after that many messages; 0 for none, until interrupted")
	return c
}

// follow shows events until there are enough of them, or the user has, and most changes
// of each.
func (s *session) follow(c *cobra.Command, next func() (client.Event, error), events, most int) error {
	for n := 0; events == 0 || n < events; n++ {
		event, err := next()
		var stopped *client.StreamEnd
		switch {
		case c.Context().Err() != nil:
			return nil
		case errors.As(err, &stopped):
			fmt.Fprintln(c.ErrOrStderr(), "altoamctl:", printable(stopped.Error()))
			continue
		case errors.Is(err, io.EOF):
			return errors.New("the server ended the stream")
		case err != nil:
			return err
		}
		if err := s.tell(c.OutOrStdout(), event, most); err != nil {
			return err
		}
	}
	return nil
}

// tell writes an event.
func (s *session) tell(w io.Writer, e client.Event, most int) error {
	if s.output == "json" {
		return writeLine(w, struct {
			Resource string `json:"resource"`
			Media    string `json:"media-type"`
			Data     any    `json:"data"`
		}{e.ID, e.Media, valueOf(e.Data)})
	}
	now := time.Now().Format(time.TimeOnly)
	lines, err := changes(e)
	if err != nil {
		return fmt.Errorf("update of %q: %w", e.ID, err)
	}
	if left := len(lines) - most; most > 0 && left > 0 {
		lines = append(lines[:most], "and "+count(left, "change")+" more")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, now, printable(e.ID+" "+line)); err != nil {
			return err
		}
	}
	return nil
}
