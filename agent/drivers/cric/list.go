package cric

import (
	"context"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/remote"
)

// list is where the list of sites comes from.
type list interface {
	// read returns the text of the list, nil if it is the one in use, and the servers that
	// it came through.
	read(ctx context.Context) (text []byte, path []string, err error)
	// use notes that what read returned last is in use.
	use()
}

// file is the path of a file.
type file string

func (f file) read(context.Context) ([]byte, []string, error) {
	text, err := driver.ReadFile(string(f))
	return text, nil, err
}

func (f file) use() {}

// page is fetched by HTTP with conditional requests.
type page struct {
	remote.Document
	server *remote.Server
	answer *remote.Answer // the last one
}

func newPage(uri string, timeout time.Duration, n *driver.Network) *page {
	return &page{
		Document: remote.Document{URI: uri, Accept: "application/json", Untyped: true},
		server:   remote.NewOpenServer(timeout, driver.MaxBytes, n),
	}
}

func (p *page) read(ctx context.Context) (text []byte, path []string, err error) {
	defer p.server.Rest()
	if p.answer, err = p.server.Fetch(ctx, &p.Document); err != nil {
		return nil, nil, err
	}
	return p.answer.Text, p.answer.Path, nil
}

func (p *page) use() { p.Use(p.answer) }
