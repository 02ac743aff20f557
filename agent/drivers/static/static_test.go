package static

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

type (
	pidParams  = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Pid
	costParams = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Cost
	costKey    = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Cost_Key
)

const (
	numerical = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Mode_numerical
	ordinal   = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Mode_ordinal
)

func ptr[T any](v T) *T { return &v }

func opened(p *params) (driver.Source, error) {
	return open(context.Background(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{Static: p}})
}

func pid(prefixes ...string) *pidParams { return &pidParams{Prefix: prefixes} }

// costs makes a table of "source destination value" texts.
func costs(texts ...string) *table {
	t := &table{Cost: map[costKey]*costParams{}}
	for _, text := range texts {
		var k costKey
		var value float64
		if _, err := fmt.Sscan(text, &k.Source, &k.Destination, &value); err != nil {
			panic(err)
		}
		t.Cost[k] = &costParams{Value: &value}
	}
	return t
}

func TestOpen(t *testing.T) {
	p := new(params)
	one, err := p.NewPid("one")
	if err != nil {
		t.Fatal(err)
	}
	one.Prefix = []string{"192.0.2.1/24", "2001:db8::/32"}
	one.Position = &gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Pid_Position{Latitude: ptr(1.5), Longitude: ptr(-2.5)}
	text, err := one.NewProperty("region")
	if err != nil {
		t.Fatal(err)
	}
	text.Value = ptr(`a "b"`)
	number, err := one.NewProperty("asn")
	if err != nil {
		t.Fatal(err)
	}
	number.JsonValue = ptr("64496")
	p.CostTable = map[tableKey]*table{{Metric: "routingcost", Mode: numerical}: costs("one two 1.5", "two one 0")}
	entity, err := p.NewEntity("ipv4", "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entity.NewProperty("x"); err != nil {
		t.Fatal(err)
	}
	object, err := p.NewCdniAdvertisement("a")
	if err != nil {
		t.Fatal(err)
	}
	object.CapabilityType, object.CapabilityValue = ptr("FCI.Metadata"), ptr(`{"b": 1, "a": 2}`)
	footprint, err := object.NewFootprint("countrycode")
	if err != nil {
		t.Fatal(err)
	}
	footprint.FootprintValue = []string{"us", "fr"}

	s, err := opened(p)
	if err != nil {
		t.Fatal(err)
	}
	d, status := s.Snapshot()
	if got := fmt.Sprint(d.PIDs[0].Name, d.PIDs[0].Prefixes, *d.PIDs[0].Position); got != "one[192.0.2.0/24 2001:db8::/32] {1.5 -2.5}" {
		t.Errorf("PID is %s", got)
	}
	var properties []string
	for _, q := range d.PIDs[0].Properties {
		properties = append(properties, q.Name+"="+string(q.Value))
	}
	if got := strings.Join(properties, " "); got != `asn=64496 region="a \"b\""` {
		t.Errorf("properties are %s", got)
	}
	if c, ok := d.CostTable(alto.ModeNumerical, "routingcost").Costs.Cost("one", "two"); !ok || c != 1.5 {
		t.Errorf("cost is %v, %v", c, ok)
	}
	if got := fmt.Sprint(d.Entities[0].Domain, d.Entities[0].Name, string(d.Entities[0].Properties[0].Value)); got != `ipv4192.0.2.7""` {
		t.Errorf("entity is %s", got)
	}
	want := `{"capability-type":"FCI.Metadata","capability-value":{"a":2,"b":1},"footprints":[{"footprint-type":"countrycode","footprint-value":["us","fr"]}]}`
	if got := string(d.Advertisements[0]); got != want {
		t.Errorf("advertisement is %s, want %s", got, want)
	}
	if status.Records != 4 || status.Stale() || status.LastSuccess.IsZero() {
		t.Errorf("status is %+v", status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx, func() { t.Error("changed") }); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name       string
		p          *params
		leaf, want string
	}{
		{
			"prefix in two PIDs", &params{Pid: map[string]*pidParams{"a": pid("192.0.2.0/24"), "b": pid("192.0.2.9/24")}},
			"/pid[name='b']/prefix[.='192.0.2.9/24']", `in PID "a" already`,
		},
		{
			"rank with fraction", &params{CostTable: map[tableKey]*table{{Metric: "m", Mode: ordinal}: costs("a b 1.5")}},
			"/cost-table[metric='m'][mode='ordinal']/cost[source='a'][destination='b']/value", "not a rank",
		},
		{
			"negative rank", &params{CostTable: map[tableKey]*table{{Metric: "m", Mode: ordinal}: costs("a b -1")}},
			"/cost-table[metric='m'][mode='ordinal']/cost[source='a'][destination='b']/value", "not a rank",
		},
		{
			"property", &params{Pid: map[string]*pidParams{"a": {Property: map[string]*gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Pid_Property{"x": {JsonValue: ptr("{")}}}}},
			"/pid[name='a']/property[name='x']/json-value", "not JSON",
		},
		{
			"entity", &params{Entity: map[gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Entity_Key]*gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Entity{{Domain: "ipv4", Name: "host"}: {}}},
			"/entity[domain='ipv4'][name='host']", "host",
		},
		{
			"capability", &params{CdniAdvertisement: map[string]*gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CdniAdvertisement{"a": {CapabilityValue: ptr("[]")}}},
			"/cdni-advertisement[name='a']/capability-value", "expected a JSON object",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := opened(c.p)
			var fault *driver.ParamError
			if !errors.As(err, &fault) || fault.Leaf != top+c.leaf || !strings.Contains(fault.Message, c.want) {
				t.Errorf("error %v, want one at %s that says %q", err, top+c.leaf, c.want)
			}
		})
	}
	if s, err := opened(nil); err != nil {
		t.Error(err)
	} else if d, _ := s.Snapshot(); d.Records() != 0 {
		t.Error("data out of nothing")
	}
	if _, err := opened(&params{CostTable: map[tableKey]*table{{Metric: "m", Mode: ordinal}: costs("a b 2")}}); err != nil {
		t.Error(err)
	}
}
