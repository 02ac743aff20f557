package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/audit/trail"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/expiry"
	"github.com/altoam/altoam/history"
	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/netconf"
	"github.com/altoam/altoam/restconf"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/tokens"
	"github.com/altoam/altoam/users"
	"github.com/altoam/altoam/yang"
)

// server holds the parts of a running altoamd.
type server struct {
	options runOptions
	log     *slog.Logger
	quiet   *slog.Logger // as log, but not to the targets of router
	sparing *slog.Logger // as log, for what clients can cause without end
	router  *logging.Router
	logging *agent.Logging // nil when bare
	schema  *yang.Schema
	store   *datastore.Store
	trail   *trail.Trail
	agent   *agent.Agent // nil when bare
	users   *users.Directory
	logins  *logins.Lockout
	rule    *users.Rule
	tokens  *tokens.Verifier
	secrets *secrets.Sealer // nil when bare
	netconf *netconf.Server
	// endpoints are those that are configured; nil when bare.
	endpoints *listeners.Listeners
	figures   *listeners.Listeners // those of metrics, likewise
	restconf  *restconf.Server
	registry  *prometheus.Registry
	urls      *netconf.URLs // nil for none
	watched   []watchedFiles
	// certificates are those of watched.
	certificates []*certs.Files
	expiry       *expiry.Watch

	// Where the listeners are, "" for those that are off.
	netconfAddr, restconfAddr, metricsAddr string
	first                                  firstPassword // zero unless made at this start
}

func (s *server) newRestconf() (*restconf.Server, error) {
	s.tokens = tokens.New(s.log)
	s.store.AddParticipant(s.tokens)
	return restconf.New(restconf.Options{
		Store: s.store, Logger: s.sparing, Report: history.Report(s.store),
		Authenticate: s.httpUser, Until: s.userUntil, MaxConnections: openFiles() / 4,
	}), nil
}

// seed is what an empty running starts with: the seed file, and the
// administrator unless the server is bare or the file has one who can log in.
func (s *server) seed() (*tree.Tree, error) {
	t, err := tree.New(s.schema.Root), error(nil)
	if s.options.Seed != "" {
		if t, err = s.readSeed(s.options.Seed); err != nil {
			return nil, err
		}
	}
	if s.options.Bare {
		return t, nil
	}
	if t, err = addPolicy(t); err != nil || users.CanLogIn(t, adminUser) {
		return t, err
	}
	if s.first, err = newPassword(s.options.DataDir); err != nil {
		return nil, err
	}
	return addAdmin(t, s.first.text)
}

// readSeed reads instance data: see readInstance. What is sealed must open.
func (s *server) readSeed(file string) (*tree.Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	t, err := readInstance(s.schema, text)
	if err != nil {
		return nil, fmt.Errorf("seed %s: %w", file, err)
	}
	if sealed := s.secrets.Unopened(t); len(sealed) > 0 {
		return nil, fmt.Errorf("seed %s: %w", file, rpcerr.Join(sealed))
	}
	return t, nil
}

// ready writes the line that tells scripts where the server is.
func (s *server) ready(out io.Writer) error {
	line := struct {
		Msg      string   `json:"msg"`
		Netconf  string   `json:"netconf"`
		Restconf string   `json:"restconf"`
		Metrics  string   `json:"metrics"`
		ALTO     []string `json:"alto"`
	}{"ready", s.netconfAddr, s.restconfAddr, s.metricsAddr, []string{}}
	if s.agent != nil {
		line.ALTO = append(line.ALTO, s.agent.IRDs()...)
	}
	if err := json.NewEncoder(out).Encode(line); err != nil {
		return fmt.Errorf("ready line: %w", err)
	}
	if s.options.Hints {
		s.hints(os.Stderr, line.ALTO)
	}
	return nil
}
