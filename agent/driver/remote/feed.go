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
// other tells that documents differ, or their number does. It tells whether it did.
func (f *Feed) Take(c *document.Collector, path []string, other bool) bool {
	if !other {
		return f.Again(path)
	}
	if tag := f.tags.Honour(c); tag != "" {
		f.Log.Warn("network map changed without its tag, which is therefore not used", "tag", tag)
	}
	f.Use(c.Data(), path)
	return true
}

// Use takes data into use that came by path and is nobody else's yet.
func (f *Feed) Use(data *driver.Data, path []string) {
	data.Path = path
	f.at, f.path = time.Now(), path
	f.Succeed(f.at, data)
}

// Again notes that the data in use is that of the server still, and came by path. It tells
// whether that is another one.
func (f *Feed) Again(path []string) bool {
	if slices.Equal(path, f.path) {
		f.Succeed(time.Now(), nil)
		return false
	}
	data, _ := f.Snapshot()
	copied := *data
	f.Use(&copied, path)
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
