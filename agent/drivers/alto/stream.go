package alto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/alto/client"
)

// settle is how long a stream must be silent before its events are taken into use, so
// that a network map and what depends on it come together.
const settle = 100 * time.Millisecond

// longest is how long events may wait at most where the stream is never silent.
const longest = time.Second

// patience is how long resources may be of different versions of the network map while a
// stream goes on.
const patience = 10 * time.Second

var errSilent = errors.New("nothing came in the stream for stream-timeout")

// follow takes the updates of a stream into use until it ends, and returns why.
func (s *source) follow(ctx context.Context, changed func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timeout := time.Duration(s.params.GetStreamTimeout()) * time.Second
	silent := time.AfterFunc(timeout, func() { cancel(errSilent) })
	defer silent.Stop()
	c := &client.Client{HTTP: s.server.Streaming(func() { silent.Reset(timeout) }), MaxBytes: int64(s.params.GetMaxSize())}
	stream, err := c.Stream(ctx, *s.wanted.stream, s.substreams())
	if err != nil {
		return plainly(ctx, err)
	}
	events, ended := make(chan client.Event), make(chan error, 1)
	go func() {
		for {
			e, err := stream.Next()
			if err != nil {
				ended <- err
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				ended <- ctx.Err()
				return
			}
		}
	}()
	err = s.take(ctx, events, ended, changed)
	why := plainly(ctx, err)
	cancel(nil)
	stream.Close()
	<-ended // the reader ends with the stream
	return why
}

// plainly is why a stream ended, without its URI.
func plainly(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the server ended the stream of updates")
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("stream of updates: %w", err)
}

// substreams asks for all resources, from the version in use where it has a tag.
func (s *source) substreams() map[string]client.Substream {
	add := make(map[string]client.Substream)
	for i, r := range s.resources {
		add[strconv.Itoa(i)] = client.Substream{Resource: r.Entry.ID, Tag: r.part.VTag.Tag}
	}
	return add
}

// take applies events and takes what they make of the resources into use when it is whole.
func (s *source) take(ctx context.Context, events <-chan client.Event, ended chan error, changed func()) error {
	versions := make([]version, len(s.resources))
	for i, r := range s.resources {
		versions[i] = version{resource: r, text: r.text, part: r.part}
	}
	s.Asked(s.server, s.ird, 0, true)
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var since, first time.Time // when versions began not to match; of the oldest event that waits
	for {
		select {
		case err := <-ended:
			ended <- err
			return err
		case e := <-events:
			if err := apply(versions, e, int(s.params.GetMaxSize())); err != nil {
				return err
			}
			if first.IsZero() {
				first = time.Now()
			}
			quiet.Reset(min(settle, time.Until(first.Add(longest))))
		case <-quiet.C:
			first = time.Time{}
			if err := matching(versions); err != nil {
				if since.IsZero() {
					since = time.Now()
				}
				if time.Since(since) > patience {
					return err
				}
				quiet.Reset(settle)
				continue
			}
			since = time.Time{}
			news, err := s.accept(ctx, versions)
			if err != nil {
				return err
			}
			if news {
				changed()
			}
		}
	}
}

// apply brings one resource up to date, which may grow to limit bytes.
func apply(versions []version, e client.Event, limit int) error {
	i, err := strconv.Atoi(e.ID)
	if err != nil || i < 0 || i >= len(versions) {
		return fmt.Errorf("an event is about substream %q, which was not asked for", e.ID)
	}
	v, text := &versions[i], e.Data
	if e.Media != v.Entry.Media {
		if !strings.HasSuffix(e.Media, "-patch+json") {
			return fmt.Errorf("an event of resource %q is of type %q, expected %q or a patch", v.Entry.ID, e.Media, v.Entry.Media)
		}
		if text, err = client.Patched(e.Media, v.text, e.Data); err != nil {
			return fmt.Errorf("resource %q: %w", v.Entry.ID, err)
		}
		if len(text) > limit {
			return fmt.Errorf("resource %q has more than max-size, %d bytes, with the patch", v.Entry.ID, limit)
		}
	}
	return v.read(text)
}

// accept takes versions into use unless they came through this server: the stream does
// not tell, so the server is asked.
func (s *source) accept(ctx context.Context, versions []version) (news bool, err error) {
	defer s.server.Rest()
	path, err := s.paths(ctx)
	if err != nil {
		return false, err
	}
	if news, err = s.use(versions, path); err == nil {
		s.schedule.Succeeded()
		s.Asked(s.server, s.ird, 0, true)
	}
	return news, err
}

// paths is the union of the paths of all resources at present.
func (s *source) paths(ctx context.Context) (all []string, err error) {
	seen := make(map[string]bool)
	for _, r := range s.resources {
		path, err := s.server.Paths(ctx, &r.Document)
		if err != nil {
			return nil, err
		}
		for _, id := range path {
			if !seen[id] {
				seen[id] = true
				all = append(all, id)
			}
		}
	}
	return all, nil
}
