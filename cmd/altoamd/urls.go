package main

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/altoam/altoam/netconf"
)

// startupFile is the name of the store of startup in the data folder.
const startupFile = "startup.db"

// urls switches the feature url on; it returns nil without --url-dir.
func (o *runOptions) urls() (*netconf.URLs, error) {
	if o.URLDir == "" {
		if o.URLCA != "" {
			return nil, fmt.Errorf("--url-ca needs --url-dir")
		}
		return nil, nil
	}
	u := &netconf.URLs{Dir: o.URLDir}
	if o.URLCA != "" {
		text, err := os.ReadFile(o.URLCA)
		if err != nil {
			return nil, fmt.Errorf("--url-ca: %w", err)
		}
		u.Roots = x509.NewCertPool()
		if !u.Roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--url-ca: %s has no certificate", o.URLCA)
		}
	}
	o.Netconf = append(o.Netconf, "url")
	return u, nil
}
