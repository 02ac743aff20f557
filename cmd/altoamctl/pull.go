package main

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

// pulled is what a view has come to.
type pulled struct {
	event client.Event
	err   error
}

// pull follows views of resources by a TIPS resource, all at the same time.
func (s *session) pull(c *cobra.Command, e client.Entry, about []string, events, most int) error {
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	all := make(chan pulled)
	for _, id := range about {
		v, err := s.endless.View(ctx, e, client.Substream{Resource: id})
		if err != nil {
			return fmt.Errorf("resource %q: view of %q: %w", e.ID, id, err)
		}
		go func() {
			for ok := true; ok; {
				event, err := v.Next(ctx)
				select {
				case all <- pulled{event, err}:
					ok = err == nil
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return s.follow(c, func() (client.Event, error) {
		select {
		case p := <-all:
			return p.event, p.err
		case <-ctx.Done():
			return client.Event{}, ctx.Err()
		}
	}, events, most)
}
