// Package deployment makes up the ALTO deployments that altoamd is tried with: a
// configuration and the files of its data sources, in sizes of the field. The same
// Options give the same bytes.
//
//   - lab: 4 PIDs, 3 resources, all in the configuration;
//   - cdn: 1 700 PIDs, 250 000 prefixes, costs of two types for 1.3 million pairs each;
//   - lhcone: 170 PIDs, 2 000 prefixes, three metrics, path vectors, a calendar,
//     a role for each of 12 experiments;
//   - tenants: 10 000 resources of 200 roles with 2 000 clients.
//
// A [Network] is what the files tell of; benchmarks use it without them. All of it is
// invented.
package deployment

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Options say which deployment of a kind is made.
type Options struct {
	Seed    uint64
	Scale   float64 // part of the full size, at most 100; 0: 1
	Step    int     // how many times 1 % of prefixes and costs have changed
	Folder  string  // where the files will be, for the configuration to name
	Address string  // where the ALTO server listens, host and port
}

// File is one to write.
type File struct {
	Name string // without a folder
	Text []byte
}

// Configuration is the name of the file with the configuration.
const Configuration = "configuration.json"

var kinds = map[string]func(*plan) []File{"lab": lab, "cdn": cdn, "lhcone": lhcone, "tenants": tenants}

// Kinds returns the names of the kinds, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// plan is what the deployment of a kind is made from.
type plan struct {
	Options
	host string
	port int
}

// Make returns the files of a deployment, the configuration first. The error is about
// the kind or the options.
func Make(kind string, o Options) ([]File, error) {
	build, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("%q is none of the kinds %q", kind, Kinds())
	}
	p := &plan{Options: o}
	if p.Scale == 0 {
		p.Scale = 1
	}
	if p.Scale < 0 || p.Scale > 100 || p.Step < 0 {
		return nil, fmt.Errorf("scale %v and step %d are expected between 0 and 100, and not negative", o.Scale, o.Step)
	}
	host, port, err := net.SplitHostPort(o.Address)
	if err == nil {
		p.host = host
		p.port, err = strconv.Atoi(port)
	}
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	return build(p), nil
}

// Write makes a deployment and writes it into o.Folder. Files that are there already are
// replaced at the end, all within a moment, or left alone where they have that text.
func Write(kind string, o Options) error {
	files, err := Make(kind, o)
	if err != nil {
		return err
	}
	replace, err := Stage(o.Folder, files)
	if err != nil {
		return err
	}
	return replace()
}

// Stage writes files into a folder under other names, and returns what gives them theirs.
func Stage(folder string, files []File) (replace func() error, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var changed []string
	for _, f := range files {
		path := filepath.Join(folder, f.Name)
		if old, err := os.ReadFile(path); err == nil && string(old) == string(f.Text) {
			continue
		}
		if err := os.WriteFile(path+".new", f.Text, 0o644); err != nil {
			return nil, err
		}
		changed = append(changed, path)
	}
	return func() error {
		for _, path := range changed {
			if err := os.Rename(path+".new", path); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// of returns a count of the full size in that of the plan, at least least.
func (p *plan) of(full, least int) int { return max(least, int(float64(full)*p.Scale)) }

// path returns where a file will be.
func (p *plan) path(name string) string { return filepath.Join(p.Folder, name) }

// random returns the source of randomness for one concern of a deployment.
func random(seed, concern uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, concern)) }
