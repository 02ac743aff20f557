package client

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
)

// maxRedirects bounds how often a request is sent elsewhere, where Client.HTTP does not.
const maxRedirects = 10

// authorized sends a request with the client's credentials: at once those that need no
// challenge, those of HTTP Digest once the server has given a nonce. Where it takes a
// nonce no longer there is one more request.
func (c *Client) authorized(ctx context.Context, q Request, body string) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		authorization, err := c.authorization(q)
		if err != nil {
			return nil, err
		}
		r, err := request(ctx, q, body, authorization)
		if err != nil {
			return nil, err
		}
		resp, err := c.staying(r.URL).Do(r)
		if err != nil {
			return nil, err
		}
		if attempt > 0 || !c.Digest || !c.nonce.take(resp.Header.Values("WWW-Authenticate"), authorization != "") {
			return resp, nil
		}
		resp.Body.Close()
	}
}

// staying is HTTP without credentials for another server than that of home, where a
// redirection leads to one.
func (c *Client) staying(home *url.URL) *http.Client {
	h := *c.HTTP
	h.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Scheme != home.Scheme || r.URL.Host != home.Host {
			r.Header.Del("Authorization")
		}
		switch {
		case c.HTTP.CheckRedirect != nil:
			return c.HTTP.CheckRedirect(r, via)
		case len(via) >= maxRedirects:
			return errors.New("redirected too often")
		}
		return nil
	}
	return &h
}

// authorization returns the header of a request, "" for none.
func (c *Client) authorization(q Request) (string, error) {
	if c.Origin != nil && (c.Origin.Scheme != q.URI.Scheme || c.Origin.Host != q.URI.Host) {
		return "", nil
	}
	switch {
	case c.Token != "":
		return "Bearer " + c.Token, nil
	case c.User == "":
		return "", nil
	case !c.Digest:
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password)), nil
	}
	method := http.MethodGet
	if q.Accepts != "" {
		method = http.MethodPost
	}
	return c.nonce.authorization(c.User, c.Password, method, pathOf(q.URI)), nil
}
