package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/alto"
)

// Document is what a URI leads to.
type Document struct {
	URI string
	// Accept is the media type that is asked for, the only one that is read; "": any of
	// JSON.
	Accept string
	// Untyped has the answer read whatever it says it is.
	Untyped bool
	// Body is sent by POST, as ContentType; nil: GET.
	Body        []byte
	ContentType string

	used Answer // its Text is not kept
}

// Answer is a document as it was fetched.
type Answer struct {
	Text []byte   // nil: it is the one in use
	Path []string // servers that it came through

	tag, modified string // validators
}

// Use notes that an answer is in use: the next request is for what differs from it. What
// is wrong and never used is thus fetched again.
func (d *Document) Use(a *Answer) {
	d.used = *a
	d.used.Text = nil
}

// Forget has the next request be for the whole document, whatever is in use.
func (d *Document) Forget() { d.used.tag, d.used.modified = "", "" }

// ETag is that of the document in use, Path its path.
func (d *Document) ETag() string { return d.used.tag }

// StatusError is an answer with a status that is of no use.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // that the server asks for; 0: it does not
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("status %d %s, expected 200", e.Status, http.StatusText(e.Status))
}

// Fetch asks for a document (RFC 9110 Section 13), reads it to its end, and refuses what
// came through this ALTO server. Errors have what was asked for in front.
func (s *Server) Fetch(ctx context.Context, d *Document) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := request(ctx, d)
	if err != nil {
		return nil, err
	}
	a, err := s.fetch(r, d)
	if err != nil {
		return nil, plain(r, err, s.timeout)
	}
	return a, nil
}

// Paths asks through which servers a document comes at present, without fetching it, and
// refuses what Fetch would.
func (s *Server) Paths(ctx context.Context, d *Document) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := request(ctx, &Document{URI: d.URI, Accept: d.Accept})
	if err != nil {
		return nil, err
	}
	r.Method = http.MethodHead
	resp, err := s.do(r)
	if err == nil {
		defer resp.Body.Close()
		err = s.judge(resp, d)
	}
	var path []string
	if err == nil {
		path, err = s.path(resp, nil)
	}
	if err != nil {
		return nil, plain(r, err, s.timeout)
	}
	return path, nil
}

func request(ctx context.Context, d *Document) (*http.Request, error) {
	method := http.MethodGet
	if d.Body != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, d.URI, bytes.NewReader(d.Body))
	if err != nil {
		return nil, errors.New("the URI cannot be used")
	}
	accept := "application/alto-error+json"
	if d.Accept == "" {
		accept = "application/json"
		for _, kind := range []string{"networkmap", "costmap", "endpointprop", "propmap", "cdni"} {
			accept += ",application/alto-" + kind + "+json"
		}
	} else {
		accept = d.Accept + "," + accept
	}
	r.Header.Set("Accept", accept)
	if d.Body != nil {
		r.Header.Set("Content-Type", d.ContentType)
		return r, nil
	}
	if d.used.tag != "" {
		r.Header.Set("If-None-Match", d.used.tag)
	} else if d.used.modified != "" {
		r.Header.Set("If-Modified-Since", d.used.modified)
	}
	return r, nil
}

func (s *Server) do(r *http.Request) (*http.Response, error) {
	s.status = 0
	resp, err := s.http.Do(r)
	if err == nil {
		s.status = resp.StatusCode
	}
	return resp, err
}

func (s *Server) fetch(r *http.Request, d *Document) (*Answer, error) {
	resp, err := s.do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && (d.used.tag != "" || d.used.modified != "") {
		path, err := s.path(resp, d.used.Path)
		return &Answer{Path: path, tag: d.used.tag, modified: d.used.modified}, err
	}
	if err := s.judge(resp, d); err != nil {
		return nil, err
	}
	a := &Answer{tag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified")}
	if a.Path, err = s.path(resp, nil); err != nil {
		return nil, err
	}
	if resp.ContentLength > s.limit {
		return nil, s.tooLarge()
	}
	a.Text, err = io.ReadAll(io.LimitReader(resp.Body, s.limit+1))
	s.received += uint64(len(a.Text))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the answer ends after %d bytes, before its end", len(a.Text))
	case err != nil:
		return nil, err
	case int64(len(a.Text)) > s.limit:
		return nil, s.tooLarge()
	case len(bytes.TrimSpace(a.Text)) == 0:
		return nil, errors.New("the answer is empty")
	}
	return a, nil
}

func (s *Server) tooLarge() error {
	return fmt.Errorf("the answer has more than max-size, %d bytes", s.limit)
}

// judge looks at status and media type.
func (s *Server) judge(resp *http.Response, d *Document) error {
	if resp.StatusCode != http.StatusOK {
		return &StatusError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	}
	text := resp.Header.Get("Content-Type")
	got, _, err := mime.ParseMediaType(text)
	switch media := d.Accept; {
	case d.Untyped:
	case media != "" && got == media:
	case media == "" && text == "":
	case media == "" && err == nil && (got == "application/json" || strings.HasSuffix(got, "+json")):
	case media == "":
		return fmt.Errorf("the answer is of type %q, expected JSON", text)
	default:
		return fmt.Errorf("the answer is of type %q, expected %q", text, media)
	}
	return nil
}

// path reads the header of an answer, kept where it has none, and refuses loops.
func (s *Server) path(resp *http.Response, kept []string) ([]string, error) {
	path := kept
	if lines := resp.Header.Values(alto.HeaderPath); len(lines) > 0 {
		path = nil
		for id := range strings.SplitSeq(strings.Join(lines, ","), ",") {
			if id = strings.TrimSpace(id); !validID(id) {
				return nil, fmt.Errorf("its header %s has %.64q, which is not the identifier of a server", alto.HeaderPath, id)
			} else if !slices.Contains(path, id) {
				path = append(path, id)
			}
		}
	}
	return path, s.network.Check(path)
}

// validID tells what type server-id of altoam-source-remote allows.
func validID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_:.", r))
	})
}

// maxRetryAfter bounds what a server can ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads a header Retry-After (RFC 9110 Section 10.2.3); 0 where it says
// nothing.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// plain says what failed without what must not be told.
func plain(r *http.Request, err error, timeout time.Duration) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || wrapped != nil && wrapped.Timeout() {
		err = fmt.Errorf("no whole answer within %v", timeout)
	}
	return fmt.Errorf("%s %s: %w", r.Method, Shown(r.URL.String()), err)
}

// Shown is a URI as it may be shown: without user and query, which may hold a secret.
func Shown(uri string) string {
	shown, _, _ := strings.Cut(uri, "?")
	scheme, rest, _ := strings.Cut(shown, "://")
	authority, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return scheme + "://" + rest[at+1:]
	}
	return shown
}

// Union returns the identifiers in the paths of answers, each once.
func Union(answers []*Answer) (all []string) {
	for _, a := range answers {
		for _, id := range a.Path {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}
