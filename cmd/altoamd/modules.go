package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/yang"
)

// protocolModules are implemented whatever is managed.
var protocolModules = []string{
	"ietf-datastores", "ietf-origin", "ietf-yang-metadata",
	"ietf-netconf", "ietf-netconf-with-defaults", "ietf-netconf-monitoring", "ietf-netconf-nmda", "ietf-nmda-compare", "ietf-netconf-partial-lock",
	"notifications", "nc-notifications", "ietf-netconf-notifications",
	"ietf-yang-library", "ietf-restconf", "ietf-restconf-monitoring", "ietf-yang-patch", "altoam-commit", "altoam-audit", "altoam-limits", "altoam-restconf", "ietf-system-capabilities", "ietf-list-pagination",
}

// agentModules are implemented besides, unless the server is bare. Those that
// hold groupings only are implemented so that their features can be reported
// (RFC 8525 Section 3).
var agentModules = []string{
	"ietf-alto", "ietf-alto-stats", "ietf-system", "iana-crypt-hash", "ietf-netconf-acm",
	"ietf-crypto-types", "ietf-keystore", "ietf-truststore",
	"ietf-tcp-common", "ietf-tcp-client", "ietf-tcp-server", "ietf-tls-common", "ietf-tls-server", "ietf-http-server",
	"ietf-ssh-common", "ietf-ssh-server", "ietf-x509-cert-to-name", "ietf-netconf-server", "altoam-netconf-server",
	"ietf-restconf-server", "altoam-restconf-server",
	"altoam-alarms", "altoam-guard", "altoam-map-size", "altoam-probe", "altoam-southbound",
	"altoam-source-remote",
	"altoam-calendar", "altoam-cost-metric", "altoam-path-vector", "altoam-propmap",
	"altoam-tips",
	"altoam-resource-path",
	"altoam-source", "altoam-access", "altoam-map-change", "altoam-statistics", "altoam-discovery", "altoam-deviations",
	"altoam-logging", "altoam-logins", "altoam-secrets", "altoam-update-stream",
	"altoam-weakness", "altoam-metrics",
}

// builtinFeatures names the features that are on in built-in modules, where not all are: those that
// nothing here carries out stay off, so that they are not advertised.
var builtinFeatures = map[string][]string{
	"ietf-netconf": {"writable-running", "candidate", "confirmed-commit", "rollback-on-error", "validate", "xpath"},
	"ietf-alto": {
		"alto-client", "alto-server", "cdni", "cost-calendar", "http-listen", "incr-update", "multi-cost", "path-vector",
		"performance-metrics", "propmap", "xdom-disc",
	},
	"ietf-system":     {"authentication", "local-users"},
	"iana-crypt-hash": {"crypt-hash-sha-256", "crypt-hash-sha-512"},
	"ietf-tls-server": {"client-auth-supported", "client-auth-x509-cert", "server-ident-x509-cert"},
	"ietf-tls-common": {"hello-params", "tls12", "tls13"},
	"ietf-tcp-client": {"local-binding-supported", "tcp-client-keepalives"},
	"ietf-ssh-common": {"transport-params"},
	"ietf-ssh-server": {"local-user-auth-password", "local-user-auth-publickey", "local-users-supported", "ssh-server-keepalives"},
	"ietf-keystore":   {"asymmetric-keys", "central-keystore-supported", "inline-definitions-supported"},
	"ietf-netconf-server": {
		"central-netconf-server-supported", "ssh-call-home", "ssh-listen", "tls-call-home", "tls-listen",
	},
	"ietf-restconf-server": {"central-restconf-server-supported", "https-call-home", "https-listen"},
	"ietf-crypto-types": {
		"certificate-expiration-notification", "cleartext-passwords", "cleartext-private-keys", "cleartext-symmetric-keys",
		"csr-generation", "encrypted-passwords", "encrypted-private-keys", "encrypted-symmetric-keys",
		"one-asymmetric-key-format", "p10-csr-format", "symmetrically-encrypted-value-format",
	},
}

// moduleOptions choose the modules of a server.
type moduleOptions struct {
	Dirs     []string // --yang-path
	Modules  []string // --module NAME[@REVISION]
	Features []string // --feature MODULE:f1,f2
	Override string   // --yang-override
	Netconf  []string // features of ietf-netconf that other flags switch on
	Bare     bool
}

