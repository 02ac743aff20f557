package logging

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"
)

// Where the syslog and the journal of a host take records.
const (
	SyslogSocket  = "/dev/log"
	JournalSocket = "/run/systemd/journal/socket"
)

// writeTimeout is how long a destination may take to take something.
const writeTimeout = 10 * time.Second

// Socket is the socket of the syslog of this host.
type Socket struct{ Path string }

func (s Socket) append(dst []byte, h *Header, r *Record) []byte { return appendLocal(dst, h, r) }

func (s Socket) open(ctx context.Context) (outlet, error) {
	return dialDatagrams(ctx, "unixgram", s.Path)
}

// Journal is the socket of systemd's journal, in its own protocol: a field for each
// parameter, with ALTOAM_ before its name.
type Journal struct{ Path string }

func (j Journal) open(ctx context.Context) (outlet, error) {
	return dialDatagrams(ctx, "unixgram", j.Path)
}

func (j Journal) append(dst []byte, h *Header, r *Record) []byte {
	field := func(name string) []byte {
		if len(dst) > 0 && dst[len(dst)-1] != '\n' {
			dst = append(dst, '\n')
		}
		return append(append(dst, name...), '=')
	}
	dst = appendPlain(append(dst, "MESSAGE="...), r)
	dst = strconv.AppendUint(field("PRIORITY"), uint64(r.Severity), 10)
	dst = strconv.AppendUint(field("SYSLOG_FACILITY"), uint64(h.facility(r.Kind)), 10)
	dst = appendName(field("SYSLOG_IDENTIFIER"), h.AppName, 48)
	dst = strconv.AppendInt(field("SYSLOG_PID"), int64(h.ProcID), 10)
	dst = append(field("ALTOAM_KIND"), r.Kind.String()...)
	for _, p := range r.Params[:min(len(r.Params), maxParams)] {
		dst = appendText(field("ALTOAM_"+journalName(p.Name)), p.Value, maxValue, "")
	}
	return append(dst, '\n')
}

// journalName is the name of a field: capital letters, digits and underscores.
func journalName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, s[:min(len(s), 50)])
}

// datagrams sends each message by itself.
type datagrams struct {
	net.Conn
	stop func() bool
}

func dialDatagrams(ctx context.Context, network, addr string) (outlet, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return datagrams{conn, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
}

func (d datagrams) write(buf []byte, ends []int) (count int, err error) {
	begin := 0
	for _, end := range ends {
		_ = d.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := d.Write(buf[begin:end]); err != nil {
			return count, err
		}
		begin, count = end, count+1
	}
	return count, nil
}

func (d datagrams) close() {
	d.stop()
	_ = d.Close()
}
