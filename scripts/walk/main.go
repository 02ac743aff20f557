// Command walk is a client of a server with a generated deployment: it asks for every
// resource, for several cost types at once, paths, calendars and for each error, follows
// update streams and a TIPS view while the data changes by 1 %, compares what it has made
// of the changes with what the server has, and reports how long all of it took. It ends with status
// 1 where anything is not as it must be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/altoam/altoam/alto/client"
	"github.com/altoam/altoam/scripts/generate/deployment"
)

// walk is one run.
type walk struct {
	client    *client.Client
	directory *client.Directory
	kind      string
	data      deployment.Options
	streams   int
	views     int
	wait      time.Duration // for a refresh
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "walk:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("walk", flag.ContinueOnError)
	w := &walk{client: &client.Client{HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}}
	uri := flags.String("uri", "", "of the directory")
	user := flags.String("user", "", "NAME:PASSWORD of HTTP Basic")
	flags.StringVar(&w.kind, "kind", "cdn", "of the deployment")
	flags.StringVar(&w.data.Folder, "folder", "", "with the files of the deployment, which are changed")
	flags.StringVar(&w.data.Address, "address", "", "of the server, as the deployment was made with")
	flags.Uint64Var(&w.data.Seed, "seed", 1, "likewise")
	flags.Float64Var(&w.data.Scale, "scale", 1, "likewise")
	flags.IntVar(&w.streams, "streams", 50, "update streams")
	flags.IntVar(&w.views, "views", 500, "clients of a TIPS view")
	flags.DurationVar(&w.wait, "wait", time.Minute, "for a refresh to reach all streams or clients")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	w.client.User, w.client.Password, _ = strings.Cut(*user, ":")
	var err error
	if w.directory, err = w.client.Directory(ctx, *uri); err != nil {
		return err
	}
	return errors.Join(w.resources(ctx, *uri), w.multiCost(ctx), w.paths(ctx), w.calendars(ctx), w.errors(ctx), w.follow(ctx), w.followViews(ctx))
}

// resources asks for all.
func (w *walk) resources(ctx context.Context, uri string) error {
	for _, turn := range []string{"first", "second"} {
		began := time.Now()
		list, err := w.client.Walk(ctx, uri, func(client.Entry) bool { return true })
		if err != nil {
			return err
		}
		bytes, skipped := int64(0), 0
		for _, r := range list {
			if r.Skipped {
				skipped++
			}
			if r.Err != nil {
				return fmt.Errorf("resource %q: %w", r.ID, r.Err)
			}
			bytes += r.Bytes
		}
		fmt.Printf("%s walk: %d resources, %d bytes, %d not asked, %s\n", turn, len(list), bytes, skipped, since(began))
	}
	return nil
}

// multiCost asks each service that can answer with several cost types for all it has.
func (w *walk) multiCost(ctx context.Context) error {
	for _, e := range w.directory.Entries {
		if e.Capabilities.MaxCostTypes < 2 {
			continue
		}
		q := client.CostQuery{}
		for _, name := range e.Capabilities.CostTypeNames {
			q.MultiCostTypes = append(q.MultiCostTypes, w.directory.CostTypes[name])
		}
		ends := &client.Pairs{Sources: []string{"ipv4:9.9.9.9", "ipv4:100.1.2.3"}, Destinations: []string{"ipv4:9.9.9.9", "ipv4:80.80.80.80"}}
		if e.Accepts == "application/alto-endpointcostparams+json" {
			q.Endpoints = ends
		} else {
			q.PIDs = &client.Pairs{Sources: []string{}, Destinations: []string{}}
		}
		began := time.Now()
		r, err := w.client.Ask(ctx, client.Request{Entry: e, Parameters: q})
		if err != nil {
			return fmt.Errorf("multi-cost of %q: %w", e.ID, err)
		}
		costs, err := r.Costs()
		if err != nil {
			return fmt.Errorf("multi-cost of %q: %w", e.ID, err)
		}
		if len(costs.CostTypes) != len(q.MultiCostTypes) {
			return fmt.Errorf("multi-cost of %q: %d cost types, expected %d", e.ID, len(costs.CostTypes), len(q.MultiCostTypes))
		}
		fmt.Printf("multi-cost of %s: %d cost types, %s\n", e.ID, len(costs.CostTypes), since(began))
	}
	return nil
}

func since(t time.Time) time.Duration { return time.Since(t).Round(100 * time.Microsecond) }
