package driver

import (
	"crypto/tls"
	"fmt"
	"slices"
	"time"
)

// Network is what a source needs that reads from other hosts.
type Network struct {
	// TLS holds trusted authorities, a name and a client's certificate, where these are
	// configured; nil: none is. It must be cloned before it is changed.
	TLS *tls.Config
	// Authorization is the header that proves to the server who the agent is; "": none. It
	// is for nobody else's eyes.
	Authorization string
	// Server is the identifier of this ALTO server, MaxHops how many servers data may
	// have come through.
	Server  string
	MaxHops int
	// Discover returns the URIs of the IRDs that were found for an alto-client so far, the
	// best one first.
	Discover func(client string) []string
}

// Check refuses data that came through this server, or through too many.
func (n *Network) Check(path []string) error {
	switch {
	case slices.Contains(path, n.Server):
		return fmt.Errorf("the data came through this ALTO server (%s) already: a loop", n.Server)
	case len(path) > n.MaxHops:
		return fmt.Errorf("the data came through %d servers, expected %d at most", len(path), n.MaxHops)
	}
	return nil
}

// Transfer tells of exchanges with a server. It is immutable.
type Transfer struct {
	URI       string    // that was asked for, without its query
	Status    int       // of HTTP; 0: no answer
	ETag      string    // of the document in use; "": none
	Received  uint64    // bytes of content
	Changed   time.Time // when the data in use came
	Next      time.Time // when the server is asked again; zero: not known, or a stream is open
	Streaming bool
	Path      []string // of the data in use
}
