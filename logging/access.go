package logging

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// client is who is behind a request. Whoever handles the request fills it in.
type client struct {
	user string
	ids  []string
}

type clientKey struct{}

// NoteClient tells that the client behind the request of ctx has proved to be a user; ids names
// the clients of the configuration that it is. Where the request is not logged it does nothing.
func NoteClient(ctx context.Context, user string, ids func() []string) {
	if c, ok := ctx.Value(clientKey{}).(*client); ok {
		c.user, c.ids = user, append(c.ids, ids()...)
	}
}

// Handler returns a handler that has next answer, and logs each request when it has ended: the
// client's address, truncated, who it is, method, path, status, octets of the body and duration.
// Neither queries nor bodies are logged. resource names what a request is about, "" for nothing.
// Without a target for requests the cost is that of a look at one pointer.
func (r *Router) Handler(next http.Handler, resource func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !r.Wants(Access, Informational) && !r.Wants(Access, Warning) {
			next.ServeHTTP(w, req)
			return
		}
		a := access{ResponseWriter: w, begin: time.Now()}
		id := resource(req)
		req = req.WithContext(context.WithValue(req.Context(), clientKey{}, &a.client))
		defer func() { r.Log(a.record(req, id, r.Truncation())) }() // after a panic too: a connection was aborted
		next.ServeHTTP(&a, req)
	})
}

// access is a response that notes what is written.
type access struct {
	http.ResponseWriter
	client
	begin  time.Time
	status int
	bytes  int64
}

// Unwrap is for http.ResponseController.
func (a *access) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *access) WriteHeader(status int) {
	if a.status == 0 && status >= 200 { // others come before the one that counts
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *access) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// addressParam names the address of the client.
const addressParam = "address"

func (a *access) record(req *http.Request, resource string, keep Truncation) *Record {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	rec := &Record{
		Time: time.Now(), Kind: Access, Severity: Informational,
		Message: fmt.Sprintf("%s %s %d", req.Method, req.URL.Path, status),
	}
	if status >= 500 {
		rec.Severity = Warning
	}
	add := func(name, value string) {
		if value != "" {
			rec.Params = append(rec.Params, Param{name, value})
		}
	}
	if from, err := netip.ParseAddrPort(req.RemoteAddr); err == nil {
		add(addressParam, keep.Address(from.Addr()).String())
	}
	add("user", a.user)
	add("client", strings.Join(a.ids, " "))
	add("resource", resource)
	add("method", req.Method)
	add("path", req.URL.Path)
	add("status", strconv.Itoa(status))
	add("bytes", strconv.FormatInt(a.bytes, 10))
	add("duration", strconv.FormatFloat(time.Since(a.begin).Seconds(), 'f', 6, 64))
	return rec
}
