package client

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// StatusError is an answer with a status other than 200. The members from Code on are
// those of an ALTO error (RFC 7285 Section 8.5.2), "" where the answer has none.
type StatusError struct {
	Status                     int
	RetryAfter                 time.Duration // that the server asks for; 0: it does not
	Code, Field, Value, Syntax string
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		text += ", " + e.Code
	}
	if e.Field != "" {
		text += ", field " + e.Field
	}
	if e.Value != "" {
		text += fmt.Sprintf(", value %q", e.Value)
	}
	if e.Syntax != "" {
		text += ": " + e.Syntax
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(", to be tried again after %s", e.RetryAfter)
	}
	return text
}

// maxError bounds what is read of the body of an error, in bytes.
const maxError = 1 << 16

// refusal is the error that an answer is.
func refusal(resp *http.Response) *StatusError {
	e := &StatusError{Status: resp.StatusCode}
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(resp.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = max(0, time.Until(at).Round(time.Second))
	}
	var content struct {
		Meta struct {
			Code   string `json:"code"`
			Field  string `json:"field"`
			Value  string `json:"value"`
			Syntax string `json:"syntax-error"`
		} `json:"meta"`
	}
	if json.UnmarshalRead(io.LimitReader(resp.Body, maxError), &content) == nil {
		m := content.Meta
		e.Code, e.Field, e.Value, e.Syntax = m.Code, m.Field, m.Value, m.Syntax
	}
	return e
}

// unreadable is an answer that is not the JSON that its media type says.
func unreadable(err error) error { return fmt.Errorf("the answer cannot be read: %w", err) }

func missing(member string) error { return fmt.Errorf("the answer has no member %q", member) }
