package main

import (
	"strings"
	"testing"
)

// TestMetricsBeyondLoopback shows that metrics in clear text are for this host, unless they
// are asked for to be for all.
func TestMetricsBeyondLoopback(t *testing.T) {
	schema, err := loadSchema(moduleOptions{Bare: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		addr     string
		insecure bool
		refused  bool
	}{
		{"127.0.0.1:0", false, false},
		{"[::1]:0", false, false},
		{"localhost:0", false, false},
		{"", false, false},
		{"0.0.0.0:0", false, true},
		{"[::]:0", false, true},
		{":0", false, true},
		{"0.0.0.0:0", true, false},
	} {
		o := runOptions{DataDir: t.TempDir(), Metrics: tt.addr, MetricsInsecure: tt.insecure}
		err := o.check(schema)
		refused := err != nil && strings.Contains(err.Error(), "--metrics-insecure")
		if refused != tt.refused || err != nil && !refused && !strings.Contains(err.Error(), "cannot assign") {
			t.Errorf("%q, %v: %v", tt.addr, tt.insecure, err)
		}
	}
}
