package alto

import "net/http"

// Limits bound what clients may take of a server. Where one is exceeded the answer is
// 503 with Retry-After (RFC 7285 Section 8.5.3); 0 sets no bound. A client is an IPv4
// address, or the first 64 bits of an IPv6 address.
type Limits struct {
	// Requests is how many are answered at the same time, open update streams aside.
	Requests int
	// RequestsPerClient is the same of one client.
	RequestsPerClient int
	// RequestsPerSecond is that of one client, on average; as many more come at once
	// after a second of silence.
	RequestsPerSecond int
	// Memory is how many bytes the parameters of all requests and the responses made for
	// one of them may take; a client may take a fourth of them.
	Memory int64
	// Connections is how many are open; a further one is closed at once.
	Connections int
	// ConnectionsPerClient is the same of one client.
	ConnectionsPerClient int
}

// Limit names what a refused request exceeded.
type Limit uint8

// The limits: those of Limits, of a Rate, MaxStreams, MaxViews and MaxWaiting of a service, and MaxPairs and MaxBody of
// Config; and of connections.
const (
	noLimit Limit = iota
	LimitRequests
	LimitRequestsPerClient
	LimitRequestsPerSecond
	LimitRoleRate
	LimitClientRate
	LimitStreams
	LimitViews
	LimitPolls
	LimitPairs
	LimitBody
	LimitMemory
	LimitConnections
	LimitConnectionsPerClient
	limitCount
)

var limitNames = [limitCount]string{"", "requests", "requests-per-client", "requests-per-second-per-client", "requests-per-second-of-role", "requests-per-second-of-auth-client", "update-streams", "tips-views", "tips-requests", "pairs", "body-size", "memory", "connections", "connections-per-client"}

// String returns the limit in the words of its configuration.
func (l Limit) String() string { return limitNames[l] }

// Limited calls f for each limit with the number of requests, or connections, that were
// refused for it.
func (s *Server) Limited(f func(limit Limit, requests uint64)) {
	for l := noLimit + 1; l < limitCount; l++ {
		f(l, s.limited[l].Load())
	}
}

// unavailable refuses a request that may be sent again after some seconds.
func unavailable(limit Limit, seconds string) *response {
	resp := status(http.StatusServiceUnavailable).with("Retry-After", seconds)
	resp.limit = limit
	return resp
}

// tooManyPairs refuses a request for too many costs: each value of a calendar counts.
func (q *query) tooManyPairs(c costChoice, pairs int) *protocolError {
	if pairs*c.depth() > q.snapshot.config.MaxPairs || c.where.excessive(pairs) {
		return &protocolError{status: http.StatusRequestEntityTooLarge, limit: LimitPairs}
	}
	if q.hold != nil && !q.hold.take(int64(pairs)*int64(c.depth())*chargePair) {
		return noMemory()
	}
	return nil
}

// noMemory refuses a request until others have been answered.
func noMemory() *protocolError {
	return &protocolError{status: http.StatusServiceUnavailable, limit: LimitMemory}
}
