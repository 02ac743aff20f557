package alto

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/altoam/altoam/agent/driver/remote"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json"
)

// A directory may lead to others: so many are read, at so many steps from the root.
const (
	maxDirectories = 16
	maxDelegations = 3
)

// selection is what is wanted of a server.
type selection struct {
	entries []client.Entry // the network map first, where one is wanted
	stream  *client.Entry  // an update stream service that covers all of them; nil: none
}

// unknownError is a resource that no directory lists, or that cannot be read.
type unknownError struct{ id, reason string }

func (e *unknownError) Error() string { return fmt.Sprintf("resource %q: %s", e.id, e.reason) }

// unknownIn returns the ID of the resource that an error is about, "" where it is about
// none.
func unknownIn(err error) string {
	var unknown *unknownError
	if errors.As(err, &unknown) {
		return unknown.id
	}
	return ""
}

// locate finds the root directory: configured, or discovered. One that was found before
// stays as long as it is still found.
func (s *source) locate() error {
	uri := s.params.GetIrdUri()
	if s.params.Discovery != nil {
		found := s.network.Discover(s.params.GetDiscovery())
		switch {
		case len(found) == 0:
			return fmt.Errorf("no ALTO server has been found for alto-client %q yet", s.params.GetDiscovery())
		case slices.Contains(found, s.uri):
			uri = s.uri
		default:
			uri = found[0]
		}
	}
	if uri != s.uri {
		if s.server != nil {
			s.server.Rest()
		}
		s.uri, s.server, s.wanted, s.resources = uri, remote.NewServer(uri, s.params, s.network), nil, nil
		s.ird = &remote.Document{URI: uri, Accept: alto.MediaDirectory}
	}
	return nil
}

// look reads the directory where it is another one, and chooses what is wanted. Directories
// that it leads to are read then only.
func (s *source) look(ctx context.Context) error {
	a, err := s.server.Fetch(ctx, s.ird)
	if err != nil {
		return err
	}
	if a.Text == nil && s.wanted != nil {
		return nil
	}
	base, err := url.Parse(s.uri)
	if err != nil {
		return err
	}
	root, err := client.ReadDirectory(base, a.Text)
	if err != nil {
		return fmt.Errorf("%s: %w", remote.Shown(s.uri), err)
	}
	x := &search{source: s, ctx: ctx, seen: map[string]bool{s.uri: true}, level: []*client.Directory{root}}
	if err := x.choose(root.DefaultNetworkMap); err != nil {
		return err
	}
	if s.wanted = x.selection(); !x.delegated {
		s.ird.Use(a)
	}
	return nil
}

// search looks through directories, level by level.
type search struct {
	*source
	ctx       context.Context
	seen      map[string]bool
	all       []*client.Directory // that were looked through
	level     []*client.Directory // that come next
	depth     int
	delegated bool // others than the root were read
	entries   []client.Entry
}

// choose finds what is wanted, and the network map that it is about.
func (x *search) choose(defaultMap string) error {
	ids := slices.Clone(x.params.Resource)
	if len(ids) == 0 {
		if defaultMap == "" {
			return errors.New("the directory names no default network map, expected a resource to be configured")
		}
		ids = []string{defaultMap}
	}
	networkMap := ""
	for i := 0; i < len(ids); i++ { // it grows by the network map
		e, err := x.find(ids[i])
		if err != nil {
			return err
		}
		if e.Accepts != "" && e.Accepts != alto.MediaEndpointPropParams {
			return &unknownError{e.ID, fmt.Sprintf("it takes parameters (%s), expected a resource without, or an endpoint property service", e.Accepts)}
		}
		if e.Accepts != "" && len(x.params.Endpoint) == 0 {
			return &unknownError{e.ID, "it is an endpoint property service, expected endpoints to ask it about"}
		}
		if e.Media == alto.MediaNetworkMap {
			if networkMap != "" && networkMap != e.ID {
				return &unknownError{e.ID, fmt.Sprintf("it is a network map besides %q, expected one", networkMap)}
			}
			networkMap = e.ID
		}
		if e.Media == alto.MediaCostMap {
			for _, id := range e.Uses {
				if used, err := x.find(id); err == nil && used.Media == alto.MediaNetworkMap && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		x.entries = append(x.entries, e)
	}
	slices.SortStableFunc(x.entries, func(a, b client.Entry) int { return order(a) - order(b) })
	return nil
}

func order(e client.Entry) int {
	if e.Media == alto.MediaNetworkMap {
		return 0
	}
	return 1
}

// find returns the first entry with an ID, in the order of levels.
func (x *search) find(id string) (client.Entry, error) {
	for _, d := range x.all {
		if e, ok := d.Entry(id); ok {
			return e, nil
		}
	}
	var last error
	for len(x.level) > 0 {
		next := x.level
		x.level, x.all = nil, append(x.all, next...)
		for _, d := range next {
			if e, ok := d.Entry(id); ok {
				x.level = nil
				if err := x.descend(next); err != nil {
					last = err
				}
				return e, nil
			}
		}
		if err := x.descend(next); err != nil {
			last = err
		}
	}
	if last != nil {
		return client.Entry{}, fmt.Errorf("resource %q is in no directory that could be read: %w", id, last)
	}
	return client.Entry{}, &unknownError{id, "no directory lists it"}
}

// descend reads the directories that those of a level lead to. The error is the last; what
// can be read is.
func (x *search) descend(level []*client.Directory) (last error) {
	if x.depth++; x.depth > maxDelegations {
		return nil
	}
	for _, d := range level {
		for _, e := range d.Entries {
			uri := e.URI.String()
			if e.Media != alto.MediaDirectory || x.seen[uri] || len(x.seen) >= maxDirectories {
				continue
			}
			x.seen[uri], x.delegated = true, true
			a, err := x.server.Fetch(x.ctx, &remote.Document{URI: uri, Accept: alto.MediaDirectory})
			if err == nil {
				var other *client.Directory
				if other, err = client.ReadDirectory(e.URI, a.Text); err == nil {
					x.level = append(x.level, other)
				}
			}
			if err != nil {
				last = err
			}
		}
	}
	return last
}

// selection returns what was found, with a stream that covers all of it.
func (x *search) selection() *selection {
	w := &selection{entries: x.entries}
	if !x.params.GetUpdateStream() {
		return w
	}
	for _, d := range x.all {
		for i, e := range d.Entries {
			covers := func(r client.Entry) bool { return r.Accepts == "" && slices.Contains(e.Uses, r.ID) }
			if e.Media == alto.MediaEventStream && !slices.ContainsFunc(x.entries, func(r client.Entry) bool { return !covers(r) }) {
				w.stream = &d.Entries[i]
				return w
			}
		}
	}
	return w
}

// question is the body of a request to an endpoint property service.
func (s *source) question(e client.Entry) []byte {
	if e.Accepts == "" {
		return nil
	}
	text, err := json.Marshal(map[string][]string{"properties": e.Capabilities.PropTypes, "endpoints": s.params.Endpoint})
	if err != nil {
		panic(err) // they are strings
	}
	return text
}
