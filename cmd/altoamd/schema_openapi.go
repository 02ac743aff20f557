package main

import (
	"bytes"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/openapi"
)

// describedModules are what the RESTCONF server itself needs.
var describedModules = []string{"ietf-datastores", "ietf-restconf", "ietf-yang-patch", "altoam-commit"}

func schemaOpenAPICommand() *cobra.Command {
	var o schemaOptions
	var all, compact bool
	c := &cobra.Command{
		Use:   "openapi",
		Short: "Print what RESTCONF makes of modules, in OpenAPI 3.1",
		Args:  noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := describe(cmd, &o, all)
			if err != nil {
				return err
			}
			if !compact {
				var b bytes.Buffer
				if err := json.Indent(&b, text, "", "  "); err != nil {
					return err
				}
				text = b.Bytes()
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	o.addFlags(c)
	c.Flags().BoolVar(&all, "all", false, "all modules of the agent, besides those named")
	c.Flags().BoolVar(&compact, "compact", false, "one line")
	return c
}

// describe describes the modules asked for, or with all those of the agent with them.
func describe(cmd *cobra.Command, o *schemaOptions, all bool) ([]byte, error) {
	d := openapi.Options{Datastores: []string{"running", "candidate", "intended", "operational"}, DryRun: true}
	var err error
	if all {
		d.Schema, err = loadSchema(moduleOptions{Dirs: o.Dirs, Modules: o.Modules, Features: o.Features})
	} else {
		d.Modules = o.names()
		for _, m := range describedModules {
			if len(o.Modules) > 0 {
				o.Modules = append(o.Modules, m)
			}
		}
		d.Schema, err = o.compile(cmd.ErrOrStderr())
	}
	if err != nil {
		return nil, err
	}
	return openapi.Generate(d)
}
