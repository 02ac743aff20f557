package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/alto/client"
	"github.com/altoam/altoam/scripts/generate/deployment"
)

// received is what a stream has got of one version of all that it covers.
type received struct {
	at    time.Time // of the last
	bytes int
	sum   [sha256.Size]byte // over all events, by substream
	err   error
}

// follow opens the streams, changes the data and waits until all have all of it.
func (w *walk) follow(ctx context.Context) error {
	i := slices.IndexFunc(w.directory.Entries, func(e client.Entry) bool { return e.Media == "text/event-stream" })
	if i < 0 {
		return errors.New("the directory has no update stream")
	}
	e := w.directory.Entries[i]
	ctx, stop := context.WithTimeout(ctx, 2*w.wait)
	defer stop()
	versions := make(chan received, w.streams)
	began := time.Now()
	for range w.streams {
		go w.stream(ctx, e, versions)
	}
	if err := w.collect(versions, "first versions", began); err != nil {
		return err
	}
	w.data.Step++
	files, err := deployment.Make(w.kind, w.data)
	if err != nil {
		return err
	}
	replace, err := deployment.Stage(w.data.Folder, files)
	if err != nil {
		return err
	}
	began = time.Now()
	if err := replace(); err != nil {
		return err
	}
	return w.collect(versions, "changes", began)
}

// stream reads two versions of all that e covers, and sends each when it has it. They come
// by a client of its own: each stream has a connection.
func (w *walk) stream(ctx context.Context, e client.Entry, versions chan<- received) {
	own := &client.Client{HTTP: &http.Client{Transport: &http.Transport{}}, User: w.client.User, Password: w.client.Password}
	add := make(map[string]client.Substream)
	for _, id := range e.Uses {
		add[id] = client.Substream{Resource: id}
	}
	s, err := own.Stream(ctx, e, add)
	if err != nil {
		versions <- received{err: err}
		return
	}
	defer s.Close()
	for range 2 {
		var v received
		sums := make(map[string][]byte)
		for len(sums) < len(add) && v.err == nil {
			event, err := s.Next()
			if err != nil {
				v.err = err
				break
			}
			id, _, _ := strings.Cut(event.ID, ".")
			if _, twice := sums[id]; twice {
				v.err = fmt.Errorf("a second update of %q before the first of another resource", id)
			}
			sum := sha256.Sum256(event.Data)
			sums[id], v.bytes = sum[:], v.bytes+len(event.Data)
		}
		all := sha256.New()
		for _, id := range e.Uses {
			all.Write(sums[id])
		}
		v.sum, v.at = [sha256.Size]byte(all.Sum(nil)), time.Now()
		if versions <- v; v.err != nil {
			return
		}
	}
}

// collect waits for a version from each stream; all must be the same.
func (w *walk) collect(versions <-chan received, what string, began time.Time) error {
	bytes := 0
	var first, last time.Time
	var sum [sha256.Size]byte
	for i := range w.streams {
		select {
		case v := <-versions:
			if v.err != nil {
				return fmt.Errorf("stream: %w", v.err)
			}
			if i == 0 {
				first, sum, bytes = v.at, v.sum, v.bytes
			}
			if v.sum != sum {
				return errors.New("two streams have other data")
			}
			last = v.at
		case <-time.After(w.wait):
			return fmt.Errorf("%s reached %d of %d streams within %s", what, i, w.streams, w.wait)
		}
	}
	fmt.Printf("%s: %d bytes to each of %d streams, the first had them after %s, the last after %s\n",
		what, bytes, w.streams, first.Sub(began).Round(time.Millisecond), last.Sub(began).Round(time.Millisecond))
	return nil
}
