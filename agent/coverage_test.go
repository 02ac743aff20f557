package agent_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
)

// TestCoverage demands that every node has an effect and a test that exists.
func TestCoverage(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, c := range agent.Coverage(s) {
		if c.Effect == "" || c.Test == "" || c.Deviation == "" {
			t.Errorf("a cell is empty: %+v", c)
		}
		if !seen[c.Test] && !exists(t, c.Test) {
			t.Errorf("%s: there is no test %s", c.Node, c.Test)
		}
		seen[c.Test] = true
	}
}

// exists tells whether there is a test "PACKAGE.TEST", or one at a path.
func exists(t *testing.T, test string) bool {
	t.Helper()
	pkg, name, ok := strings.Cut(test, ".")
	if !ok || strings.Contains(pkg, "/") {
		_, err := os.Stat(filepath.Join("..", test))
		return err == nil
	}
	files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, []byte("\nfunc "+name+"(")) {
			return true
		}
	}
	return false
}

// TestDeviations has configuration that a deviation takes away, each with a twin that
// stays.
func TestDeviations(t *testing.T) {
	l := newLab(t)
	const tls = `{"ietf-alto:alto":{"alto-server":{"listen":{"https":{"tls-server-parameters":{%s}}}}}}`
	const who = `{"ietf-alto:alto":{"alto-server":{"auth-client":[{"client-id":"c","tls-auth-client":{%s}}]}}}`
	for _, c := range []struct {
		content, in string
		good        bool
	}{
		{`"server-identity":{"tls12-psk":{"id-hint":"h"}}`, tls, false},
		{`"server-identity":{"tls13-epsk":{"context":"h"}}`, tls, false},
		{`"server-identity":{"raw-private-key":{}}`, tls, false},
		{`"server-identity":{"certificate":{"inline-definition":{"hidden-private-key":[null]}}}`, tls, false},
		{`"server-identity":{"certificate":{"inline-definition":{"encrypted-private-key":{}}}}`, tls, false},
		{`"server-identity":{"certificate":{"inline-definition":{"cleartext-private-key":"AAAA"}}}`, tls, true},
		{`"client-authentication":{"raw-public-keys":{}}`, tls, false},
		{`"client-authentication":{"tls12-psks":[null]}`, tls, false},
		{`"client-authentication":{"tls13-epsks":[null]}`, tls, false},
		{`"client-authentication":{"ca-certs":{"central-truststore-reference":"b"}}`, tls, true},
		{`"keepalives":{}`, tls, false},
		{`"raw-public-key":{"inline":"k"}`, who, false},
		{`"tls12-psks":[null]`, who, false},
		{`"tls13-epsks":[null]`, who, false},
		{`"ca-cert":{"inline":"c"}`, who, true},
	} {
		text := strings.Replace(c.in, "%s", c.content, 1)
		b := edit.NewBuilder(l.schema.Root, edit.Merge)
		err := codec.DecodeJSON(strings.NewReader(text), l.schema, l.schema.Root, b, codec.DecodeOptions{ConfigOnly: true})
		if (err == nil) != c.good {
			t.Errorf("%s: error %v, accepted should be %v", text, err, c.good)
		}
	}
}
