package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSchemaOpenAPI(t *testing.T) {
	for _, c := range []struct {
		flags      string
		has, lacks []string
	}{
		{"--module ietf-system", []string{"/restconf/data/ietf-system:system", "/restconf/operations/ietf-system:system-restart"}, []string{"/restconf/data/ietf-alto:alto"}},
		{"--all --compact", []string{"/restconf/data/ietf-system:system", "/restconf/data/ietf-alto:alto/alto-server/cost-type={cost-type-name}"}, nil},
		{
			"--yang-path ../../openapi/testdata/yang --module example-annex",
			[]string{"/restconf/data/example-shop:shop/example-annex:credit"},
			[]string{"/restconf/data/example-shop:shop/coins"},
		},
	} {
		got := runCommandLine("altoamd schema openapi " + c.flags)
		var d struct {
			OpenAPI string
			Paths   map[string]any
		}
		if err := json.Unmarshal([]byte(got["stdout"]), &d); err != nil || got["error"] != "" {
			t.Fatal(c.flags, err, got["error"], got["stderr"])
		}
		for _, p := range slices.Concat(c.has, c.lacks) {
			if _, ok := d.Paths[p]; ok != slices.Contains(c.has, p) {
				t.Errorf("%s: %s is described: %v", c.flags, p, ok)
			}
		}
		if lines := strings.Count(got["stdout"], "\n"); !strings.HasPrefix(d.OpenAPI, "3.1.") || (lines == 1) != strings.Contains(c.flags, "--compact") {
			t.Errorf("%s: OpenAPI %s on %d lines", c.flags, d.OpenAPI, lines)
		}
	}
}
