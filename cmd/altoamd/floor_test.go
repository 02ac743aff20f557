package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkNetconfFloor is what a durable commit over NETCONF cannot do without: two
// round trips over SSH and 4 KB appended to a file and synced.
func BenchmarkNetconfFloor(b *testing.B) {
	c := netconfWith(b, 10)
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	one := fmt.Sprintf(`<get-config><source><running/></source><filter><alto xmlns=%q><alto-server>`+
		`<resource><resource-id>none</resource-id></resource></alto-server></alto></filter></get-config>`, "urn:ietf:params:xml:ns:yang:ietf-alto")
	for b.Loop() {
		c.call(one)
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		c.call(one)
	}
}
