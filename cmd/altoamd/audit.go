package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/audit/trail"
	"github.com/altoam/altoam/logins"
)

// runAudit keeps the audit durable until the function it returns is called.
func runAudit(t *trail.Trail, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
		if err := t.Close(); err != nil {
			log.Error("the audit could not be closed", "error", err)
		}
	}
}

// auditAttempt tells the audit of an attempt to log in. Where a session follows, that is the
// record of a success; over HTTP it is the first in a while.
func (s *server) auditAttempt(a logins.Attempt) {
	what := audit.Login
	switch {
	case a.Result == logins.Locked:
		what = audit.Locked
	case a.Result != logins.Success:
		what = audit.LoginFailed
	case a.Again || a.Transport == logins.SSH || a.Transport == logins.TLS:
		return
	}
	address := a.Remote
	if at := a.Address(); at.IsValid() {
		address = at.String()
	}
	s.trail.Login(what, a.User, a.Transport, address, a.Method, a.Cause)
}

func auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show the audit, and find out whether anybody has changed it",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(auditVerifyCommand(), auditShowCommand())
	return c
}

// auditOptions are the flags that the audit commands have.
type auditOptions struct {
	DataDir string
	Dir     string
	Output  string
}

func (o *auditOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.DataDir, "data-dir", "", "folder of the agent")
	f.StringVar(&o.Dir, "dir", "", "folder with the files of the audit, of a copy for instance, instead of --data-dir")
	f.StringVarP(&o.Output, "output", "o", "text", "text or json")
}

// folder is that of the files.
func (o *auditOptions) folder() (string, error) {
	switch {
	case o.Output != "text" && o.Output != "json":
		return "", errors.New("--output is text or json")
	case (o.DataDir == "") == (o.Dir == ""):
		return "", errors.New("name the record: --data-dir FOLDER or --dir FOLDER")
	case o.Dir != "":
		return o.Dir, nil
	}
	return filepath.Join(o.DataDir, trail.Folder), nil
}

// key reads the key in file, or that of the agent; nil where there is neither.
func (o *auditOptions) key(file string) ([]byte, error) {
	if file == "" && o.DataDir != "" {
		file = filepath.Join(o.DataDir, trail.KeyFile)
	}
	if file == "" {
		return nil, nil
	}
	return audit.ReadKey(file)
}
