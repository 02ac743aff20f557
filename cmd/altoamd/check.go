package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/weakness"
	"github.com/altoam/altoam/yang"
)

// checkOptions are the flags of altoamd check: those of altoamd run, and what it has besides.
type checkOptions struct {
	runOptions
	Config, Output, FailOn string
}

func weaknessCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check",
		Short: "Tell what is weak in a configuration and in the way altoamd is run",
		Long: "Tell what is weak in the configuration of a data folder or file, in the folder, and in the flags of altoamd run,\n" +
			"which are to be given as they are given there. It ends with status 1 where something is at least as bad as --fail-on.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.OutOrStdout()) },
	}
	f := c.Flags()
	o.addFlags(f)
	f.Lookup("data-dir").Usage = "folder of an agent that is stopped"
	f.StringVar(&o.Config, "config", "", "instance data, JSON or XML, that is judged in the place of what the folder has; - for standard input")
	f.StringVarP(&o.Output, "output", "o", "text", "text or json")
	f.StringVar(&o.FailOn, "fail-on", "high", "low, medium, high or none")
	return c
}

func (o *checkOptions) run(out io.Writer) error {
	least, ok := weakness.ParseSeverity(o.FailOn)
	switch {
	case !ok && o.FailOn != "none":
		return fmt.Errorf("--fail-on %q: want low, medium, high or none", o.FailOn)
	case o.Output != "text" && o.Output != "json":
		return fmt.Errorf("--output %q: want text or json", o.Output)
	case o.DataDir == "" && o.Config == "" && o.Seed == "":
		return errors.New("name what is to be judged: --data-dir FOLDER, --config FILE or --seed FILE")
	}
	schema, err := loadSchema(o.moduleOptions)
	if err != nil {
		return err
	}
	config, err := o.config(schema)
	if err != nil {
		return err
	}
	found := weakness.Find(weakness.Subject{Config: config, Flags: o.judged(), Now: time.Now()})
	if err := writeWeaknesses(out, o.Output, found); err != nil {
		return err
	}
	bad := 0
	for _, w := range found {
		if ok && w.Severity >= least {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d found that are at least of severity %s", bad, least)
	}
	return nil
}

// config is what is judged: the file, the store of the folder, or what one that has none yet
// would start with; nil for none of them, and for a bare server, whose modules nobody here
// knows.
func (o *checkOptions) config(schema *yang.Schema) (*tree.Tree, error) {
	switch stored := filepath.Join(o.DataDir, storeFile); {
	case o.Bare:
		return nil, nil
	case o.Config == "-":
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return nil, err
		}
		return readInstance(schema, text)
	case o.Config != "":
		return readConfig(schema, o.Config)
	case o.DataDir != "" && exists(stored):
		return o.stored(schema, stored)
	case o.Seed != "":
		t, err := readConfig(schema, o.Seed)
		if err != nil {
			return nil, err
		}
		return addPolicy(t)
	}
	return nil, nil
}

func readConfig(schema *yang.Schema, file string) (*tree.Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := readInstance(schema, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// stored is the newest commit in the store at path.
func (o *checkOptions) stored(schema *yang.Schema, path string) (*tree.Tree, error) {
	im, err := bolt.ReadImage(path)
	if errors.Is(err, bolt.ErrInUse) {
		return nil, fmt.Errorf("%s is in use: call the RPC altoam-weakness:find of the agent that runs, or name a copy of running with --config", path)
	}
	if err != nil {
		return nil, err
	}
	defer im.Close()
	c, _, err := contentAt(im, 0, false)
	if err != nil {
		return nil, err
	}
	t, problems := assemble(schema, c.Records)
	return t, errors.Join(problems...)
}

// judged are the flags that matter.
func (o *runOptions) judged() weakness.Flags {
	w := weakness.Flags{
		DataDir: o.DataDir, NetconfSSH: o.NetconfSSH, Restconf: o.Restconf, Metrics: o.Metrics, RestconfCertificate: o.RestconfCertificate,
		SecretKey: cmp.Or(o.SecretKey, filepath.Join(o.DataDir, secretKeyFile)), Seed: o.Seed, SSHUserCA: o.SSHUserCA, URLDir: o.URLDir, YANGPaths: o.Dirs, RecoveryUsers: o.RecoveryUsers, Debug: o.Debug,
	}
	for _, p := range o.Programs {
		_, file, _ := strings.Cut(p, "=")
		w.Programs = append(w.Programs, file)
	}
	return w
}

func writeWeaknesses(out io.Writer, format string, found []weakness.Weakness) error {
	if format == "json" {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(append([]weakness.Weakness{}, found...)) // [] for none
	}
	for _, w := range found {
		if _, err := fmt.Fprintf(out, "%-6s  %s\n        at %s\n        %s\n        do: %s\n", w.Severity, w.Rule, w.Path, w.Why, w.Do); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(out, "nothing weak was found")
		return err
	}
	return nil
}
