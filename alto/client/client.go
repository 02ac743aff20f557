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

// DefaultMaxBytes bounds an answer, after decompression, where a Client sets no bound.
const DefaultMaxBytes = 512 << 20

// Client asks as one client. It is safe for concurrent use; its fields may not be
// changed once it is used. Client certificates are those of HTTP's transport.
type Client struct {
	HTTP           *http.Client
	User, Password string   // of HTTP Basic, or Digest; User "": anonymous, or by Token
	Digest         bool     // the password is for HTTP Digest only and never sent
	Token          string   // a bearer token (RFC 6750); "": none
	Origin         *url.URL // only its scheme and host get password or token; nil: every server
	MaxBytes       int64    // an answer may have, after decompression; 0: DefaultMaxBytes

	nonce nonce
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
// read. Its cost in memory is that of the answer's meta.
func (c *Client) Fetch(ctx context.Context, e Entry, parameters any) (a Answer, err error) {
	began := time.Now()
	defer func() { a.Duration = time.Since(began) }()
	resp, err := c.send(ctx, Request{Entry: e, Parameters: parameters})
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
	body := &bounded{r: resp.Body, left: c.maxBytes()}
	if media, _ := parseMedia(e.Media); media == mediaMultipart {
		err = a.readParts(resp.Header.Get("Content-Type"), body)
	} else {
		err = a.read(body)
	}
	a.Bytes = c.maxBytes() - body.left
	return a, err
}

func (c *Client) maxBytes() int64 {
	if c.MaxBytes == 0 {
		return DefaultMaxBytes
	}
	return c.MaxBytes
}

// bounded reads no more than what is left, and then fails for good.
type bounded struct {
	r    io.Reader
	left int64
	full bool
}

// ErrTooLarge is an answer with more bytes than Client.MaxBytes.
var ErrTooLarge = errors.New("the answer is larger than is accepted")

func (b *bounded) Read(p []byte) (int, error) {
	if b.full {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.full = int64(n) > b.left; b.full {
		n, err = int(b.left), ErrTooLarge
	}
	b.left -= int64(n)
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
		a.VTag, a.Depends = meta.VTag, append(a.Depends, meta.Depends...)
	}
	if _, err := d.ReadToken(); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the answer")
	}
	return nil
}

// send sends a request; the answer has status 200, or 304 where the request has an
// entity tag, and the media type of the entry.
func (c *Client) send(ctx context.Context, q Request) (*http.Response, error) {
	body := ""
	if q.Accepts != "" {
		text, err := json.Marshal(q.Parameters)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	resp, err := c.authorized(ctx, q, body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusNotModified && q.ETag != "" {
		return resp, nil
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	if got := resp.Header.Get("Content-Type"); !sameMedia(got, q.Media) {
		resp.Body.Close()
		return nil, fmt.Errorf("the answer is %q, not %q", got, q.Media)
	}
	return resp, nil
}

// request makes one, with the authorization that the header has.
func request(ctx context.Context, q Request, body, authorization string) (*http.Request, error) {
	method := http.MethodGet
	if q.Accepts != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, q.URI.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if q.Accepts != "" {
		r.Header.Set("Content-Type", q.Accepts)
	}
	r.Header.Set("Accept", q.Media+",application/alto-error+json")
	if q.ETag != "" {
		r.Header.Set("If-None-Match", q.ETag)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r, nil
}

// pathOf is the target of a request (RFC 9112 Section 3.2.1).
func pathOf(u *url.URL) string { return u.RequestURI() }
