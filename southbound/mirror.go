package southbound

import (
	"fmt"

	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json"
)

// mirror is what a version is to a server: forms and digests. It keeps the digests of
// what is published and not the forms, which are made again for a server that has lost
// them. It belongs to one goroutine.
type mirror struct {
	snapshot  *alto.Snapshot // that resources are of
	resources map[string]held
	digests   map[alto.Data]*user
}

// user counts the uses of a digest.
type user struct {
	digest alto.Digest
	users  int
}

func newMirror() *mirror {
	return &mirror{snapshot: emptySnapshot(), resources: make(map[string]held), digests: make(map[alto.Data]*user)}
}

// encoded is a resource with the data behind it.
type encoded struct {
	put  put
	data []alto.Data
}

// encode makes the form of a resource. Cost is that of data that was not seen before.
func (m *mirror) encode(r *alto.Resource) (e encoded, err error) {
	var failed error
	e.put.Form, err = alto.EncodeResource(r, func(d alto.Data) alto.Digest {
		u := m.digests[d]
		if u == nil {
			form, err := alto.EncodeData(d)
			if err != nil {
				failed = fmt.Errorf("resource %q: %w", r.ID, err)
			}
			u = &user{digest: alto.DigestOf(form)}
			m.digests[d] = u
		}
		e.data = append(e.data, d)
		e.put.Held.Data = append(e.put.Held.Data, u.digest)
		return u.digest
	})
	if err == nil {
		err = failed
	}
	e.put.Held.ID, e.put.Held.Digest = r.ID, alto.DigestOf(e.put.Form)
	return e, err
}

// follow brings the mirror up to date and returns the IDs of what differs. Cost is that
// of the differences. After an error it is of no use any more.
func (m *mirror) follow(to *alto.Snapshot) (changed []string, err error) {
	alto.EachDifference(m.snapshot, to, func(id string, before, now *alto.Resource) {
		changed = append(changed, id)
		var old, e encoded
		if now != nil && err == nil {
			if e, err = m.encode(now); err != nil {
				return
			}
			m.resources[id] = e.put.Held
		} else {
			delete(m.resources, id)
		}
		for _, d := range e.data {
			m.digests[d].users++
		}
		if before != nil && err == nil {
			if old, err = m.encode(before); err != nil {
				return
			}
		}
		for _, d := range old.data {
			if u := m.digests[d]; u.users > 1 {
				u.users--
			} else {
				delete(m.digests, d)
			}
		}
	})
	m.snapshot = to
	return changed, err
}

// stepFor makes the step for a server that is known to have some things, and the data
// that goes with it. Where something is known of ids alone, they are all that is looked
// at; nil stands for everything.
func (m *mirror) stepFor(k *known, ids []string) (x *step, data [][]byte, err error) {
	x = new(step)
	if ids == nil {
		for id := range m.resources {
			ids = append(ids, id)
		}
		for id := range k.resources {
			if _, ok := m.resources[id]; !ok {
				ids = append(ids, id)
			}
		}
	}
	sent := make(map[alto.Digest]bool)
	for _, id := range ids {
		here, there := m.resources[id], k.resources[id]
		switch {
		case here.ID == "" && there.ID != "":
			x.Remove = append(x.Remove, id)
		case here.ID != "" && here.Digest != there.Digest:
			e, err := m.encode(m.snapshot.Resource(id))
			if err != nil {
				return nil, nil, err
			}
			x.Put = append(x.Put, e.put)
			for i, d := range e.data {
				if digest := e.put.Held.Data[i]; k.data[digest] == 0 && !sent[digest] {
					form, err := alto.EncodeData(d)
					if err != nil {
						return nil, nil, err
					}
					sent[digest] = true
					data = append(data, form)
				}
			}
		}
	}
	return x, data, nil
}

// settingsOf returns the settings of a version, with their digest.
func settingsOf(v *Version) (*settings, error) {
	s := &settings{Window: v.Window, MaxClients: v.MaxClients, ALTO: v.Snapshot.Settings()}
	var err error
	if s.Access, err = v.Access.Form(); err != nil {
		return nil, err
	}
	form, err := json.Marshal(s, messageOptions, json.Deterministic(true))
	s.Digest = alto.DigestOf(form)
	return s, err
}

// made notes that a server has made a step.
func (k *known) made(x *step) {
	if x.Settings != nil {
		k.settings = x.Settings.Digest
	}
	for _, id := range x.Remove {
		k.drop(id)
	}
	for _, p := range x.Put {
		k.put(p.Held)
	}
}
