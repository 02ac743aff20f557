package alto

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// updateConfig has a stream service "up" at /up over a network map, its cost map and
// a filtered cost map; "cdni" is not covered.
func updateConfig(t testing.TB, change func(*UpdateStreams)) Config {
	c := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	streams := UpdateStreams{Covers: []string{"cm", "nm", "part"}}
	if change != nil {
		change(&streams)
	}
	return Config{CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t1")}},
		{ID: "cm", Path: "cm", Service: FullCostMap{"nm", "num-routing", c}},
		{ID: "part", Path: "part", Service: FilteredCostMap{NetworkMap: "nm", Offers: []CostOffer{{"num-routing", c}}}},
		{ID: "cdni", Path: "cdni", Service: FullCDNIAdvertisement{Advertisement: advertisement(t, "")}},
		{ID: "up", Path: "up", Service: streams},
	}}
}

const (
	addNetworkMap = `"net":{"resource-id":"nm"}`
	partInput     = `"part":{"resource-id":"part","input":{` + routingType + `,"pids":{"srcs":["PID1"],"dsts":["PID2"]}}}`
)

// updateErrors are wrong in requests for a stream and to control one alike.
var updateErrors = []struct{ body, want string }{
	{``, `{"meta":{"code":"E_SYNTAX","syntax-error":"request body is empty"}}`},
	{`{}`, `{"meta":{"code":"E_MISSING_FIELD","field":"add"}}`},
	{`{"add":{}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"add"}}`},
	{`{"add":[]}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add"}}`},
	{`{"add":{"a.b":{"resource-id":"nm"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add","value":"a.b"}}`},
	{`{"add":{"a":1}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add/a"}}`},
	{`{"add":{"a":{}}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"add/a/resource-id"}}`},
	{`{"add":{"a":{"resource-id":7}}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add/a/resource-id"}}`},
	{`{"add":{"a":{"resource-id":"my-networkmap/#"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add/a/resource-id","value":"my-networkmap/#"}}`},
	{`{"add":{` + addNetworkMap + `,"a":{"resource-id":"cdni"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add/a/resource-id","value":"cdni"}}`},
	{`{"add":{"a":{"resource-id":"up"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add/a/resource-id","value":"up"}}`},
	{`{"add":{"a":{"resource-id":"nm","tag":1}}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add/a/tag"}}`},
	{`{"add":{"a":{"resource-id":"nm","incremental-changes":"true"}}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add/a/incremental-changes"}}`},
	{`{"add":{"a":{"resource-id":"part"}}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"cost-type"}}`},
	{`{"add":{"a":{"resource-id":"part","input":[]}}}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"add/a/input"}}`},
	{`{"add":{"a":{"resource-id":"part","input":{` + routingType + `,"pids":{}}}}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"pids/srcs"}}`},
}

func TestUpdateStreamErrors(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	for _, tt := range updateErrors {
		w := post(s, "/up", MediaUpdateParams, tt.body)
		if got := w.Body.String(); w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != MediaError || got != tt.want {
			t.Errorf("%s: status %d, %s\nwant %s", tt.body, w.Code, got, tt.want)
		}
	}
	for name, w := range map[string]int{
		"GET":           exchange(s, http.MethodGet, "/up", nil, "").Code - 405,
		"other type":    post(s, "/up", "application/json", `{}`).Code - 415,
		"not accepted":  exchange(s, http.MethodPost, "/up", http.Header{"Accept": {MediaCostMap}}, "{}").Code - 406,
		"no such token": post(s, "/up/3141592653589", MediaUpdateParams, `{"remove":[]}`).Code - 404,
	} {
		if w != 0 {
			t.Errorf("%s: status is off by %d", name, w)
		}
	}
	if n := len(s.streams.byPath) + len(s.streams.byResource) + s.streams.open; n != 0 {
		t.Errorf("%d streams are left", n)
	}
}

