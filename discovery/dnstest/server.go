// Package dnstest runs a DNS server on loopback for tests: it answers queries for what its
// zones hold, and takes signed dynamic updates of them (RFC 2136, RFC 8945).
package dnstest

import (
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Server is a DNS server. Its methods are safe for concurrent use.
type Server struct {
	// Addr is HOST:PORT, of UDP and TCP.
	Addr string

	stop func()

	mu      sync.Mutex
	zones   []string // canonical names
	records []dns.RR
	refuse  int // answer code to all, 0: none
	queries []string
	updates int
	mute    bool // answers to updates are not signed
}

// Start starts a server of these zones at addr, HOST:PORT with port 0 for any. key is the
// name of the TSIG key that updates must be signed with, secret its secret in base64.
func Start(addr, key, secret string, zones ...string) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		l.Close()
		return nil, err
	}
	s := &Server{Addr: l.Addr().String()}
	for _, z := range zones {
		s.zones = append(s.zones, dns.CanonicalName(z))
	}
	secrets := map[string]string{dns.CanonicalName(key): secret}
	servers := []*dns.Server{
		{Listener: l, Handler: s, TsigSecret: secrets, MsgAcceptFunc: acceptAll},
		{PacketConn: p, Handler: s, TsigSecret: secrets, MsgAcceptFunc: acceptAll},
	}
	var running sync.WaitGroup
	for _, x := range servers {
		started := make(chan struct{})
		x.NotifyStartedFunc = func() { close(started) }
		running.Go(func() { _ = x.ActivateAndServe() })
		<-started
	}
	s.stop = sync.OnceFunc(func() {
		for _, x := range servers {
			_ = x.Shutdown()
		}
		running.Wait()
	})
	return s, nil
}

// Close stops the server.
func (s *Server) Close() { s.stop() }

func acceptAll(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept }

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, m *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := new(dns.Msg).SetReply(m)
	switch t := m.IsTsig(); {
	case s.refuse != 0:
		answer.Rcode = s.refuse
	case m.Opcode != dns.OpcodeUpdate:
		s.query(answer, m.Question[0])
	case t == nil || w.TsigStatus() != nil:
		answer.Rcode = dns.RcodeNotAuth
	default:
		answer.Rcode = s.update(m)
		if !s.mute {
			answer.SetTsig(t.Hdr.Name, t.Algorithm, t.Fudge, int64(t.TimeSigned))
		}
	}
	if size := m.IsEdns0(); size != nil && w.RemoteAddr().Network() == "udp" {
		answer.Truncate(int(size.UDPSize()))
	}
	_ = w.WriteMsg(answer)
}

func (s *Server) query(answer *dns.Msg, q dns.Question) {
	s.queries = append(s.queries, q.Name)
	exists := false
	for _, rr := range s.records {
		if !strings.EqualFold(rr.Header().Name, q.Name) {
			continue
		}
		exists = true
		if rr.Header().Rrtype == q.Qtype {
			answer.Answer = append(answer.Answer, rr)
		}
	}
	if !exists {
		answer.Rcode = dns.RcodeNameError
	}
}

// update does the changes of m, after the rules of RFC 2136 Section 3.4.2 that concern
// single records.
func (s *Server) update(m *dns.Msg) int {
	zone := dns.CanonicalName(m.Question[0].Name)
	if !slices.Contains(s.zones, zone) {
		return dns.RcodeNotAuth
	}
	for _, rr := range m.Ns {
		if !dns.IsSubDomain(zone, dns.CanonicalName(rr.Header().Name)) {
			return dns.RcodeNotZone
		}
	}
	for _, rr := range m.Ns {
		class := rr.Header().Class
		rr = dns.Copy(rr)
		rr.Header().Class = dns.ClassINET
		s.records = slices.DeleteFunc(s.records, func(old dns.RR) bool { return dns.IsDuplicate(old, rr) })
		if class == dns.ClassINET {
			s.records = append(s.records, rr)
		}
	}
	s.updates++
	return dns.RcodeSuccess
}

// Put adds records in the form of a zone file; it panics on what is none.
func (s *Server) Put(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			panic(err)
		}
		s.records = append(s.records, rr)
	}
}

// Clear drops all records.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = nil
}

// Records lists all records as lines of a zone file, ascending.
func (s *Server) Records() (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rr := range s.records {
		lines = append(lines, strings.ReplaceAll(rr.String(), "\t", " "))
	}
	slices.Sort(lines)
	return lines
}

// Refuse makes all answers have that code; 0 makes them normal again.
func (s *Server) Refuse(rcode int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = rcode
}

// Unsigned makes the answers to updates lack a signature.
func (s *Server) Unsigned() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = true
}

// Queries lists the names that were asked for, and forgets them.
func (s *Server) Queries() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queries
	s.queries = nil
	return q
}

// Updates counts the messages that changed something.
func (s *Server) Updates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates
}
