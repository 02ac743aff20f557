package alto

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// steps draws changes of a server with few IDs, so that most of them meet.
type steps struct {
	maps    []*NetworkMap
	costs   []*CostMatrix
	ads     []*CDNIAdvertisement
	values  []*PropertyMap
	current Config
	byID    map[string]*Resource
}

func newSteps(t testing.TB) *steps {
	ad := `{"capability-type":"a","capability-value":1,"footprints":[{"footprint-type":"altopid","footprint-value":["PID1"]}]}`
	return &steps{
		maps:   []*NetworkMap{rfcNetworkMap(t, ""), rfcNetworkMap(t, "other"), networkMap(t, "", "elsewhere 0.0.0.0/0")},
		costs:  []*CostMatrix{costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1), costs(t, threePIDs, make([]float64, 9)...), costs(t, []string{"elsewhere"}, 1)},
		ads:    []*CDNIAdvertisement{advertisement(t, "", ad), advertisement(t, "", strings.ReplaceAll(ad, "altopid", "priv:x"))},
		values: []*PropertyMap{properties(t, `a.pid PID1 .region="north"`), properties(t, `ipv4 192.0.2.1 .a=1`)},
		byID:   map[string]*Resource{}, current: Config{CostTypes: rfcCostTypes},
	}
}

// fair draws each number below n about as often, which rapid does not.
func fair(t *rapid.T, n int, label string) int {
	number := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(t, label) {
		if number *= 2; bit {
			number++
		}
	}
	return number % n
}

func sampled[T any](t *rapid.T, list []T, label string) T { return list[fair(t, len(list), label)] }

var stepIDs = []string{"a", "b", "c", "d", "e"}

func (x *steps) resource(t *rapid.T) *Resource {
	id := func(label string) string { return rapid.SampledFrom(stepIDs).Draw(t, label) }
	some := func(label string, of []string, max int) []string {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, max, rapid.ID).Draw(t, label)
		slices.Sort(list)
		return list
	}
	rare := func(label string) bool { return fair(t, 6, label) == 5 }
	r := &Resource{ID: id("id")}
	offers := func() []CostOffer {
		return []CostOffer{{sampled(t, rfcCostTypes, "type").Name, sampled(t, x.costs, "costs")}}
	}
	switch fair(t, 10, "service") {
	case 0, 1:
		r.Service = FullNetworkMap{sampled(t, x.maps, "map"), rare("default")}
	case 2:
		r.Service = FilteredNetworkMap{id("of")}
	case 3:
		o := offers()[0]
		r.Service = FullCostMap{id("of"), o.CostType, o.Costs}
	case 4:
		r.Service = FilteredCostMap{NetworkMap: id("of"), Offers: offers()}
	case 5:
		r.Service = EndpointCosts{Map: x.maps[0], Offers: offers()}
	case 6:
		r.Service = FullPropertyMap{Map: sampled(t, x.values, "values")}
	case 7:
		r.Service = sampled(t, []Service{FilteredCDNIAdvertisement{id("of")}, FullCDNIAdvertisement{x.ads[0], id("of")}, FullCDNIAdvertisement{x.ads[1], ""}}, "cdni")
	case 8:
		r.Service = UpdateStreams{Covers: some("covers", stepIDs, 3)}
	case 9:
		r.Service = sampled(t, []Service{Directory{}, Delegation{"http://h/"}}, "ird")
	}
	if rare("path") {
		r.Path = sampled(t, []string{"x", "y", "directory", "networkmap/a", "costmap/b"}, "at")
	}
	if rare("restricted") {
		r.Roles = some("roles", []string{"r", "s"}, 2)
	}
	if rare("uses") {
		r.Uses = some("used", stepIDs, 2)
	}
	if rare("account") {
		r.Account = id("counts for")
	}
	if rare("directory") {
		r.Directory = id("in")
	}
	return r
}

// draw returns a change and the whole configuration after it.
func (x *steps) draw(t *rapid.T) (Change, Config, map[string]*Resource) {
	c, whole, byID := Change{}, x.current, maps.Clone(x.byID)
	for range fair(t, 2, "removals") {
		id := sampled(t, stepIDs, "remove")
		c.Remove = append(c.Remove, id)
		delete(byID, id)
	}
	for range fair(t, 4, "puts") {
		r := x.resource(t)
		if !slices.ContainsFunc(c.Put, func(p *Resource) bool { return p.ID == r.ID }) {
			c.Put = append(c.Put, r)
			byID[r.ID] = r
		}
	}
	switch fair(t, 32, "settings") {
	case 0:
		whole.BaseURI = sampled(t, []string{"", "/x", "http://h/y"}, "base")
		c.Settings = &whole
	case 1:
		whole.CostTypes = slices.Clone(rfcCostTypes)
		whole.CostTypes[0].Metric = sampled(t, []string{"delay-ow", "tput", "hopcount"}, "metric")
		c.Settings = &whole
	case 2:
		whole.Meta = map[string]jsontext.Value{"m": jsontext.Value(sampled(t, []string{"1", "{}"}, "meta"))}
		c.Settings = &whole
	case 3:
		whole.Directory = sampled(t, []string{"x", "networkmap/a", ""}, "root")
		c.Settings = &whole
	}
	whole.Resources = slices.Collect(maps.Values(byID))
	return c, whole, byID
}

