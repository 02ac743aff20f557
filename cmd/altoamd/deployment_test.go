package main

import (
	"net"
	"net/http"
	"path/filepath"
	"testing"

	alto "github.com/altoam/altoam/alto/client"
	"github.com/altoam/altoam/scripts/generate/deployment"
)

// TestDeployments starts with each kind of generated deployment, scaled down, and asks
// for all of its resources.
func TestDeployments(t *testing.T) {
	for kind, c := range map[string]struct {
		scale     float64
		user      string
		resources int
	}{
		"lab": {1, "", 5}, "cdn": {0.01, "", 10}, "lhcone": {0.1, "transfers-07", 16}, "tenants": {0.005, "client-0001", 17},
	} {
		t.Run(kind, func(t *testing.T) {
			folder := t.TempDir()
			if err := deployment.Write(kind, deployment.Options{Seed: 1, Scale: c.scale, Folder: folder, Address: unusedAddress(t)}); err != nil {
				t.Fatal(err)
			}
			s := start(t, runOptions{DataDir: t.TempDir(), Seed: filepath.Join(folder, deployment.Configuration)})
			defer s.end()
			asked := &alto.Client{HTTP: http.DefaultClient, User: c.user, Password: c.user, Digest: kind == "tenants"}
			list, err := asked.Walk(t.Context(), s.ALTO[0], func(alto.Entry) bool { return true })
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != c.resources {
				t.Errorf("%d resources, want %d", len(list), c.resources)
			}
			for _, r := range list {
				if r.Err != nil {
					t.Errorf("%s: %v", r.ID, r.Err)
				}
			}
		})
	}
}

// unusedAddress is one that nobody listens on.
func unusedAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
