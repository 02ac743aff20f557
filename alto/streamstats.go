package alto

import "time"

// StreamStats are the statistics of an update stream service. A stream counts while
// it is open; a message is a data or control update message (RFC 8895 Section 2).
type StreamStats struct {
	Open  uint64       // at this moment
	Total MessageStats // since each stream was opened
	Last  MessageStats // over the last Window
}

// MessageStats are figures over the messages that each of the open streams has been
// sent, all 0 where none is open.
type MessageStats struct {
	Total, Max, Min uint64
	Average         uint64 // rounded down
}

// streamStats takes the figures of the services in an account.
func (s *Server) streamStats(resources []*served, second int64, window time.Duration) StreamStats {
	var total, last []uint64
	for _, n := range resources {
		for _, st := range s.streams.of(n.ID) {
			all, recent := st.messages.read(second, window)
			total, last = append(total, all.Requests), append(last, recent.Requests)
		}
	}
	return StreamStats{Open: uint64(len(total)), Total: messageStats(total), Last: messageStats(last)}
}

func messageStats(perStream []uint64) MessageStats {
	if len(perStream) == 0 {
		return MessageStats{}
	}
	m := MessageStats{Max: perStream[0], Min: perStream[0]}
	for _, n := range perStream {
		m.Total += n
		m.Max, m.Min = max(m.Max, n), min(m.Min, n)
	}
	m.Average = m.Total / uint64(len(perStream))
	return m
}
