// Package file is the data source "file": files that hold what an ALTO server would
// send, in ALTO's own JSON forms (RFC 7285, RFC 9240, RFC 9241).
package file

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/document"
	"golang.org/x/sync/errgroup"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-file:file", YANG: modules, New: open, Files: files})
}

const top = "source-params/altoam-source-file:file"

func files(c *driver.SourceParams) []string {
	if c.File == nil {
		return nil
	}
	return c.File.Path
}

type source struct {
	driver.Feed
	paths    []string
	interval time.Duration
	log      *slog.Logger
	texts    [][sha256.Size]byte // digests of the files in use
	tags     document.Tags
}

var _ driver.Source = (*source)(nil)

func open(_ context.Context, c driver.SourceConfig) (driver.Source, error) {
	s := &source{log: c.Log()}
	if p := c.Params.File; p != nil {
		s.paths, s.interval = p.Path, time.Duration(p.GetPollInterval())*time.Second
	}
	if _, err := s.load(); err != nil {
		var fault *pathError
		if errors.As(err, &fault) {
			return nil, driver.Errorf(top+"/"+driver.Entry("path", ".", fault.path), "%w", err)
		}
		return nil, driver.Errorf(top+"/path", "%w", err)
	}
	return s, nil
}

// pathError tells which file is at fault.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string {
	var reading *os.PathError
	if errors.As(e.err, &reading) {
		return e.err.Error() // has the path
	}
	return e.path + ": " + e.err.Error()
}

func (e *pathError) Unwrap() error { return e.err }

// load reads all files and makes data of them unless they are those in use. The
// error is a *pathError.
func (s *source) load() (changed bool, err error) {
	now := time.Now()
	texts := make([][]byte, len(s.paths))
	digests := make([][sha256.Size]byte, len(s.paths))
	same := len(s.texts) == len(s.paths)
	for i, path := range s.paths {
		if texts[i], err = driver.ReadFile(path); err != nil {
			return false, &pathError{path, err}
		}
		digests[i] = sha256.Sum256(texts[i])
		same = same && digests[i] == s.texts[i]
	}
	if same && len(s.paths) > 0 {
		s.Succeed(now, nil)
		return false, nil
	}
	var c document.Collector
	parts, errs := s.parse(texts)
	for i, path := range s.paths {
		err := errs[i]
		if err == nil {
			err = c.Add(parts[i])
		}
		if err != nil {
			return false, &pathError{path, err}
		}
	}
	if tag := s.tags.Honour(&c); tag != "" {
		s.log.Warn("network map changed without its tag, which is therefore not used", "tag", tag)
	}
	s.texts = digests
	s.Succeed(now, c.Data())
	return true, nil
}

// parse reads all documents, a few at a time.
func (s *source) parse(texts [][]byte) ([]*document.Part, []error) {
	parts, errs := make([]*document.Part, len(texts)), make([]error, len(texts))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, text := range texts {
		g.Go(func() error {
			parts[i], errs[i] = document.Read(s.paths[i], text)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return parts, errs
}

func (s *source) Run(ctx context.Context, changed func()) error {
	return driver.Watch(ctx, s.paths, s.interval, s.log, func() error {
		news, err := s.load()
		switch {
		case err != nil:
			s.Fail(time.Now(), err)
			s.log.Warn("files not read, the last good data stays", "error", err)
		case news:
			changed()
		}
		return err
	})
}
