package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json"
)

const (
	mediaEventStream   = "text/event-stream"
	mediaUpdateControl = "application/alto-updatestreamcontrol+json"
	// MediaMergePatch and MediaJSONPatch are those of incremental changes (RFC 7396,
	// RFC 6902).
	MediaMergePatch = "application/merge-patch+json"
	MediaJSONPatch  = "application/json-patch+json"
)

// Substream asks for the updates of a resource (RFC 8895 Section 6.5).
type Substream struct {
	Resource string `json:"resource-id"`
	Tag      string `json:"tag,omitempty"` // of the version that the client has
	Full     bool   `json:"-"`             // no incremental changes
	Input    any    `json:"input,omitempty"`
}

// MarshalJSON implements json.Marshaler: incremental changes are what is asked for
// unless it says false.
func (s Substream) MarshalJSON() ([]byte, error) {
	type plain Substream
	return json.Marshal(struct {
		plain
		Incremental bool `json:"incremental-changes"`
	}{plain(s), !s.Full})
}

// streamParams are the body of a request for a stream or for a change of one.
type streamParams struct {
	Add    map[string]Substream `json:"add,omitempty"`
	Remove []string             `json:"remove,omitempty"`
}

// Stream is an open update stream (RFC 8895). It is for one goroutine, Close and Change
// aside, and has to be closed.
type Stream struct {
	client  *Client
	entry   Entry
	body    io.ReadCloser
	lines   *bufio.Reader
	max     int64
	control atomic.Pointer[url.URL] // nil: none yet, or the server has none
}

// Event is a message of a stream: a full version of a resource, with its media type, or an
// incremental change, with that of a patch (RFC 8895 Section 5).
type Event struct {
	Media string
	ID    string // of the substream, with "." and the Content-ID of a part where it is of one
	Data  []byte
}

// Stream opens an update stream with substreams by ID. The stream ends with ctx, which
// should have no deadline of a request; nor should Client.HTTP.
func (c *Client) Stream(ctx context.Context, e Entry, add map[string]Substream) (*Stream, error) {
	resp, err := c.send(ctx, Request{Entry: e, Parameters: streamParams{Add: add}})
	if err != nil {
		return nil, err
	}
	return &Stream{client: c, entry: e, body: resp.Body, lines: bufio.NewReader(resp.Body), max: c.maxBytes()}, nil
}

// Next waits for the next event; those that control the stream, it keeps to itself,
// unless they tell that a substream ended. The error is io.EOF when the server ended the
// stream.
func (s *Stream) Next() (Event, error) {
	for {
		name, data, err := s.event()
		if err != nil {
			return Event{}, err
		}
		media, id, _ := strings.Cut(name, ",")
		if media != mediaUpdateControl {
			return Event{media, id, data}, nil
		}
		if err := s.take(data); err != nil {
			return Event{}, err
		}
	}
}

// StreamEnd tells which substreams the server ended (RFC 8895 Section 5.3). The others go
// on.
type StreamEnd struct {
	IDs         []string
	Description string
}

func (e *StreamEnd) Error() string {
	text := fmt.Sprintf("the server ended %q", e.IDs)
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}

// take reads an event that is about the stream.
func (s *Stream) take(data []byte) error {
	var control struct {
		URI         *string  `json:"control-uri"`
		Stopped     []string `json:"stopped"`
		Description string   `json:"description"`
	}
	if err := json.Unmarshal(data, &control); err != nil {
		return fmt.Errorf("an event that controls the stream: %w", unreadable(err))
	}
	if control.URI != nil {
		at, err := s.entry.URI.Parse(*control.URI)
		if err != nil {
			return fmt.Errorf("the URI to control the stream: %w", err)
		}
		s.control.Store(at)
	}
	if len(control.Stopped) > 0 {
		return &StreamEnd{control.Stopped, control.Description}
	}
	return nil
}

// ErrNoControl is a stream that cannot be changed.
var ErrNoControl = errors.New("the stream has no URI to control it")

// Change adds and removes substreams (RFC 8895 Section 7), once Next has returned an event.
func (s *Stream) Change(ctx context.Context, add map[string]Substream, remove ...string) error {
	control := s.control.Load()
	if control == nil {
		return ErrNoControl
	}
	body, err := json.Marshal(streamParams{add, remove})
	if err != nil {
		return err
	}
	resp, err := s.client.authorized(ctx, Request{Entry: Entry{URI: control, Accepts: s.entry.Accepts, Media: "*/*"}}, string(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	return nil
}

// Close ends the stream; a Next that waits returns an error.
func (s *Stream) Close() error { return s.body.Close() }

// event reads a server-sent event with its name. Comments, which keep the connection
// alive, and fields other than event and data are passed over.
func (s *Stream) event() (name string, data []byte, err error) {
	given, left := false, s.max
	for {
		line, err := s.line(&left)
		if err != nil {
			return "", nil, err
		}
		if len(line) == 0 {
			if given {
				return name, data, nil
			}
			name, left = "", s.max
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			name = string(value)
		case "data":
			if given {
				data = append(data, '\n')
			}
			data, given = append(data, value...), true
		}
	}
}

// line reads one, without its end, and takes its length from left.
func (s *Stream) line(left *int64) (line []byte, err error) {
	for {
		part, err := s.lines.ReadSlice('\n')
		if *left -= int64(len(part)); *left < 0 {
			return nil, ErrTooLarge
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return nil, err
		}
	}
}
