package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/pflag"
)

// Environment variables for secrets, which others could see on a command line.
const (
	passwordEnv = "ALTOAMCTL_PASSWORD" // #nosec G101 -- the name of a variable
	tokenEnv    = "ALTOAMCTL_TOKEN"    // #nosec G101 -- the name of a variable
)

// session is who asks, and how the answers are shown.
type session struct {
	output, user, token, cert, key, cacert string
	digest, insecure                       bool
	timeout                                time.Duration
	maxBytes                               int64

	client  *client.Client // gives up after timeout
	endless *client.Client // for streams
}

func (s *session) flags(f *pflag.FlagSet) {
	f.StringVarP(&s.output, "output", "o", "table", "table, or json for what the server sent")
	f.StringVar(&s.user, "user", "", "NAME:PASSWORD, or NAME with the password in $"+passwordEnv)
	f.BoolVar(&s.digest, "digest", false, "HTTP Digest: the password is not sent")
	f.StringVar(&s.token, "token", "", "bearer token; $"+tokenEnv+" is another place for it")
	f.StringVar(&s.cert, "cert", "", "PEM file with the client's certificate")
	f.StringVar(&s.key, "key", "", "PEM file with its private key; that of --cert unless given")
	f.StringVar(&s.cacert, "cacert", "", "PEM file with the authorities of servers; the system's unless given")
	f.BoolVar(&s.insecure, "insecure", false, "take any certificate of a server")
	f.DurationVar(&s.timeout, "timeout", time.Minute, "for an answer as a whole; a stream has none")
	f.Int64Var(&s.maxBytes, "max-bytes", client.DefaultMaxBytes, "of an answer, after decompression")
}

// check makes the client that the flags describe; an error is about them.
func (s *session) check() error {
	if s.output != "table" && s.output != "json" {
		return usagef("--output is %q, expected table or json", s.output)
	}
	if s.maxBytes <= 0 || s.timeout <= 0 {
		return usagef("--max-bytes and --timeout are expected to be positive")
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: s.insecure} // #nosec G402 -- the user asks for it by --insecure
	if err := s.certificates(t.TLSClientConfig); err != nil {
		return usageError{err}
	}
	name, password, given := strings.Cut(s.user, ":")
	if !given {
		password = os.Getenv(passwordEnv)
	}
	token := s.token
	if token == "" {
		token = os.Getenv(tokenEnv)
	}
	if s.digest && name == "" {
		return usagef("--digest is without --user")
	}
	ask := func(limit time.Duration) *client.Client {
		return &client.Client{
			HTTP: &http.Client{Transport: t, Timeout: limit},
			User: name, Password: password, Digest: s.digest, Token: token, MaxBytes: s.maxBytes,
		}
	}
	s.client, s.endless = ask(s.timeout), ask(0)
	return nil
}

// directory fetches the directory at a URI. Credentials go to its server only, wherever
// the resources are.
func (s *session) directory(ctx context.Context, uri string) (*client.Directory, error) {
	at, err := url.Parse(uri)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, usagef("%q is not the http or https URI of a directory", uri)
	}
	s.client.Origin, s.endless.Origin = at, at
	d, err := s.client.Directory(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("directory %s: %w", uri, err)
	}
	return d, nil
}

func (s *session) certificates(c *tls.Config) error {
	if s.cert != "" {
		key := s.key
		if key == "" {
			key = s.cert
		}
		pair, err := tls.LoadX509KeyPair(s.cert, key)
		if err != nil {
			return fmt.Errorf("--cert: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	} else if s.key != "" {
		return fmt.Errorf("--key is without --cert")
	}
	if s.cacert == "" {
		return nil
	}
	text, err := os.ReadFile(s.cacert)
	if err != nil {
		return fmt.Errorf("--cacert: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return fmt.Errorf("--cacert: %s has no certificate", s.cacert)
	}
	return nil
}