func TestStreamControlErrors(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	c := subscribe(t, listening(t, s), "/up", `{"add":{`+addNetworkMap+`,"cost":{"resource-id":"cm"}},"remove":["is ignored"]}`, nil).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"}, event{name: MediaCostMap + ",cost"})
	if status, body := c.send(`{"remove":["cost"]}`, nil); status != http.StatusNoContent || body != "" {
		t.Fatalf("status %d, %s", status, body)
	}
	c.expect(event{MediaUpdateControl, `{"stopped":["cost"]}`})
	for _, tt := range append(updateErrors, []struct{ body, want string }{
		{`{"remove":"net"}`, `{"meta":{"code":"E_INVALID_FIELD_TYPE","field":"remove"}}`},
		{`{"remove":[1]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"remove","value":"1"}}`},
		{`{"remove":["net","x","y"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"remove","value":"[\"x\",\"y\"]"}}`},
		{`{"add":{"new":{"resource-id":"nm"}},"remove":["new"]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"remove","value":"new"}}`},
		{`{"add":{"new":{"resource-id":"nm"}},"remove":[]}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"remove","value":"[]"}}`},
		{`{"add":{"new":{"resource-id":"nm"},"net":{"resource-id":"nm"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add","value":"net"}}`},
		{`{"add":{"cost":{"resource-id":"nm"},"net":{"resource-id":"nm"}}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"add","value":"[\"cost\",\"net\"]"}}`},
	}...) {
		if status, body := c.send(tt.body, nil); status != http.StatusBadRequest || body != tt.want {
			t.Errorf("%s: status %d, %s\nwant %s", tt.body, status, body, tt.want)
		}
	}
	// Nothing has changed; removing again what is removed is no error and no event.
	if status, _ := c.send(`{"add":{`+partInput+`},"remove":["cost"]}`, nil); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	c.expect(event{MediaUpdateControl, `{"started":["part"]}`}, event{name: MediaCostMap + ",part"})
	// Removing all by name closes the stream.
	if status, _ := c.send(`{"remove":["part","net"]}`, nil); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	c.expect(event{MediaUpdateControl, `{"stopped":["net","part"]}`})
	c.expectEnd()
}

// TestReplaceAll removes all substreams in the request that adds another.
func TestReplaceAll(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	c := subscribe(t, listening(t, s), "/up", `{"add":{`+addNetworkMap+`}}`, nil).readControl()
	c.expect(event{name: MediaNetworkMap + ",net"})
	if status, _ := c.send(`{"add":{`+partInput+`},"remove":["net"]}`, nil); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	c.expect(event{MediaUpdateControl, `{"started":["part"]}`}, event{name: MediaCostMap + ",part"}, event{MediaUpdateControl, `{"stopped":["net"]}`})
	republish(t, s, replace(&Resource{ID: "cm", Path: "cm", Service: FullCostMap{"nm", "num-routing", costs(t, threePIDs, make([]float64, 9)...)}}))
	republish(t, s, replace(&Resource{ID: "part", Path: "part", Service: FilteredCostMap{
		NetworkMap: "nm", Offers: []CostOffer{{"num-routing", costs(t, threePIDs, 0, 7, 0, 0, 0, 0, 0, 0, 0)}},
	}}))
	c.expect(event{MediaMergePatch + ",part", `{"cost-map":{"PID1":{"PID2":7}}}`})
}

// TestUpdates has what a substream is sent, by what it has asked for.
func TestUpdates(t *testing.T) {
	second := &Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}
	const patch, full = MediaMergePatch + ",a", MediaNetworkMap + ",a"
	for _, tt := range []struct {
		name, request string
		initial       bool
		then          string
	}{
		{"by default", `"resource-id":"nm"`, true, patch},
		{"incremental", `"resource-id":"nm","incremental-changes":true`, true, patch},
		{"not incremental", `"resource-id":"nm","incremental-changes":false`, true, full},
		{"current tag", `"resource-id":"nm","tag":"t1"`, false, patch},
		{"current tag, not incremental", `"resource-id":"nm","tag":"t1","incremental-changes":false`, false, full},
		{"old tag", `"resource-id":"nm","tag":"t0"`, true, patch},
		{"empty tag", `"resource-id":"nm","tag":""`, true, patch},
		{"input that is not needed", `"resource-id":"nm","input":7`, true, patch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serving(t, updateConfig(t, nil))
			c := subscribe(t, listening(t, s), "/up", `{"add":{"a":{`+tt.request+`}}}`, nil).readControl()
			if tt.initial {
				c.expect(event{full, get(s, "/nm").Body.String()})
			}
			republish(t, s, replace(second))
			want := event{full, get(s, "/nm").Body.String()}
			if tt.then == patch {
				want = event{patch, `{"meta":{"vtag":{"tag":"t2"}}}`}
			}
			c.expect(want)
		})
	}
}

