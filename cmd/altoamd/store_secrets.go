package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

// checkSecrets writes with which keys the secrets of the newest commit are sealed, and a
// line for each that does not open; without keys, only the former. It returns an error that
// counts those.
func (o *storeOptions) checkSecrets(out io.Writer, im *bolt.Image, schema *yang.Schema) error {
	t, err := newest(im, schema)
	if err != nil || t == nil || o.Bare {
		return err
	}
	used := secrets.NewSealer(schema, new(secrets.Ring)).Keys(t)
	for _, id := range slices.Sorted(maps.Keys(used)) {
		name := "sealed with the key " + id
		if id == "" {
			name = "in clear, until the next start"
		}
		fmt.Fprintf(out, "%s %s\n", plural(used[id], "secret"), name)
	}
	if len(used) == 0 {
		return nil
	}
	sealer, err := o.sealer(schema, im.Path, false)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(out, "whether they open is not checked without --secret-key")
		return nil
	}
	if err != nil {
		return err
	}
	problems := sealer.Unopened(t)
	for _, p := range problems {
		fmt.Fprintf(out, "%v\n", p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s do not open", plural(len(problems), "secret"))
	}
	fmt.Fprintln(out, "all secrets open")
	return nil
}

// newest is running as the newest commit has it as far as the schema knows it, nil where
// that is not whole.
func newest(im *bolt.Image, schema *yang.Schema) (*tree.Tree, error) {
	if im.State.Head.Revision == 0 {
		return nil, nil
	}
	c, err := im.At(im.State.Head.Revision)
	if err != nil || !c.Whole {
		return nil, err
	}
	t, _ := assemble(schema, c.Records)
	return t, nil
}
