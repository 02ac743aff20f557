package alto

import (
	"context"
	"crypto/tls"
	"math"
	"net"
	"net/http"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/altoam/altoam/doorway"
)

// EnterConnection counts a connection from remote. It is nil where there are as many as
// Limits allow, or half of the files that the process may have open; half of those may be
// of one client. Then the caller closes the connection, otherwise it calls Leave when the
// connection has ended. Where there are as many as may be in all, cut is called, once at
// most, of one that has no request, for a newcomer from an address that has fewer of these.
func (s *Server) EnterConnection(remote net.Addr, cut func()) *doorway.Place {
	var l Limits
	if e := s.epoch.Load(); e != nil {
		l = e.snapshot.config.Limits
	}
	files := openFiles()
	place, reached := s.connections.Enter(remote, doorway.Limits{
		Open: fewer(l.Connections, files/2), OpenPerSource: fewer(l.ConnectionsPerClient, files/4),
	}, cut)
	switch reached {
	case doorway.Open:
		s.limited[LimitConnections].Add(1)
	case doorway.OpenPerSource:
		s.limited[LimitConnectionsPerClient].Add(1)
	}
	return place
}

// fewer is the lower of two bounds, of which 0 is none.
func fewer(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// openFiles is how many files and sockets the process may have open; 0 where that is not
// known, or any number.
var openFiles = sync.OnceValue(func() int {
	var most unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &most) != nil || most.Cur > math.MaxInt32 {
		return 0
	}
	return int(most.Cur)
})

// admitted is a connection that counts until it is closed.
type admitted struct {
	net.Conn
	place *doorway.Place
}

// Close implements net.Conn.
func (a *admitted) Close() error {
	defer a.place.Leave()
	return a.Conn.Close()
}

// placeKey is that of the Place of a connection in the context of its requests.
type placeKey struct{}

// withPlace is the context of the requests of a connection.
func withPlace(ctx context.Context, c net.Conn) context.Context {
	if secured, ok := c.(*tls.Conn); ok {
		c = secured.NetConn()
	}
	if a, ok := c.(*admitted); ok {
		return context.WithValue(ctx, placeKey{}, a.place)
	}
	return ctx
}

// holding has connections whose requests h answers stay meanwhile.
func holding(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := r.Context().Value(placeKey{}).(*doorway.Place); ok {
			p.Hold()
			defer p.Release()
		}
		h.ServeHTTP(w, r)
	})
}