// TestPatchesOfNull has a change that no merge patch can express, and one whose patch
// is larger than the response.
func TestPatchesOfNull(t *testing.T) {
	propertiesOf := func(lines ...string) *Resource {
		return &Resource{ID: "pm", Path: "pm", Service: FullPropertyMap{Map: properties(t, lines...)}}
	}
	s := serving(t, Config{Resources: []*Resource{
		propertiesOf(`ipv4 192.0.2.0/24 .a=1`, `ipv4 192.0.2.0/25 .a=2`),
		{ID: "up", Path: "up", Service: UpdateStreams{Covers: []string{"pm"}, Patches: map[string]PatchFormats{"pm": MergePatch}}},
		{ID: "both", Path: "both", Service: UpdateStreams{Covers: []string{"pm"}}},
	}})
	base := listening(t, s)
	c := subscribe(t, base, "/up", `{"add":{"p":{"resource-id":"pm"}}}`, nil).readControl()
	both := subscribe(t, base, "/both", `{"add":{"p":{"resource-id":"pm"}}}`, nil).readControl()
	c.expect(event{name: MediaPropertyMap + ",p"})
	both.expect(event{name: MediaPropertyMap + ",p"})
	for i, r := range []*Resource{
		propertiesOf(`ipv4 192.0.2.0/24 .a=1`, `ipv4 192.0.2.0/25 .a=null`),
		propertiesOf(`ipv4 192.0.2.0/26 .a=1`),
	} {
		republish(t, s, replace(r))
		full := event{MediaPropertyMap + ",p", get(s, "/pm").Body.String()}
		c.expect(full)
		if i == 0 {
			both.expect(event{MediaJSONPatch + ",p", `[{"op":"replace","path":"/property-map/ipv4:192.0.2.0~125/.a","value":null}]`})
			continue
		}
		both.expect(full)
	}
}

func TestRanks(t *testing.T) {
	s := snapshot(t, updateConfig(t, nil))
	r := make(ranks)
	if nm, cm, up := r.of(s, "nm"), r.of(s, "cm"), r.of(s, "up"); nm >= cm || cm >= up || r.of(s, "unknown") != 0 {
		t.Errorf("ranks %v", r)
	}
}

// TestSharedUpdates proves that streams share what is computed, where they want the
// same.
func TestSharedUpdates(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	params, _ := parseParameters([]byte(`{"add":{` + addNetworkMap + `,` + partInput + `}}`))
	e := s.epoch.Load()
	open := func(client string) *stream {
		n, addr := e.snapshot.byID.At("up"), netip.MustParseAddr(client)
		added, err := e.snapshot.readSubstreams(n, params, addr)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		st := s.open(e, n, added, addr)
		st.queue = nil
		return st
	}
	a, b, other := open("192.0.2.1"), open("192.0.2.1"), open("192.0.2.2")
	republish(t, s, replace(&Resource{ID: "nm", Path: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "t2")}}))
	if len(a.queue) != 2 || len(b.queue) != 2 || len(other.queue) != 2 {
		t.Fatalf("queues of %d, %d and %d messages", len(a.queue), len(b.queue), len(other.queue))
	}
	if a.queue[0].update != b.queue[0].update || a.queue[0].update != other.queue[0].update {
		t.Error("the network map's update is made more than once")
	}
	if a.queue[1].update != b.queue[1].update || a.queue[1].update == other.queue[1].update {
		t.Error("updates with input are shared between equal clients only")
	}
	u := a.queue[0].update
	u.make()
	if u.prev.snapshot != nil || u.next.snapshot != nil {
		t.Error("an update that is made holds snapshots")
	}
	for _, st := range []*stream{a, b, other} {
		st.leave()
	}
}

// FuzzUpdateParams feeds request bodies to an open stream.
func FuzzUpdateParams(f *testing.F) {
	s := serving(f, updateConfig(f, nil))
	for _, tt := range updateErrors {
		f.Add(tt.body)
	}
	f.Add(`{"add":{` + partInput + `},"remove":["net"]}`)
	f.Add(`{"remove":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		e := s.epoch.Load()
		n := e.snapshot.byID.At("up")
		start, _ := parseParameters([]byte(`{"add":{` + addNetworkMap + `}}`))
		added, _ := e.snapshot.readSubstreams(n, start, netip.Addr{})
		st := s.open(e, n, added, netip.Addr{})
		defer st.leave()
		params, pe := parseParameters([]byte(body))
		if pe != nil {
			return
		}
		if pe = st.change(params); pe != nil && len(st.active) != 1 {
			t.Fatalf("%q: an error changes the stream", body)
		}
		for _, m := range st.queue {
			text := string(m.control)
			if m.update != nil {
				m.update.make()
				var b strings.Builder
				for _, p := range m.update.parts {
					b.Write(p)
				}
				text = b.String()
			}
			decode(t, text)
		}
	})
}
