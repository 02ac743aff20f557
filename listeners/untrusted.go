package listeners

import (
	"crypto/x509"

	"github.com/altoam/altoam/netconf/transport"
)

// endUntrusted ends, a moment later, the sessions of those that had the name of e before
// whose clients e would not let in by their certificates as the users they are. Those of
// clients without a certificate stay. Needs mu.
func (l *Listeners) endUntrusted(e *endpoint) {
	var former []service
	for x := e.former; x != nil; x = x.former {
		former = append(former, x.service)
	}
	l.after(l.pace.reply, func() {
		for _, s := range former {
			switch next := e.service.(type) {
			case *transport.TLSServer:
				if old, ok := s.(*transport.TLSServer); ok {
					old.EndUntrusted(next)
				}
			case *web:
				if old, ok := s.(*web); ok {
					old.endUntrusted(next)
				}
			}
		}
	})
}

func (w *web) endUntrusted(next *web) {
	w.open.EndUnless(func(presented []*x509.Certificate, user string) bool {
		now, err := next.userOf(presented)
		return err == nil && now == user
	})
}
