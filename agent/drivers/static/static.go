// Package static is the data source "static": its data is part of the
// configuration, so that it never changes without a commit and is never stale.
package static

import (
	"context"
	"embed"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
	"github.com/go-json-experiment/json/jsontext"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-static:static", YANG: modules, Configured: true, New: open})
}

// params is the container of this module, top its place below the data source.
type params = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static

const top = "source-params/altoam-source-static:static"

type source struct {
	data   *driver.Data
	status driver.Status
}

var _ driver.Source = (*source)(nil)

// open reads the data in the order of the lists' keys.
func open(_ context.Context, c driver.SourceConfig) (driver.Source, error) {
	d := new(driver.Data)
	p := c.Params.Static
	if p == nil {
		p = new(params)
	}
	for _, read := range []func(*driver.Data, *params) error{readPIDs, readCosts, readCalendars, readPaths, readEntities, readAdvertisements} {
		if err := read(d, p); err != nil {
			return nil, err
		}
	}
	now := time.Now()
	return &source{d, driver.Status{LastSuccess: now, LastAttempt: now, Records: d.Records()}}, nil
}

func (s *source) Snapshot() (*driver.Data, driver.Status) { return s.data, s.status }

// Run waits: the data cannot change.
func (s *source) Run(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}

func readPIDs(d *driver.Data, p *params) error {
	owner := make(map[netip.Prefix]string)
	for _, name := range sorted(p.Pid, strings.Compare) {
		at := driver.Entry(top+"/pid", "name", name)
		pid := driver.PID{Name: name}
		for _, text := range p.Pid[name].Prefix {
			leaf := at + "/" + driver.Entry("prefix", ".", text)
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return driver.Errorf(leaf, "%q is not an IP prefix", text)
			}
			prefix = prefix.Masked()
			if other, taken := owner[prefix]; taken {
				return driver.Errorf(leaf, "prefix %s is in PID %q already, expected each prefix in one PID", prefix, other)
			}
			owner[prefix] = name
			pid.Prefixes = append(pid.Prefixes, prefix)
		}
		if at := p.Pid[name].Position; at != nil {
			pid.Position = &driver.Position{Latitude: at.GetLatitude(), Longitude: at.GetLongitude()}
		}
		var err error
		if pid.Properties, err = properties(at, p.Pid[name].Property); err != nil {
			return err
		}
		d.PIDs = append(d.PIDs, pid)
	}
	return nil
}

func readEntities(d *driver.Data, p *params) error {
	type key = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Entity_Key
	compare := func(a, b key) int {
		if c := strings.Compare(a.Domain, b.Domain); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	}
	for _, k := range sorted(p.Entity, compare) {
		at := driver.Entry(top+"/entity", "domain", k.Domain, "name", k.Name)
		list, err := properties(at, p.Entity[k].Property)
		if err != nil {
			return err
		}
		e := alto.Entity{Domain: k.Domain, Name: k.Name, Properties: list}
		if _, err := alto.NewPropertyMap([]alto.Entity{e}); err != nil {
			return driver.Errorf(at, "%w", err)
		}
		d.Entities = append(d.Entities, e)
	}
	return nil
}

// property is an entry of either list of properties.
type property interface {
	GetValue() string
	GetJsonValue() string
}

func properties[P property](at string, list map[string]P) ([]alto.Property, error) {
	var out []alto.Property
	for _, name := range sorted(list, strings.Compare) {
		value, err := jsontext.AppendQuote(nil, list[name].GetValue())
		if err != nil {
			return nil, driver.Errorf(at+"/"+driver.Entry("property", "name", name)+"/value", "%w", err)
		}
		if text := list[name].GetJsonValue(); text != "" {
			if value = []byte(text); !jsontext.Value(value).IsValid() {
				return nil, driver.Errorf(at+"/"+driver.Entry("property", "name", name)+"/json-value", "%q is not JSON", text)
			}
		}
		out = append(out, alto.Property{Name: name, Value: value})
	}
	return out, nil
}

func sorted[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}
