package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Client asks as one client. It is safe for concurrent use.
type Client struct {
	HTTP           *http.Client
	User, Password string // of HTTP Basic; User "": anonymous
}

// VTag is a version tag (RFC 7285 Section 10.3).
type VTag struct {
	ID  string `json:"resource-id"`
	Tag string `json:"tag"`
}

// Answer is what is known of an answer.
type Answer struct {
	Status   int // of HTTP; 0: there was none
	Bytes    int64
	Duration time.Duration
	VTag     VTag // zero where it has none
	Depends  []VTag
}

// Fetch asks for a resource, with parameters where it takes some, and reads the answer
// to its end. The error tells what is wrong with it; the Answer is as far as it was
// read.
func (c *Client) Fetch(ctx context.Context, e Entry, parameters any) (a Answer, err error) {
	began := time.Now()
	defer func() { a.Duration = time.Since(began) }()
	method, body := http.MethodGet, ""
	if e.Accepts != "" {
		text, err := json.Marshal(parameters)
		if err != nil {
			return a, err
		}
		method, body = http.MethodPost, string(text)
	}
	resp, err := c.do(ctx, method, e.URI, e.Accepts, body, e.Media)
	if resp != nil {
		a.Status = resp.StatusCode
	}
	var refused *StatusError
	if errors.As(err, &refused) {
		a.Status = refused.Status
	}
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	counted := &counter{r: resp.Body}
	err = a.read(counted)
	a.Bytes = counted.n
	return a, err
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// read reads a JSON object of ALTO and keeps its version tags.
func (a *Answer) read(r io.Reader) error {
	d := jsontext.NewDecoder(r)
	if t, err := d.ReadToken(); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	} else if t.Kind() != '{' {
		return errors.New("the answer is no JSON object")
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		if name.String() != "meta" {
			if err := d.SkipValue(); err != nil {
				return fmt.Errorf("the answer cannot be read: %w", err)
			}
			continue
		}
		var meta struct {
			VTag    VTag   `json:"vtag"`
			Depends []VTag `json:"dependent-vtags"`
		}
		if err := json.UnmarshalDecode(d, &meta); err != nil {
			return fmt.Errorf("its meta cannot be read: %w", err)
		}
		a.VTag, a.Depends = meta.VTag, meta.Depends
	}
	if _, err := d.ReadToken(); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the answer")
	}
	return nil
}

// StatusError is an answer with a status other than 200.
type StatusError struct {
	Status int
	Code   string // of an ALTO error (RFC 7285 Section 8.5.2), "" for another answer
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		text += ", " + e.Code
	}
	return text
}

// do sends a request; the answer has status 200 and that media type.
func (c *Client) do(ctx context.Context, method string, uri *url.URL, accepts, body, media string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, uri.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if accepts != "" {
		r.Header.Set("Content-Type", accepts)
	}
	r.Header.Set("Accept", media+",application/alto-error+json")
	if c.User != "" {
		r.SetBasicAuth(c.User, c.Password)
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		refused := &StatusError{Status: resp.StatusCode}
		var content struct {
			Meta struct {
				Code string `json:"code"`
			} `json:"meta"`
		}
		if json.UnmarshalRead(io.LimitReader(resp.Body, 1<<16), &content) == nil {
			refused.Code = content.Meta.Code
		}
		return nil, refused
	}
	if got := resp.Header.Get("Content-Type"); got != media {
		resp.Body.Close()
		return nil, fmt.Errorf("the answer is %q, not %q", got, media)
	}
	return resp, nil
}
