package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func opened(t *testing.T, paths ...string) (driver.Source, error) {
	t.Helper()
	interval := uint32(1)
	p := &gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_File{Path: paths, PollInterval: &interval}
	return open(t.Context(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{File: p}})
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestAllForms(t *testing.T) {
	s, err := opened(t, "testdata/networkmap.json", "testdata/costmap.json", "testdata/properties.json", "testdata/endpoints.json", "testdata/cdni.json")
	if err != nil {
		t.Fatal(err)
	}
	d, status := s.Snapshot()
	if len(d.PIDs) != 3 || len(d.PIDs[0].Prefixes) != 3 || d.NetworkMapTag != "tag-1" {
		t.Errorf("network map: %v with tag %q", d.PIDs, d.NetworkMapTag)
	}
	table := d.CostTable(alto.ModeNumerical, "routingcost")
	if table == nil {
		t.Fatal("no cost table")
	}
	if c, ok := table.Costs.Cost("PID1", "PID2"); !ok || c != 5.5 {
		t.Errorf("cost from PID1 to PID2 is %v, %v", c, ok)
	}
	if _, ok := table.Costs.Cost("PID3", "PID1"); ok {
		t.Error("a cost that is not in the file")
	}
	if m, err := alto.NewPropertyMap(d.Entities); err != nil || m.NumEntities() != 4 {
		t.Errorf("entities: %v, %v", d.Entities, err)
	}
	if len(d.Advertisements) != 1 || !strings.Contains(string(d.Advertisements[0]), `"FCI.DeliveryProtocol"`) {
		t.Errorf("advertisements: %s", d.Advertisements)
	}
	if status.Records != 3+1+4+1 || status.Stale() {
		t.Errorf("status: %+v", status)
	}
}

func TestOpenRefuses(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first.json")
	put(t, first, `{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{"A":{"A":1}}}`)
	for _, c := range []struct{ name, text, want string }{
		{"empty", ``, "EOF"},
		{"cut", `{"network-map":{"A":`, "EOF"},
		{"no ALTO", `{"meta":{}}`, "expected one"},
		{"two members", `{"network-map":{},"property-map":{}}`, "expected one"},
		{"PIDs are no object", `{"network-map":[]}`, "in network-map"},
		{"PID name", `{"network-map":{"a.b":{}}}`, "'.'"},
		{"prefix", `{"network-map":{"A":{"ipv4":["192.0.2.0/33"]}}}`, "is not a prefix of type ipv4"},
		{"family", `{"network-map":{"A":{"ipv4":["2001:db8::/32"]}}}`, "is not a prefix of type ipv4"},
		{"prefix twice", `{"network-map":{"A":{"ipv4":["192.0.2.0/24"]},"B":{"ipv4":["192.0.2.0/24"]}}}`, `in PID "A" and in PID "B"`},
		{"tag", `{"meta":{"vtag":{"tag":"a b"}},"network-map":{}}`, "tag"},
		{"mode", `{"meta":{"cost-type":{"cost-mode":"array","cost-metric":"hopcount"}},"cost-map":{}}`, "expected numerical or ordinal"},
		{"no cost type", `{"cost-map":{}}`, "expected numerical or ordinal"},
		{"rank", `{"meta":{"cost-type":{"cost-mode":"ordinal","cost-metric":"hopcount"}},"cost-map":{"A":{"A":1.5}}}`, "expected a rank"},
		{"cost is text", `{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"hopcount"}},"cost-map":{"A":{"A":"1"}}}`, "/A/A"},
		{"cost map twice", `{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{}}`, "earlier document"},
		{"address", `{"endpoint-properties":{"ipv4:192.0.2":{"a":"b"}}}`, "192.0.2"},
		{"capability", `{"cdni-advertisement":{"capabilities-with-footprints":[1]}}`, "object 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "it's.json")
			put(t, path, c.text)
			_, err := opened(t, first, path)
			var fault *driver.ParamError
			if !errors.As(err, &fault) || !strings.Contains(fault.Message, c.want) || fault.Leaf != top+`/path[.="`+path+`"]` {
				t.Errorf("error %v, want one of the second path that says %q", err, c.want)
			}
		})
	}
	if _, err := opened(t, filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that does not exist is accepted")
	}
	if _, err := opened(t, first); err != nil {
		t.Error(err)
	}
}

func TestRunFollowsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "map.json")
	document := func(tag, prefix string) string {
		return `{"meta":{"vtag":{"resource-id":"m","tag":"` + tag + `"}},"network-map":{"A":{"ipv4":["` + prefix + `"]}}}`
	}
	put(t, path, document("t1", "192.0.2.0/24"))
	s, err := opened(t, path)
	if err != nil {
		t.Fatal(err)
	}
	changes := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx, func() { changes <- struct{}{} }) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	time.Sleep(50 * time.Millisecond)
	check := func(prefix, tag string) {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(5 * time.Second):
			t.Fatal("no change")
		}
		if d, status := s.Snapshot(); d.PIDs[0].Prefixes[0].String() != prefix || d.NetworkMapTag != tag || status.Stale() {
			t.Fatalf("data %v, tag %q, status %+v, want %s and %q", d.PIDs, d.NetworkMapTag, status, prefix, tag)
		}
	}
	put(t, path, document("t2", "198.51.100.0/24"))
	check("198.51.100.0/24", "t2")
	put(t, path, document("t2", "203.0.113.0/24")) // forgot the tag
	check("203.0.113.0/24", "")
	put(t, path, document("t3", "203.0.113.0/24"))
	check("203.0.113.0/24", "t3")

	if err := os.WriteFile(path, []byte(`{"network-map":{"A":`), 0o600); err != nil { // half written
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, status := s.Snapshot()
		if status.Stale() {
			if len(d.PIDs) != 1 || d.NetworkMapTag != "t3" {
				t.Errorf("the last good data is gone: %v", d.PIDs)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not stale: %+v", status)
		}
	}
	put(t, path, document("t4", "192.0.2.0/24"))
	check("192.0.2.0/24", "t4")
}
