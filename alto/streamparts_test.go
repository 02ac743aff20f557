package alto

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pathStreams are the services of RFC 9275 with one of updates to them, and a change that
// moves PID1 from 192.0.2.0/28 behind L2 and halves the bandwidth of L2.
func pathStreams(t testing.TB) (c Config, moved func(*Config)) {
	add := func(c *Config) {
		c.Resources = append(c.Resources, &Resource{ID: "update-pv", Path: "updates/pv", Service: UpdateStreams{
			Covers: []string{"my-default-networkmap", "ane-props", "endpoint-cost-pv", "filtered-cost-map-pv"},
		}})
	}
	c = rfc9275Config(t)
	add(&c)
	return c, func(c *Config) {
		*c = rfc9275Config(t)
		add(c)
		pids := []string{"PID1", "PID2", "PID3", "PID4"}
		for _, r := range c.Resources {
			switch s := r.Service.(type) {
			case PathVectorEndpointCosts:
				s.Paths = pathMatrix(t, pids, "PID3 PID1 NET3 L2 NET1", "PID3 PID4 NET3 L2 NET2")
				s.ANEs = properties(t, `.ane NET1 max-reservable-bandwidth=50000000000`, `.ane L2 max-reservable-bandwidth=7500000000`)
				r.Service = s
			}
		}
	}
}

const pathInput = `{"cost-type":{"cost-mode":"array","cost-metric":"ane-path"},"endpoints":{"srcs":["ipv4:192.0.2.34"],"dsts":["ipv4:192.0.2.2","ipv4:192.0.2.50"]},
	"ane-property-names":["max-reservable-bandwidth"]}`

// patched applies a merge patch (RFC 7396).
func patched(target any, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if t = maps.Clone(t); !ok {
		t = map[string]any{}
	}
	for name, v := range p {
		if v == nil {
			delete(t, name)
		} else {
			t[name] = patched(t[name], v)
		}
	}
	return t
}

// TestPathVectorStream follows RFC 9275 Section 8.5: the full response first, then the
// parts by themselves; what they make of it is what a request gets. A merge patch is one
// object with the tags of the new version.
func TestPathVectorStream(t *testing.T) {
	c, moved := pathStreams(t)
	s := serving(t, c)
	client := subscribe(t, listening(t, s), "/updates/pv", `{"add":{"ecspvsub1":{"resource-id":"endpoint-cost-pv","input":`+pathInput+`}}}`, nil).readControl()
	first, ok := client.next()
	media, isSub := strings.CutSuffix(first.name, ",ecspvsub1")
	if !ok || !isSub {
		t.Fatalf("first event %q", first.name)
	}
	boundary, _, _ := strings.Cut(strings.TrimPrefix(media, "multipart/related;boundary="), ";")
	if media != "multipart/related;boundary="+boundary+";type="+MediaEndpointCost {
		t.Errorf("the first event has the media type %q", media)
	}
	ids, types, parts := related(t, `multipart/related;boundary=`+boundary+`;type="`+MediaEndpointCost+`"`, strings.ReplaceAll(first.data, "\n", "\r\n"))
	if diff := cmp.Diff([]string{"<ecs@alto.example.com>", "<propmap@alto.example.com>"}, ids); diff != "" {
		t.Error(diff)
	}
	republish(t, s, moved)
	for i, id := range ids {
		e, ok := client.next()
		want := "ecspvsub1." + strings.Trim(id, "<>")
		kind, at, _ := strings.Cut(e.name, ",")
		if !ok || at != want || !slices.Contains([]string{MediaMergePatch, types[i]}, kind) {
			t.Fatalf("event %q, want %s", e.name, want)
		}
		var change any
		if err := json.Unmarshal([]byte(e.data), &change); err != nil {
			t.Fatal(err)
		}
		if kind == MediaMergePatch {
			change = patched(parts[i], change)
		}
		parts[i] = change.(map[string]any)
	}
	w := post(s, "/endpointcost/pv", MediaEndpointCostParams, pathInput)
	_, _, now := related(t, w.Header().Get("Content-Type"), w.Body.String())
	if diff := cmp.Diff(now, parts); diff != "" {
		t.Errorf("a request gets something else (-request +stream):\n%s", diff)
	}
	if got := parts[1]["property-map"].(map[string]any)[".ane:L2"]; !cmp.Equal(got, map[string]any{"max-reservable-bandwidth": 7.5e9}) {
		t.Errorf("L2 has %v", got)
	}
}

// TestPathVectorStreamWhole: without patches all parts come again, and nothing comes where
// the response stays the same.
func TestPathVectorStreamWhole(t *testing.T) {
	c, moved := pathStreams(t)
	s := serving(t, c)
	client := subscribe(t, listening(t, s), "/updates/pv", `{"add":{
		"a":{"resource-id":"endpoint-cost-pv","incremental-changes":false,"input":`+pathInput+`},
		"b":{"resource-id":"filtered-cost-map-pv","input":{`+pathType+`,`+pathPIDs+`}}}}`, nil).readControl()
	for range 2 {
		client.next()
	}
	republish(t, s, moved)
	e, ok := client.next()
	if !ok || !strings.HasPrefix(e.name, "multipart/related;boundary=") || !strings.HasSuffix(e.name, ",a") || strings.Count(e.data, "Content-ID: ") != 2 {
		t.Fatalf("event %q", e.name)
	}
	republish(t, s, func(c *Config) {
		c.Resources = slices.DeleteFunc(c.Resources, func(r *Resource) bool { return r.ID == "update-pv" })
	})
	if e, _ := client.next(); e.name != MediaUpdateControl {
		t.Errorf("event %q, want the end: the cost map has not changed", e.name)
	}
}

// TestPathVectorSubstreamIDs: with the Part Resource ID after it a substream ID has 64
// characters at most (RFC 9275 Section 6.6).
func TestPathVectorSubstreamIDs(t *testing.T) {
	c, _ := pathStreams(t)
	base := listening(t, serving(t, c))
	const room = maxName - len(".costmap")
	subscribe(t, base, "/updates/pv", `{"add":{"`+strings.Repeat("x", room)+`":{"resource-id":"endpoint-cost-pv","input":`+pathInput+`}}}`, nil).readControl()
	long := strings.Repeat("x", room+1)
	w, err := http.Post(base+"/updates/pv", MediaUpdateParams, strings.NewReader(`{"add":{"`+long+`":{"resource-id":"endpoint-cost-pv","input":`+pathInput+`}}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d for a substream ID of %d characters", w.StatusCode, len(long))
	}
}
