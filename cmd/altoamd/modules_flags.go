package main

import "github.com/spf13/cobra"

// flags are those of every command that compiles the modules of a server.
func (o *moduleOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.Dirs, "yang-path", nil, "folder with further YANG modules (repeatable)")
	f.StringArrayVar(&o.Modules, "module", nil, "further module NAME[@REVISION] to implement (repeatable)")
	f.StringArrayVar(&o.Features, "feature", nil, "MODULE:f1,f2: the features that are on in a module, instead of its default (docs/running.md); MODULE: for none (repeatable)")
	f.StringVar(&o.Override, "yang-override", "", "folder with module files that replace built-in ones of the same name, revision and meaning")
}

// arguments are the flags that say what o says, for a command of the same program in the
// same folder.
func (o moduleOptions) arguments() []string {
	var list []string
	add := func(flag string, values ...string) {
		for _, v := range values {
			list = append(list, flag, v)
		}
	}
	add("--yang-path", o.Dirs...)
	add("--module", o.Modules...)
	add("--feature", o.Features...)
	if o.Override != "" {
		add("--yang-override", o.Override)
	}
	return list
}
