package alto

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mirror is what a client holds of substreams "net" and "cost" after the events so
// far. It checks that costs never come before the map they depend on.
type mirror map[string]any

func (m mirror) take(t *testing.T, e event) {
	media, id, _ := strings.Cut(e.name, ",")
	data, err := any(nil), error(nil)
	if media == MediaMergePatch || media == MediaJSONPatch {
		data, err = applyPatch(media, m[id], e.data)
	} else {
		err = json.Unmarshal([]byte(e.data), &data)
	}
	if err != nil {
		t.Errorf("%v in %+v", err, e)
	}
	m[id] = data
	if id == "cost" && m.costsOf() != tagIn(m["net"], "vtag") {
		t.Errorf("costs of map %v, the client has %v", m.costsOf(), tagIn(m["net"], "vtag"))
	}
}

// costsOf is the tag of the network map that the costs depend on.
func (m mirror) costsOf() any {
	if m["cost"] == nil {
		return nil
	}
	return m["cost"].(map[string]any)["meta"].(map[string]any)["dependent-vtags"].([]any)[0].(map[string]any)["tag"]
}

// TestStreamsWhilePublishing opens, controls and closes streams while snapshots
// follow each other: every client ends up with what is served.
func TestStreamsWhilePublishing(t *testing.T) {
	const generations, clients = 100, 4
	withStreams := func(n int) Config {
		c := generation(t, n)
		c.Resources = append(c.Resources, &Resource{ID: "up", Path: "up", Service: UpdateStreams{
			Covers: []string{"nm", "cm", "part"}, MaxBehind: generations + 1,
		}})
		return c
	}
	s := serving(t, withStreams(0))
	base := listening(t, s)
	last := fmt.Sprintf("gen%d", generations)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			request := fmt.Sprintf(`{"add":{"net":{"resource-id":"nm"},"cost":{"resource-id":"cm","incremental-changes":%t}}}`, i%2 == 0)
			c, m := subscribe(t, base, "/up", request, nil).readControl(), make(mirror)
			for n := 0; m.costsOf() != last; n++ {
				e, ok := c.next()
				if !ok {
					t.Error("the stream has ended")
					return
				}
				if e.name != MediaUpdateControl && !strings.HasSuffix(e.name, ",x") {
					m.take(t, e)
				}
				if n == 5 {
					if status, text := c.send(`{"add":{"x":{"resource-id":"part","input":{"cost-type":`+hopType+`}}}}`, nil); status != 204 {
						t.Errorf("control: status %d, %s", status, text)
					}
				}
			}
			for id, path := range map[string]string{"net": "/nm", "cost": "/cm"} {
				if diff := cmp.Diff(decode(t, get(s, path).Body.String()), m[id]); diff != "" {
					t.Errorf("client %d has another %s (-want +got):\n%s", i, id, diff)
				}
			}
			if i%2 == 0 {
				c.cancel()
			} else if status, _ := c.send(`{"remove":[]}`, nil); status != 204 {
				t.Errorf("close: status %d", status)
			}
		})
	}
	for n := 1; n <= generations; n++ {
		next, err := NewSnapshot(s.Snapshot(), withStreams(n))
		if err != nil {
			t.Error(err)
			break
		}
		s.Publish(next)
		s.ResourceStats("up")
	}
	wg.Wait()
}
