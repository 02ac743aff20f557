package remote

import (
	"log/slog"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/document"
)

// Feed is a driver.Feed of documents from other hosts. What it has beside that belongs to
// one goroutine.
type Feed struct {
	driver.Feed
	Log *slog.Logger

	tags document.Tags
	at   time.Time // when the data in use came
	path []string  // that it came by
}

// Take takes what c has collected, and which came by path, into use, unless it is in use:
// other tells that documents are, or there are more or fewer. It tells whether it did.
func (f *Feed) Take(c *document.Collector, path []string, other bool) bool {
	now := time.Now()
	if !other && slices.Equal(path, f.path) {
		f.Succeed(now, nil)
		return false
	}
	if tag := f.tags.Honour(c); tag != "" {
		f.Log.Warn("network map changed without its tag, which is therefore not used", "tag", tag)
	}
	data := c.Data()
	data.Path = path
	f.at, f.path = now, path
	f.Succeed(now, data)
	return true
}

// Asked notes how the last exchange with s was, of which d is told, and that the next one
// comes after that time, which is not known where it is 0.
func (f *Feed) Asked(s *Server, d *Document, next time.Duration, streaming bool) {
	t := driver.Transfer{
		URI: Shown(d.URI), Status: s.Status(), ETag: d.ETag(), Received: s.Received(),
		Changed: f.at, Path: f.path, Streaming: streaming,
	}
	if next > 0 {
		t.Next = time.Now().Add(next)
	}
	f.Exchanged(t)
}
