package netconf

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// maxRedirects is how often a server may send us elsewhere.
const maxRedirects = 5

// resource is what an HTTPS server holds: GET reads it, PUT writes it, DELETE
// removes it (RFC 9110 Section 9.3). User and password of the URL authenticate us.
type resource struct {
	url    *url.URL
	limits *URLs
}

func (l *URLs) https(u *url.URL) (place, error) {
	if u.Host == "" || u.Opaque != "" {
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "an https url names a host")
	}
	return resource{u, l}, nil
}

// String is the URL without its password and its query, which may have a key.
func (r resource) String() string {
	u := *r.url
	if u.RawQuery != "" {
		u.RawQuery = "…"
	}
	return u.Redacted()
}

func (r resource) is(other place) bool {
	o, ok := other.(resource)
	return ok && o.url.String() == r.url.String()
}

// do makes a request. The error of an answer that is no success says its status.
// The body of the response is the caller's to close.
func (r resource) do(ctx context.Context, method string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.url.String(), body)
	if err != nil {
		return nil, unreachable(r, err)
	}
	request.Header.Set("Accept", "application/xml, text/xml;q=0.9, */*;q=0.1")
	if body != nil {
		request.Header.Set("Content-Type", "application/xml")
	}
	// One connection for one request: nothing is kept.
	transport := &http.Transport{
		DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{RootCAs: r.limits.Roots, MinVersion: tls.VersionTLS12},
	}
	client := &http.Client{Transport: transport, Timeout: r.limits.Timeout, CheckRedirect: secure}
	response, err := client.Do(request)
	switch {
	case err != nil:
		return nil, unreachable(r, withoutURL(err))
	case response.StatusCode == http.StatusNotFound, response.StatusCode == http.StatusGone:
		err = rpcerr.NewProtocol(rpcerr.DataMissing, "there is no %s", r)
	case response.StatusCode/100 != 2:
		err = rpcerr.NewProtocol(rpcerr.OperationFailed, "%s %s: the server answers %d", method, r, response.StatusCode)
	default:
		return response, nil
	}
	response.Body.Close()
	return nil, err
}

// withoutURL is what went wrong, of an error of package http that names a URL with it.
func withoutURL(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// secure follows redirections to HTTPS only.
func secure(to *http.Request, via []*http.Request) error {
	switch {
	case to.URL.Scheme != "https":
		return fmt.Errorf("redirected to the scheme %s", to.URL.Scheme)
	case len(via) > maxRedirects:
		return errors.New("redirected too often")
	}
	return nil
}

func (r resource) read(ctx context.Context) (io.ReadCloser, error) {
	response, err := r.do(ctx, http.MethodGet, nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

func (r resource) write(ctx context.Context, content func(io.Writer) error) error {
	in, out := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		out.CloseWithError(content(out))
	}()
	response, err := r.do(ctx, http.MethodPut, in)
	in.CloseWithError(errors.New("the server wants no more"))
	<-written
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func (r resource) remove(ctx context.Context) error {
	response, err := r.do(ctx, http.MethodDelete, nil)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
