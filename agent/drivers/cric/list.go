package cric

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/altoam/altoam/agent/driver"
)

// list is where the list of sites comes from.
type list interface {
	// read returns the text of the list, nil if it is the one that the last call
	// returned.
	read(ctx context.Context) ([]byte, error)
}

// file is the path of a file.
type file string

func (f file) read(context.Context) ([]byte, error) { return driver.ReadFile(string(f)) }

// remote is fetched by HTTP with conditional requests (RFC 9110 Section 13).
type remote struct {
	uri     string
	timeout time.Duration

	tag, modified string // validators of what was fetched last
}

func (r *remote) read(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.uri, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if r.tag != "" {
		request.Header.Set("If-None-Match", r.tag)
	}
	if r.modified != "" {
		request.Header.Set("If-Modified-Since", r.modified)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && (r.tag != "" || r.modified != ""):
		return nil, nil
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("GET %s: status %s, expected 200", r.uri, response.Status)
	}
	text, err := driver.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", r.uri, err)
	}
	r.tag, r.modified = response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	return text, nil
}
