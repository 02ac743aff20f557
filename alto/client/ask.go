package client

import (
	"context"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Request is a question to a resource of a directory.
type Request struct {
	Entry
	Parameters any    // where the entry takes some: a NetworkMapFilter, CostQuery and so on
	ETag       string // of a Response that the client has; "": none
}

// Response is the answer to a Request.
type Response struct {
	NotModified bool // what the client has is still right: the others are empty
	ETag        string
	Media       string // with parameters, for a multipart answer
	Body        []byte
}

// Ask sends a request and reads the whole answer. A refusal is a *StatusError, an answer
// that is too large ErrTooLarge. It is not checked what the body says: the methods of
// Response do.
func (c *Client) Ask(ctx context.Context, q Request) (*Response, error) {
	resp, err := c.send(ctx, q)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified {
		return &Response{NotModified: true, ETag: q.ETag}, nil
	}
	body, err := io.ReadAll(&bounded{r: resp.Body, left: c.maxBytes()})
	if err != nil {
		return nil, err
	}
	return &Response{ETag: resp.Header.Get("ETag"), Media: resp.Header.Get("Content-Type"), Body: body}, nil
}

// Get asks for the resource at a URI, whatever it is, as an entry without parameters.
func (c *Client) Get(ctx context.Context, e Entry) (*Response, error) {
	return c.Ask(ctx, Request{Entry: e})
}

// body is what the services of ALTO answer; one of the members below meta is there.
type body struct {
	Meta struct {
		VTag      VTag       `json:"vtag"`
		Depends   []VTag     `json:"dependent-vtags"`
		CostType  *CostType  `json:"cost-type"`
		CostTypes []CostType `json:"multi-cost-types"`
		Calendars []Calendar `json:"calendar-response-attributes"`
	} `json:"meta"`
	NetworkMap    map[string]Addresses                 `json:"network-map"`
	CostMap       map[string]map[string]jsontext.Value `json:"cost-map"`
	EndpointCosts map[string]map[string]jsontext.Value `json:"endpoint-cost-map"`
	EndpointProps map[string]map[string]jsontext.Value `json:"endpoint-properties"`
	PropertyMap   map[string]map[string]jsontext.Value `json:"property-map"`
	CDNI          *struct {
		Objects []Advertisement `json:"capabilities-with-footprints"`
	} `json:"cdni-advertisement"`
}

// decode reads a body, and demands that it has the member.
func decode(text []byte, member string, has func(*body) bool) (*body, error) {
	var b body
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, unreadable(err)
	}
	if !has(&b) {
		return nil, missing(member)
	}
	return &b, nil
}
