package netconf

import (
	"time"

	"github.com/altoam/altoam/netconf/transport"
)

// patient is a connection that is closed when a write does not end in time, because
// the peer has stopped reading.
type patient struct {
	*transport.Conn
	server *Server
}

// Write implements io.Writer.
func (p patient) Write(b []byte) (int, error) {
	t := time.AfterFunc(p.server.limits.Load().write, func() {
		p.server.limited("write-timeout")
		p.Close()
	})
	defer t.Stop()
	return p.Conn.Write(b)
}
