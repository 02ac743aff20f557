package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/yang"
)

func storeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "store",
		Short: "Check, restore, export and import the stored configuration while no agent runs",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(storeCheckCommand(), storeLogCommand(), storeRestoreCommand(), storeExportCommand(), storeImportCommand())
	return c
}

// storeOptions are the flags that all store commands have.
type storeOptions struct {
	moduleOptions
	DataDir   string
	SecretKey string // --secret-key
}

func (o *storeOptions) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&o.DataDir, "data-dir", "", "folder of the agent; or name the file itself")
}

// addModuleFlags adds those that choose the schema, as run has them.
func (o *storeOptions) addModuleFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.Dirs, "yang-path", nil, "folder with further YANG modules (repeatable)")
	f.StringArrayVar(&o.Modules, "module", nil, "further module NAME[@REVISION] to implement (repeatable)")
	f.StringArrayVar(&o.Features, "feature", nil, "MODULE:f1,f2: the features that are on in a module, as given to altoamd run; MODULE: for none (repeatable)")
	f.StringVar(&o.Override, "yang-override", "", "folder with module files that replace built-in ones of the same name, revision and meaning")
	f.StringVar(&o.SecretKey, "secret-key", "", "file with the keys that secrets are sealed with, as given to altoamd run")
	f.BoolVar(&o.Bare, "bare", false, "the modules of --module and the protocols only")
}

// path is the store that the arguments name: FILE, or the one in --data-dir.
func (o *storeOptions) path(args []string) (string, error) {
	switch {
	case o.DataDir != "" && len(args) > 0:
		return "", errors.New("name the store with --data-dir or as FILE, not both")
	case o.DataDir != "":
		return filepath.Join(o.DataDir, storeFile), nil
	case len(args) > 0:
		return args[0], nil
	}
	return "", errors.New("name the store: --data-dir FOLDER or FILE")
}

// storeFile is the name of the store in the data folder.
const storeFile = "running.db"

// read gives f the store that the arguments name; it is closed afterwards.
func (o *storeOptions) read(args []string, f func(*bolt.Image) error) error {
	im, err := o.image(args)
	if err != nil {
		return err
	}
	defer im.Close()
	return f(im)
}

// image opens the store that the arguments name.
func (o *storeOptions) image(args []string) (*bolt.Image, error) {
	path, err := o.path(args)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: name the folder of an agent with --data-dir", path)
	}
	im, err := bolt.ReadImage(path)
	return im, inUse(path, err)
}

// inUse says more about a store that another process holds.
func inUse(path string, err error) error {
	if errors.Is(err, bolt.ErrInUse) {
		return fmt.Errorf("%s is in use: the store commands need an agent that is stopped; a running one has the same over NETCONF and RESTCONF (see docs/store.md)", path)
	}
	return err
}

// offlineHead is the head of a commit that a store command makes.
func offlineHead(kind, comment string) persist.Head {
	name := "uid " + fmt.Sprint(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return persist.Head{Time: time.Now().UTC(), User: name, Protocol: "store", Kind: kind, Comment: comment}
}

// implemented are the implemented modules of s as "name@revision", by name.
func implemented(s *yang.Schema) map[string]bool {
	out := map[string]bool{}
	for _, m := range s.Modules {
		if m.Implemented {
			out[m.Name+"@"+m.Revision] = true
		}
	}
	return out
}