// TestWith demands that a snapshot that follows from another is the one that is made
// of the whole configuration, or is refused for the same reason.
func TestWith(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x, server := newSteps(t), NewServer(nil)
		s, err := NewSnapshot(nil, x.current)
		if err != nil {
			rt.Fatal(err)
		}
		server.Publish(s)
		for range fair(rt, 32, "steps") {
			c, whole, byID := x.draw(rt)
			want, wantErr := NewSnapshot(nil, whole)
			got, err := s.With(c)
			checkRefusal(rt, err, wantErr)
			if err != nil {
				continue
			}
			if diff := cmp.Diff(facts(want), facts(got)); diff != "" {
				rt.Fatalf("another snapshot: -want +got\n%s", diff)
			}
			s, x.current, x.byID = got, whole, byID
			server.Publish(s)
			checkAccounts(rt, server)
		}
	})
}

// checkRefusal allows circles to be found elsewhere.
func checkRefusal(t *rapid.T, got, want error) {
	if got == nil && want == nil {
		return
	}
	var a, b *ConfigError
	if !errors.As(got, &a) || !errors.As(want, &b) {
		t.Fatalf("got error %v, want %v", got, want)
	}
	circle := strings.Contains(a.Reason, "circle") && strings.Contains(b.Reason, "circle")
	if a.Error() != b.Error() && !circle {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func checkAccounts(t *rapid.T, s *Server) {
	want, got := map[string]version{}, map[string]version{}
	for _, n := range s.Snapshot().byID.All() {
		want[n.account()] = versionsOf(s.Snapshot().account(n.account()))
	}
	for name, a := range s.epoch.Load().accounts.All() {
		got[name] = a.versions
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("other accounts: -want +got\n%s", diff)
	}
}

// facts are what clients see of a snapshot, and what it knows.
func facts(s *Snapshot) map[string]any {
	f := map[string]any{"roles": maps.Collect(s.index.mentions.All()), "accounts": maps.Collect(s.index.accounts.All()), "root": s.RootURI()}
	users := s.index.users.All()
	for _, ids := range users {
		slices.Sort(ids)
	}
	f["users"] = users
	for c, n := range s.index.claims.All() {
		f["claim "+string('0'+rune(c.kind))+c.text] = n.ID
		if n != s.byID.At(n.ID) {
			f["claim "+c.text+" of another"] = true
		}
	}
	for id, n := range s.byID.All() {
		uri, _ := s.URI(id)
		f["resource "+id] = []any{n.version.String(), n.media, n.accepts, string(n.capabilities), slices.Clone(n.uses), uri, n.Roles, n.Directory}
		if n.uri == "" && s.at(n.path()) != n {
			f["lost "+id] = n.path()
		}
	}
	for _, roles := range [][]string{nil, {"r"}, {"s"}, {"r", "s"}} {
		for _, id := range append([]string{""}, stepIDs...) {
			if n := s.byID.At(id); id == "" || n != nil && n.Service == (Directory{}) {
				f["IRD "+id+" of "+strings.Join(roles, "+")] = string(s.directory(id, roles).body)
			}
		}
	}
	return f
}

// TestListingShared demands that the IRD is encoded again where it lists something
// else, and only then.
func TestListingShared(t *testing.T) {
	s := snapshot(t, labConfig(t))
	body := string(s.directory("", nil).body)
	other := rfcNetworkMap(t, "other")
	next, err := s.With(Change{Put: []*Resource{{ID: "nm", Service: FullNetworkMap{Map: other, Default: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	if next.listing != s.listing {
		t.Error("another network map at the same place must not change the IRD")
	}
	if next, err = next.With(Change{Put: []*Resource{{ID: "nm", Service: FullNetworkMap{Map: other}}}}); err != nil {
		t.Fatal(err)
	}
	if next, err = next.With(Change{Put: []*Resource{{ID: "a", Service: FullNetworkMap{Map: other}}}}); err != nil {
		t.Fatal(err)
	}
	if now := string(next.directory("", nil).body); now == body || !strings.Contains(now, `"default-alto-network-map":"a"`) {
		t.Errorf("IRD %s", now)
	}
}

// TestPastIsForgotten demands that a snapshot does not keep the one it follows from.
func TestPastIsForgotten(t *testing.T) {
	s := snapshot(t, labConfig(t))
	s.directory("", nil)
	gone := make(chan struct{})
	runtime.AddCleanup(s, func(c chan struct{}) { close(c) }, gone)
	var err error
	for range 2 {
		r := &Resource{ID: "nm", Service: FullNetworkMap{Map: rfcNetworkMap(t, "other")}}
		if s, err = s.With(Change{Put: []*Resource{r, {ID: "d", Service: Directory{}}}}); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		runtime.GC()
		select {
		case <-gone:
			runtime.KeepAlive(s)
			return
		default:
		}
	}
	t.Error("the first snapshot is kept")
}

// BenchmarkLookup finds resources by path: one that follows from the ID and one of its
// own.
func BenchmarkLookup(b *testing.B) {
	m := rfcNetworkMap(b, "")
	for _, n := range []int{1_000, 100_000} {
		c, paths := Config{}, make([]string, 0, 2*n)
		for i := range n {
			id := fmt.Sprintf("m%06d", i)
			c.Resources = append(c.Resources, &Resource{ID: id, Service: FullNetworkMap{Map: m}},
				&Resource{ID: id + "-filtered", Path: "networkmapfilter/" + id, Service: FilteredNetworkMap{id}})
			paths = append(paths, "networkmap/"+id, "networkmapfilter/"+id)
		}
		s := snapshot(b, c)
		for kind, name := range []string{"Implied", "Own"} {
			i := 0
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					i++
					if s.at(paths[2*(i*7919%n)+kind]) == nil {
						b.Fatal("not found")
					}
				}
			})
		}
	}
}