// loadSchema compiles the built-in modules and those asked for. The error names
// file, line and reason of everything that is wrong.
func loadSchema(o moduleOptions) (*yang.Schema, error) {
	for _, dir := range append(slices.Clone(o.Dirs), o.Override) {
		if info, err := os.Stat(dir); dir != "" && (err != nil || !info.IsDir()) {
			return nil, fmt.Errorf("%s is no folder of YANG modules", dir)
		}
	}
	options, err := o.compileOptions()
	if err != nil {
		return nil, err
	}
	lib := o.library()
	s, err := yang.Compile(lib, options)
	if err != nil || o.Override == "" {
		return s, err
	}
	options.Overrides = os.DirFS(o.Override)
	overridden, err := yang.Compile(lib, options)
	if err != nil {
		return nil, fmt.Errorf("with the modules of %s: %w", o.Override, err)
	}
	if err := sameSchema(s, overridden); err != nil {
		return nil, fmt.Errorf("the modules of %s differ from ours: %w", o.Override, err)
	}
	return overridden, nil
}

// library layers the built-in modules, those of the drivers and the user's folders.
func (o moduleOptions) library() *yang.Library {
	layers := []fs.FS{yang.BuiltinFS()}
	if !o.Bare {
		layers = append(layers, driver.Modules()...)
	}
	for _, dir := range o.Dirs {
		layers = append(layers, os.DirFS(dir))
	}
	return yang.NewLibrary(layers...)
}

func (o moduleOptions) compileOptions() (yang.Options, error) {
	names := slices.Clone(protocolModules)
	if !o.Bare {
		names = append(append(names, agentModules...), driver.ModuleNames()...)
	}
	features, err := o.features()
	if err != nil {
		return yang.Options{}, err
	}
	c := yang.Options{Features: features}
	for _, n := range names {
		c.Implement = append(c.Implement, yang.ModuleSpec{Name: n})
	}
	for _, m := range o.Modules {
		name, revision, _ := strings.Cut(m, "@")
		if i := slices.Index(names, name); i >= 0 {
			c.Implement[i].Revision = revision
			continue
		}
		c.Implement = append(c.Implement, yang.ModuleSpec{Name: name, Revision: revision})
	}
	return c, nil
}

// features merges the built-in choice with --feature, which wins. A bare server
// knows nothing of the modules it is given: all their features are on.
func (o moduleOptions) features() (map[string][]string, error) {
	features := map[string][]string{}
	for m, f := range builtinFeatures {
		if !o.Bare || slices.Contains(protocolModules, m) {
			features[m] = f
		}
	}
	features["ietf-netconf"] = append(slices.Clone(features["ietf-netconf"]), o.Netconf...)
	if err := parseFeatures(o.Features, features); err != nil {
		return nil, err
	}
	return features, nil
}

// parseFeatures reads the values of --feature into the features by module.
func parseFeatures(texts []string, features map[string][]string) error {
	for _, text := range texts {
		module, list, ok := strings.Cut(text, ":")
		if !ok || module == "" {
			return fmt.Errorf("--feature %q: want MODULE:FEATURE,… or MODULE: for none", text)
		}
		on := []string{}
		for _, f := range strings.Split(list, ",") {
			if f = strings.TrimSpace(f); f != "" {
				on = append(on, f)
			}
		}
		features[module] = on
	}
	return nil
}

// sameSchema compares what two schemas compile to, module by module; prose does
// not count. The error lists the first differences.
func sameSchema(ours, theirs *yang.Schema) error {
	var diffs []error
	for _, m := range ours.Modules {
		t := theirs.Module(m.Name)
		if t == nil || t.Revision != m.Revision {
			diffs = append(diffs, fmt.Errorf("%s@%s is not loaded", m.Name, m.Revision))
			continue
		}
		diffs = append(diffs, factDiff(path.Base(t.File), ours.Facts(m.Name), theirs.Facts(m.Name))...)
	}
	const most = 10
	if len(diffs) > most {
		diffs = append(diffs[:most], fmt.Errorf("and %d more", len(diffs)-most))
	}
	return errors.Join(diffs...)
}

func factDiff(file string, a, b []string) (diffs []error) {
	sort.Strings(a)
	sort.Strings(b)
	for _, line := range a {
		if _, ok := slices.BinarySearch(b, line); !ok {
			diffs = append(diffs, fmt.Errorf("%s lacks: %s", file, line))
		}
	}
	for _, line := range b {
		if _, ok := slices.BinarySearch(a, line); !ok {
			diffs = append(diffs, fmt.Errorf("%s has besides: %s", file, line))
		}
	}
	return diffs
}
