// Command generate writes a deployment of one of the kinds of package deployment: the
// configuration of altoamd as configuration.json (for --seed or a PUT of
// /ietf-alto:alto) and the files that its data sources read.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/altoam/altoam/scripts/generate/deployment"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	var o deployment.Options
	kind := flags.String("kind", "lab", "what to make: "+strings.Join(deployment.Kinds(), ", "))
	out := flags.String("out", "", "folder to write to, made where it is not there")
	flags.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same bytes")
	flags.Float64Var(&o.Scale, "scale", 1, "part of the full size")
	flags.IntVar(&o.Step, "step", 0, "how many times 1 % of prefixes and costs have changed")
	flags.StringVar(&o.Address, "address", "127.0.0.1:8080", "where the ALTO server listens")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("-out is missing")
	}
	var err error
	if o.Folder, err = filepath.Abs(*out); err != nil {
		return err
	}
	return deployment.Write(*kind, o)
}
