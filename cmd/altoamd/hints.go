package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// hints prints commands that a new user can copy.
func (s *server) hints(w io.Writer, irds []string) {
	password := s.first.text
	if password == "" {
		if text, err := os.ReadFile(filepath.Join(s.options.DataDir, passwordFile)); err == nil {
			password = strings.TrimSpace(string(text))
		} else {
			password = "PASSWORD"
		}
	}
	host, port, err := net.SplitHostPort(s.netconfAddr)
	if err != nil {
		host, port = "127.0.0.1", "1830"
	}
	fmt.Fprintf(w, `
altoamd is up. User %s, password %s

  NETCONF   ssh -p %s -s %s@%s netconf
  RESTCONF  curl -k -u %[1]s:'%[2]s' https://%[6]s/restconf/data/ietf-alto:alto
            curl -k -u %[1]s:'%[2]s' -X PATCH -H 'Content-Type: application/yang-data+json' \
              -d '{"ietf-alto:alto-server":{"cost-type":[{"cost-type-name":"hops","cost-mode":"numerical","cost-metric":"hopcount","cost-context":{"cost-source":"nominal"}}]}}' \
              https://%[6]s/restconf/data/ietf-alto:alto/alto-server
`, adminUser, password, port, adminUser, host, s.restconfAddr)
	for _, u := range irds {
		fmt.Fprintf(w, "  ALTO      curl %s\n            %s alto dir %[1]s\n", u, filepath.Join(filepath.Dir(os.Args[0]), "altoamctl"))
	}
	fmt.Fprintf(w, "  metrics   curl http://%s/metrics | grep altoam_\n\nCtrl-C ends it; the data stays in %s.\n\n",
		s.metricsAddr, s.options.DataDir)
}
