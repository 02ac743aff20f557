package southbound

import "github.com/altoam/altoam/alto"

// Clients returns the clients that are counted each by itself: those of alto.Server, none
// where another process does not answer.
func (s *Side) Clients() []string {
	if !s.remote() {
		return s.o.Server.Clients()
	}
	return s.question(&ask{Clients: true}).Clients
}

// ClientStats are those of alto.Server; ok is false where another process does not answer,
// too.
func (s *Side) ClientStats(id string) (stats alto.ClientStats, ok bool) {
	if !s.remote() {
		return s.o.Server.ClientStats(id)
	}
	if t := s.question(&ask{Client: id}); t.Client != nil {
		return *t.Client, true
	}
	return alto.ClientStats{}, false
}

// Limited calls f for each limit, like alto.Server; not at all where another process does
// not answer.
func (s *Side) Limited(f func(limit alto.Limit, requests uint64)) {
	if !s.remote() {
		s.o.Server.Limited(f)
		return
	}
	for l, n := range s.question(&ask{Limited: true}).Limited {
		f(l, n)
	}
}

// Stats returns the statistics of the server: the last ones known where another process
// does not answer; ok is false where there are none.
func (s *Side) Stats() (stats alto.ServerStats, ok bool) {
	if !s.remote() {
		return s.o.Server.Stats(), true
	}
	if t := s.question(&ask{Server: true}); t.Server != nil {
		s.last.Store(t.Server)
	}
	if last := s.last.Load(); last != nil {
		return *last, true
	}
	return alto.ServerStats{}, false
}

// ResourceStats returns the statistics of an account; ok is false where there is none of
// that name, or where another process does not answer.
func (s *Side) ResourceStats(account string) (stats alto.ResourceStats, ok bool) {
	if !s.remote() {
		return s.o.Server.ResourceStats(account)
	}
	if t := s.question(&ask{Resource: account}); t.Resource != nil {
		return *t.Resource, true
	}
	return alto.ResourceStats{}, false
}

// ResourceLoad is that of alto.Server; ok is false where another process does not answer,
// too.
func (s *Side) ResourceLoad(account string) (memory, streams uint64, ok bool) {
	if !s.remote() {
		return s.o.Server.ResourceLoad(account)
	}
	if t := s.question(&ask{Load: account}); t.Load != nil {
		return t.Load.Memory, t.Load.Streams, true
	}
	return 0, 0, false
}

// question asks the process; the reply says nothing where it does not answer.
func (s *Side) question(a *ask) *told {
	if l := s.link.Load(); l != nil {
		if t := l.ask(a); t != nil {
			return t
		}
	}
	return new(told)
}
