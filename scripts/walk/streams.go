package main

import (
	"bytes"
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
	"github.com/go-json-experiment/json/jsontext"
)

// received is what a stream has got of one version of all that it covers.
type received struct {
	at    time.Time // of the last
	bytes int
	sum   [sha256.Size]byte // over all events, by substream
	err   error
	kept  map[string]client.Event // by substream, of the first stream only
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
	for i := range w.streams {
		go w.stream(ctx, e, i == 0, versions)
	}
	full, err := w.collect(versions, w.streams, "first versions", began)
	if err != nil {
		return err
	}
	if began, err = w.change(); err != nil {
		return err
	}
	patches, err := w.collect(versions, w.streams, "changes", began)
	if err != nil {
		return err
	}
	for id, event := range full {
		text, err := apply(event.Data, patches[id])
		if err == nil {
			err = w.isCurrent(ctx, id, text)
		}
		if err != nil {
			return fmt.Errorf("update stream, %s: %w", id, err)
		}
	}
	return nil
}

// change makes one step of time, and tells when.
func (w *walk) change() (time.Time, error) {
	w.data.Step++
	files, err := deployment.Make(w.kind, w.data)
	if err != nil {
		return time.Time{}, err
	}
	replace, err := deployment.Stage(w.data.Folder, files)
	if err != nil {
		return time.Time{}, err
	}
	return time.Now(), replace()
}

// apply makes the next version of a text: by a patch, or the event is it.
func apply(text []byte, e client.Event) ([]byte, error) {
	if e.Media != client.MediaMergePatch && e.Media != client.MediaJSONPatch {
		return e.Data, nil
	}
	return client.Patched(e.Media, text, e.Data)
}

// isCurrent compares a text, as a JSON value, with what the server has of a resource now.
func (w *walk) isCurrent(ctx context.Context, id string, text []byte) error {
	e, _ := w.directory.Entry(id)
	r, err := w.client.Get(ctx, e)
	if err != nil {
		return err
	}
	mine, its := jsontext.Value(text), jsontext.Value(r.Body)
	if err := errors.Join(mine.Canonicalize(), its.Canonicalize()); err != nil {
		return err
	}
	if !bytes.Equal(mine, its) {
		return errors.New("what the changes made is not what the server has")
	}
	return nil
}

// stream reads two versions of all that e covers and has no input, and sends each when it
// has it. They come by a client of its own: each stream has a connection.
func (w *walk) stream(ctx context.Context, e client.Entry, keep bool, versions chan<- received) {
	own := &client.Client{HTTP: &http.Client{Transport: &http.Transport{}}, User: w.client.User, Password: w.client.Password}
	add := make(map[string]client.Substream)
	for _, id := range e.Uses {
		if covered, ok := w.directory.Entry(id); ok && covered.Accepts == "" {
			add[id] = client.Substream{Resource: id}
		}
	}
	s, err := own.Stream(ctx, e, add)
	if err != nil {
		versions <- received{err: err}
		return
	}
	defer s.Close()
	for range 2 {
		v := received{}
		if keep {
			v.kept = make(map[string]client.Event)
		}
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
			if keep {
				v.kept[id] = event
			}
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

// collect waits for a version from each of count; all must be the same. It returns what is
// in it.
func (w *walk) collect(versions <-chan received, count int, what string, began time.Time) (kept map[string]client.Event, err error) {
	var first, last received
	timeout := time.After(w.wait)
	for i := range count {
		select {
		case v := <-versions:
			if v.err != nil {
				return nil, fmt.Errorf("%s: %w", what, v.err)
			}
			if i == 0 {
				first = v
			}
			if v.sum != first.sum {
				return nil, fmt.Errorf("%s: two have other data", what)
			}
			if v.kept != nil {
				kept = v.kept
			}
			last = v
		case <-timeout:
			return nil, fmt.Errorf("%s reached %d of %d within %s", what, i, count, w.wait)
		}
	}
	fmt.Printf("%s: %d bytes to each of %d, the first had them after %s, the last after %s\n",
		what, first.bytes, count, first.at.Sub(began).Round(time.Millisecond), last.at.Sub(began).Round(time.Millisecond))
	return kept, nil
}
