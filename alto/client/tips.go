package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
)

// View is a TIPS view of one resource (RFC 9569). It is for one goroutine.
type View struct {
	client    *Client
	entry     Entry
	substream Substream
	uri       *url.URL
	from, to  uint64 // the edge to take next
}

// maxView bounds the answer that opens a view, in bytes.
const maxView = 1 << 20

// View opens a view, or joins one that there is, by a TIPS resource: of s, what it is
// about, which version the client has, and the input.
func (c *Client) View(ctx context.Context, e Entry, s Substream) (*View, error) {
	v := &View{client: c, entry: e, substream: s}
	return v, v.open(ctx)
}

// open asks for the view (RFC 9569 Section 6).
func (v *View) open(ctx context.Context) error {
	s := v.substream
	r, err := v.client.Ask(ctx, Request{Entry: v.entry, Parameters: struct {
		Resource string `json:"resource-id"`
		Tag      string `json:"tag,omitempty"`
		Input    any    `json:"input,omitempty"`
	}{s.Resource, s.Tag, s.Input}})
	if err != nil {
		return err
	}
	var opened struct {
		URI     string `json:"tips-view-uri"`
		Summary struct {
			Graph struct {
				Start struct {
					From uint64 `json:"seq-i"`
					To   uint64 `json:"seq-j"`
				} `json:"start-edge-rec"`
			} `json:"updates-graph-summary"`
		} `json:"tips-view-summary"`
	}
	if len(r.Body) > maxView {
		return ErrTooLarge
	}
	if err := json.Unmarshal(r.Body, &opened); err != nil {
		return unreadable(err)
	}
	at, err := v.entry.URI.Parse(opened.URI)
	start := opened.Summary.Graph.Start
	if err != nil || opened.URI == "" || start.To <= start.From {
		return fmt.Errorf("the answer has no view with an edge to begin with: %q from %d to %d", opened.URI, start.From, start.To)
	}
	v.uri, v.from, v.to = at, start.From, start.To
	return nil
}

// Next waits for the next version or change, as long as the server lets it wait, again and
// again. Where the view is gone, or the edge to take, it opens one anew and begins with a
// full version.
func (v *View) Next(ctx context.Context) (Event, error) {
	for reopened := false; ; {
		began := time.Now()
		event, err := v.edge(ctx)
		var refused *StatusError
		if err == nil {
			v.from, v.to = v.to, v.to+1
			return event, nil
		}
		switch {
		case !errors.As(err, &refused):
			return Event{}, err
		case refused.Status == http.StatusTooEarly:
			if err := wait(ctx, max(refused.RetryAfter, pollPause-time.Since(began))); err != nil {
				return Event{}, err
			}
		case (refused.Status == http.StatusGone || refused.Status == http.StatusNotFound) && !reopened:
			reopened, v.substream.Tag = true, ""
			if err := v.open(ctx); err != nil {
				return Event{}, err
			}
		default:
			return Event{}, err
		}
	}
}

// pollPause is the least time between two requests for an edge that is not there yet, for
// servers that do not let a client wait.
const pollPause = 250 * time.Millisecond

// wait returns after that time, or with the error of ctx when that ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// edge fetches the edge to take (RFC 9569 Section 7.2).
func (v *View) edge(ctx context.Context) (Event, error) {
	at := v.uri.JoinPath("ug", fmt.Sprint(v.from), fmt.Sprint(v.to))
	resp, err := v.client.authorized(ctx, Request{Entry: Entry{URI: at, Media: "*/*"}}, "")
	if err != nil {
		return Event{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Event{}, refusal(resp)
	}
	data, err := io.ReadAll(&bounded{r: resp.Body, left: v.client.maxBytes()})
	return Event{Media: resp.Header.Get("Content-Type"), ID: v.substream.Resource, Data: data}, err
}
