package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/altoam/altoam/alto/client"
)

// followViews has many clients wait for the next edge of the TIPS view of the network map
// (RFC 9569), which they have, and changes the data.
func (w *walk) followViews(ctx context.Context) error {
	i := slices.IndexFunc(w.directory.Entries, func(e client.Entry) bool { return e.Accepts == "application/alto-tipsparams+json" })
	if i < 0 {
		return errors.New("the directory has no TIPS")
	}
	id := w.directory.DefaultNetworkMap
	about, _ := w.directory.Entry(id)
	full, err := w.client.Get(ctx, about)
	if err != nil {
		return err
	}
	net, err := full.NetworkMap()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, 2*w.wait)
	defer stop()
	opened, versions := make(chan error, w.views), make(chan received, w.views)
	for range w.views {
		go w.view(ctx, w.directory.Entries[i], client.Substream{Resource: id, Tag: net.VTag.Tag}, opened, versions)
	}
	for range w.views {
		if err := <-opened; err != nil {
			return fmt.Errorf("opening a view: %w", err)
		}
	}
	began, err := w.change()
	if err != nil {
		return err
	}
	update, err := w.collect(versions, w.views, "update of a view", began)
	if err != nil {
		return err
	}
	text, err := apply(full.Body, update[id])
	if err == nil {
		err = w.isCurrent(ctx, id, text)
	}
	if err != nil {
		return fmt.Errorf("view of %s: %w", id, err)
	}
	return nil
}

// view is one client with a connection of its own.
func (w *walk) view(ctx context.Context, e client.Entry, s client.Substream, opened chan<- error, versions chan<- received) {
	own := &client.Client{HTTP: &http.Client{Transport: &http.Transport{}}, User: w.client.User, Password: w.client.Password}
	v, err := own.View(ctx, e, s)
	if opened <- err; err != nil {
		return
	}
	event, err := v.Next(ctx)
	versions <- received{
		at: time.Now(), bytes: len(event.Data), sum: sha256.Sum256(event.Data), err: err,
		kept: map[string]client.Event{s.Resource: event},
	}
}
