package alto

import (
	"bytes"
	"context"
	"fmt"

	"github.com/altoam/altoam/agent/driver/document"
	"github.com/altoam/altoam/agent/driver/remote"
	"github.com/altoam/altoam/alto/client"
)

// resource is what is wanted of a server, as it is in use.
type resource struct {
	client.Entry
	remote.Document
	text []byte // nil: it is not in use
	part *document.Part
}

// version is a resource as it may come into use.
type version struct {
	*resource
	answer *remote.Answer // nil: it came by a stream
	text   []byte
	part   *document.Part
}

// rounds bounds how often resources are fetched again that are of different versions of
// the network map: it may have changed in between.
const rounds = 3

// load finds the server, reads its directory and what is wanted of it, and makes data of
// that unless it is what is in use.
func (s *source) load(ctx context.Context) (changed bool, err error) {
	if err := s.locate(); err != nil {
		return false, err
	}
	defer s.server.Rest()
	if err := s.look(ctx); err != nil {
		return false, err
	}
	s.arrange()
	for round := 1; ; round++ {
		versions, err := s.fetch(ctx)
		if err != nil {
			return false, err
		}
		err = matching(versions)
		if err == nil {
			return s.use(versions, remote.Union(answersOf(versions)))
		}
		if round == rounds {
			return false, err
		}
	}
}

// arrange makes resources of what is wanted; those that stay keep what is in use.
func (s *source) arrange() {
	list := make([]*resource, len(s.wanted.entries))
	for i, e := range s.wanted.entries {
		for _, old := range s.resources {
			if old.Entry.URI.String() == e.URI.String() && old.Entry.ID == e.ID && old.Entry.Media == e.Media {
				list[i] = old
			}
		}
		if list[i] == nil {
			list[i] = &resource{Entry: e, Document: remote.Document{
				URI: e.URI.String(), Accept: e.Media, Body: s.question(e), ContentType: e.Accepts,
			}}
		}
	}
	s.resources = list
}

func (s *source) fetch(ctx context.Context) ([]version, error) {
	list := make([]version, len(s.resources))
	for i, r := range s.resources {
		a, err := s.server.Fetch(ctx, &r.Document)
		if err != nil {
			return nil, err
		}
		list[i] = version{resource: r, answer: a, text: r.text, part: r.part}
		if a.Text != nil {
			if err := list[i].read(a.Text); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// read takes another text; the one that it has already changes nothing.
func (v *version) read(text []byte) error {
	if v.part != nil && bytes.Equal(v.text, text) {
		return nil
	}
	part, err := document.Read(v.Entry.ID, text)
	if err != nil {
		return fmt.Errorf("resource %q: %w", v.Entry.ID, err)
	}
	v.text, v.part = text, part
	return nil
}

// matching demands that what depends on the network map is of its version.
func matching(list []version) error {
	for _, m := range list {
		if !m.part.IsMap() {
			continue
		}
		for _, v := range list {
			for _, t := range v.part.Depends {
				if t.ID == m.part.VTag.ID && t.Tag != m.part.VTag.Tag {
					return fmt.Errorf("resource %q is of version %q of network map %q, which has version %q", v.Entry.ID, t.Tag, t.ID, m.part.VTag.Tag)
				}
			}
		}
	}
	return nil
}

func answersOf(list []version) []*remote.Answer {
	answers := make([]*remote.Answer, len(list))
	for i, v := range list {
		answers[i] = v.answer
	}
	return answers
}

// use takes versions into use, all or none, that came through the servers of path; the
// error tells what they disagree about.
func (s *source) use(list []version, path []string) (changed bool, err error) {
	var c document.Collector
	for _, v := range list {
		if err := c.Add(v.part); err != nil {
			return false, fmt.Errorf("resource %q: %w", v.Entry.ID, err)
		}
		changed = changed || v.resource.part != v.part
	}
	changed = changed || len(list) != s.inUse
	for _, v := range list {
		if v.resource.text, v.resource.part = v.text, v.part; v.answer != nil {
			v.Use(v.answer)
		} else {
			v.Forget()
		}
	}
	s.inUse = len(list)
	return s.Take(&c, path, changed), nil
}
