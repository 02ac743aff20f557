package agent_test

import (
	"go/ast"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
)

// TestCoverage demands that every node has an effect and a test that is there and names
// the node.
func TestCoverage(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	tests := &testTexts{funcs: make(map[string]map[string]*ast.FuncDecl), said: make(map[string]string)}
	for _, c := range agent.Coverage(s) {
		if c.Effect == "" || c.Test == "" || c.Deviation == "" {
			t.Errorf("a cell is empty: %+v", c)
		}
		switch text := tests.of(t, c.Test); {
		case text == "":
			t.Errorf("%s: there is no test %s", c.Node, c.Test)
		case c.Deviation == "none" && !exercises(text, c.Node):
			t.Errorf("%s: the test %s does not have it", c.Node, c.Test)
		}
	}
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
		{`"server-identity":{"certificate":{"inline-definition":{"encrypted-private-key":{}}}}`, tls, true},
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
