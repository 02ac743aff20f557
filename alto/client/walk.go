package client

import (
	"context"
	"fmt"
)

// Result is what was found at a resource.
type Result struct {
	ID      string
	Skipped bool // not asked for
	Answer
	Err error // nil: it is right
}

// rounds bounds how often answers are fetched again whose version tags do not fit: they
// may have changed in between.
const rounds = 3

// Walk fetches the directory at uri and each resource in it, as far as ours is true and
// it can be asked for, one after the other. The error is about the directory, or that of
// ctx.
func (c *Client) Walk(ctx context.Context, uri string, ours func(Entry) bool) ([]Result, error) {
	d, err := c.Directory(ctx, uri)
	if err != nil {
		return nil, err
	}
	w := &walk{client: c, directory: d, entries: make(map[string]Entry), results: make(map[string]*Result), ours: ours}
	for _, e := range d.Entries {
		w.entries[e.ID] = e
	}
	for _, e := range d.Entries {
		w.fetch(ctx, e)
	}
	for _, e := range d.Entries {
		w.compare(ctx, e)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := make([]Result, len(d.Entries))
	for i, e := range d.Entries {
		list[i] = *w.results[e.ID]
	}
	return list, nil
}

type walk struct {
	client    *Client
	directory *Directory
	entries   map[string]Entry
	results   map[string]*Result
	ours      func(Entry) bool
}

func (w *walk) fetch(ctx context.Context, e Entry) {
	r := &Result{ID: e.ID}
	w.results[e.ID] = r
	var parameters any
	ok := w.ours(e) && e.Media != mediaDirectory
	if ok && e.Accepts != "" {
		parameters, ok = w.directory.question(e)
	}
	if !ok {
		r.Skipped = true
		return
	}
	r.Answer, r.Err = w.client.Fetch(ctx, e, parameters)
}

// compare checks that what a resource uses is in the directory and that the version
// tags in its answer are those of the resources they name.
func (w *walk) compare(ctx context.Context, e Entry) {
	r := w.results[e.ID]
	for round := 0; !r.Skipped && r.Err == nil; round++ {
		other, err := w.mismatch(e, r)
		if err == nil {
			return
		}
		if other == "" || round == rounds {
			r.Err = err
			return
		}
		w.fetch(ctx, w.entries[other])
		w.fetch(ctx, e)
		r = w.results[e.ID]
	}
}

// mismatch tells what does not fit, and which other resource may have changed, if any.
func (w *walk) mismatch(e Entry, r *Result) (other string, err error) {
	for _, id := range e.Uses {
		if _, ok := w.entries[id]; !ok {
			return "", fmt.Errorf("it uses resource %q, which is not in the directory", id)
		}
	}
	tags := r.Depends
	if r.VTag.ID != "" && r.VTag.ID != e.ID {
		tags = append(tags[:len(tags):len(tags)], r.VTag) // a part of another resource
	}
	for _, t := range tags {
		x, ok := w.results[t.ID]
		switch {
		case !ok:
			return "", fmt.Errorf("it is of a version of resource %q, which is not in the directory", t.ID)
		case x.Skipped || x.Err != nil || x.VTag.ID == "":
		case x.VTag.Tag != t.Tag:
			return t.ID, fmt.Errorf("it is of version %q of resource %q, which has version %q", t.Tag, t.ID, x.VTag.Tag)
		}
	}
	return "", nil
}
