// Command gen writes what is generated in this repository, from its root:
//
//   - agent/drivers/all/all.go, which links in every driver below agent/drivers,
//   - gen/gen.go, the structs of the configuration that the agent reads,
//   - agent/typed_types_test.go, the structs of a module that only tests know.
//
// The modules are those built into package yang and those in the drivers' folders.
// A second run changes nothing.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/altoam/altoam/yang"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	files, err := generate()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := write(f.path, f.text); err != nil {
			return err
		}
	}
	return nil
}

// generated is a file as it should be.
type generated struct {
	path string
	text []byte
}

func generate() ([]generated, error) {
	drivers, err := findDrivers(driversDir)
	if err != nil {
		return nil, err
	}
	forAgent, err := agentStructs(drivers)
	if err != nil {
		return nil, err
	}
	forTests, err := testStructs()
	if err != nil {
		return nil, err
	}
	return []generated{
		{"agent/drivers/all/all.go", importList(drivers)},
		{"gen/gen.go", forAgent},
		{"agent/typed_types_test.go", forTests},
	}, nil
}

// agentStructs generates from the modules whose data the agent reads, with all that
// the drivers and this project add to them.
func agentStructs(drivers []folder) ([]byte, error) {
	o := yang.Options{Implement: []yang.ModuleSpec{
		{Name: "ietf-alto"},
		{Name: "ietf-alto-stats"},
		{Name: "altoam-source"},
		{Name: "altoam-path-vector"},
		{Name: "altoam-propmap"},
		{Name: "altoam-update-stream"},
		{Name: "altoam-calendar"},
		{Name: "altoam-cost-metric"},
		{Name: "altoam-tips"},
		{Name: "altoam-resource-path"},
		{Name: "ietf-system", Features: []string{"authentication", "local-users"}},
		{Name: "altoam-deviations"},
	}}
	for _, d := range drivers {
		for _, module := range d.modules {
			o.Implement = append(o.Implement, yang.ModuleSpec{Name: module})
		}
	}
	s, err := yang.Compile(yang.Builtin().With(os.DirFS(driversDir)), o)
	if err != nil {
		return nil, err
	}
	return structs("gen", s, "ietf-alto", "ietf-system")
}

func testStructs() ([]byte, error) {
	lib := yang.NewLibrary(os.DirFS("agent/testdata"))
	s, err := yang.Compile(lib, yang.Options{Implement: []yang.ModuleSpec{{Name: "types"}}})
	if err != nil {
		return nil, err
	}
	return structs("agent", s, "types")
}

// write leaves a file that is as it should be untouched.
func write(file string, text []byte) error {
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
