package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArguments: a start with arguments that cannot be leaves nothing behind.
func TestArguments(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, tt := range map[string]struct {
		set  func(*runOptions)
		want string
	}{
		"program":            {func(o *runOptions) { o.Programs = []string{"/none:rpc=/bin/true"} }, "no RPC or action"},
		"module":             {func(o *runOptions) { o.Modules = []string{"none"} }, "none"},
		"no port":            {func(o *runOptions) { o.Restconf = "127.0.0.1" }, "RESTCONF: "},
		"address in use":     {func(o *runOptions) { o.NetconfSSH = taken.Addr().String() }, "NETCONF: "},
		"no such address":    {func(o *runOptions) { o.Metrics, o.MetricsInsecure = "192.0.2.1:0", true }, "metrics: "},
		"no seed":            {func(o *runOptions) { o.Seed = filepath.Join(o.DataDir, "none.json") }, "seed: "},
		"no SSH authorities": {func(o *runOptions) { o.SSHUserCA = "/dev/null" }, "--ssh-user-ca: "},
		"no URL authorities": {func(o *runOptions) { o.URLCA = "/dev/null" }, "--url-ca: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := runOptions{
				DataDir: filepath.Join(dir, "data"), URLDir: filepath.Join(dir, "urls"),
				NetconfSSH: "127.0.0.1:0", Restconf: "127.0.0.1:0", Metrics: "127.0.0.1:0",
			}
			o.Bare = true
			tt.set(&o)
			if err := run(context.Background(), o, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// TestSeedIsReadOnce: a start with a store needs no seed any more.
func TestSeedIsReadOnce(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	o := runOptions{DataDir: filepath.Join(dir, "data"), Seed: filepath.Join(dir, "seed.json")}
	o.Bare = true
	if err := os.WriteFile(o.Seed, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, o).end()
	if err := os.Remove(o.Seed); err != nil {
		t.Fatal(err)
	}
	start(t, o).end()
}
