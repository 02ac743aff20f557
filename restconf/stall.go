package restconf

import (
	"errors"
	"net/http"
	"os"
	"time"
)

// pieceSize is how much of an answer the client has the time-out for, in bytes.
const pieceSize = 64 << 10

// patience bounds how long a client may take nothing of an answer.
type patience struct {
	control *http.ResponseController
	timeout time.Duration // 0 for none
	set     time.Time     // when the deadline was set last
	lost    bool          // the client was too slow
}

// begin makes w's client wait for nobody. What a request before has left of its deadline
// must not hold for "100 Continue".
func (p *patience) begin(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	p.control, p.timeout = http.NewResponseController(w), timeout
	if r.ProtoMajor == 1 && r.Header.Get("Expect") != "" {
		p.until(time.Time{})
	}
}

// extend gives the client the time-out from now on.
func (p *patience) extend() {
	if p.timeout == 0 {
		return
	}
	if now := time.Now(); now.Sub(p.set) > p.timeout/8 {
		p.set = now
		p.until(now.Add(p.timeout))
	}
}

// until sets the deadline; where the connection cannot have one, or is gone, writing
// tells.
func (p *patience) until(t time.Time) { _ = p.control.SetWriteDeadline(t) }

// Write implements io.Writer.
func (r *recorder) Write(b []byte) (n int, err error) {
	for {
		r.extend()
		piece := b[n:min(len(b), n+pieceSize)]
		var m int
		m, err = r.ResponseWriter.Write(piece)
		if n += m; err != nil || n == len(b) {
			break
		}
	}
	r.lost = r.lost || errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}
