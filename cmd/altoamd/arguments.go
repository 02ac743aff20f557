package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/altoam/altoam/daemon"
	"github.com/altoam/altoam/weakness"
	"github.com/altoam/altoam/yang"
)

// check finds what is wrong with the arguments before anything is made: programs,
// addresses that cannot be bound now, and files that cannot be read.
func (o *runOptions) check(schema *yang.Schema) error {
	for _, text := range o.Programs {
		if _, _, err := programOf(schema, text); err != nil {
			return err
		}
	}
	if _, err := userAuthorities(o.SSHUserCA); err != nil {
		return fmt.Errorf("--ssh-user-ca: %w", err)
	}
	if err := o.checkSeed(); err != nil {
		return err
	}
	if weakness.Beyond(o.Metrics) && !o.MetricsInsecure {
		return fmt.Errorf("--metrics %s: metrics would go to everybody who reaches the address, in clear text: let it be one of loopback, "+
			"configure /altoam-metrics:metrics-server for other hosts, or give --metrics-insecure", o.Metrics)
	}
	return o.checkAddresses()
}

// checkSeed demands a seed that can be read where it will be.
func (o *runOptions) checkSeed() error {
	if _, err := os.Stat(filepath.Join(o.DataDir, storeFile)); o.Seed == "" || err == nil {
		return nil
	}
	f, err := os.Open(o.Seed)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return f.Close()
}

// checkAddresses binds all addresses for a moment.
func (o *runOptions) checkAddresses() error {
	for _, x := range []struct{ name, addr string }{{"NETCONF", o.NetconfSSH}, {"RESTCONF", o.Restconf}, {"metrics", o.Metrics}} {
		if x.addr == "" {
			continue
		}
		l, err := net.Listen("tcp", x.addr)
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		defer l.Close()
	}
	return nil
}

// makeFolders makes those that are not there, and refuses a data folder that is not altoamd's
// alone.
func (o *runOptions) makeFolders() error {
	if err := daemon.CheckFolder(o.DataDir); err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	if o.URLDir == "" {
		return nil
	}
	if err := os.MkdirAll(o.URLDir, 0o700); err != nil {
		return fmt.Errorf("--url-dir: %w", err)
	}
	data, err := filepath.EvalSymlinks(o.DataDir)
	if err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	if in, err := within(o.URLDir, data); err != nil || in {
		return fmt.Errorf("--url-dir: the data folder is %s or in it: users could name keys and datastores", o.URLDir)
	}
	return nil
}

// within tells whether a path without symbolic links is a folder, or in it.
func within(folder, path string) (bool, error) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false, err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return false, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return false, err
	}
	in, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(in), err
}
