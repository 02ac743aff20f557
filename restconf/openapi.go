package restconf

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/openapi"
)

// openAPIMedia is the media type of the description: OpenAPI has none of its own.
const openAPIMedia = "application/json"

// descriptions keeps what was generated: it follows from the schema and what the
// Store handles, neither of which changes once the Store is started.
type descriptions struct {
	mu   sync.Mutex
	made map[[2]string]description // by module and datastore
}

type description struct {
	text []byte
	tag  string
}

// mostDescriptions bounds what is kept; all that is goes to make room.
const mostDescriptions = 8

// openAPIResource resolves {+restconf}/openapi.json, the description of the API in
// OpenAPI 3.1: of all modules or one, with the resources below /data or those of one
// datastore.
func openAPIResource(*Server, string) (resource, error) {
	get := method{(*request).getOpenAPI, []string{"module", "datastore"}}
	return resource{media: openAPIMedia, methods: methods{http.MethodGet: get}}, nil
}

func (q *request) getOpenAPI() error {
	d, err := q.described(q.params["module"], q.params["datastore"])
	if err != nil {
		return badQuery("%v", err)
	}
	q.w.Header().Set("ETag", d.tag)
	same := func(tag string) bool { return plainTag(strings.TrimPrefix(tag, "W/")) == d.tag }
	if tags := q.r.Header.Values("If-None-Match"); len(tags) > 0 && matches(tags, same) {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return q.sendBytes(openAPIMedia, d.text)
}

// described returns the description, generated when it is first asked for. One is
// made at a time.
func (s *Server) described(module, of string) (description, error) {
	c, key := &s.descriptions, [2]string{module, of}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.made[key]; ok {
		return d, nil
	}
	o := openapi.Options{
		Schema: s.schema, Root: s.o.Root, Handles: s.store.Handles, Datastore: of,
		DryRun: s.o.Report != nil,
	}
	if module != "" {
		o.Modules = []string{module}
	}
	for _, d := range viewed {
		if d != datastore.Startup || s.store.HasStartup() {
			o.Datastores = append(o.Datastores, d.String())
		}
	}
	text, err := openapi.Generate(o)
	if err != nil {
		return description{}, err
	}
	if len(c.made) >= mostDescriptions {
		clear(c.made)
	}
	if c.made == nil {
		c.made = map[[2]string]description{}
	}
	sum := sha256.Sum256(text)
	d := description{text, `"` + base64.RawURLEncoding.EncodeToString(sum[:9]) + `"`}
	c.made[key] = d
	return d, nil
}
