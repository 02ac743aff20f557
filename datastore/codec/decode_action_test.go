package codec

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/rpcerr"
)

const farm = `module example-server-farm { yang-version 1.1; namespace "urn:example:server-farm"; prefix sfarm;
  list server { key name; leaf name { type string; } leaf note { type string; }
    action reset { input { leaf reset-at { type string; } } }
    action ping;
    container disk { action wipe; } } }`

func TestDecodeAction(t *testing.T) {
	s := dstest.Schema(t, farm)
	decode := func(in string) (*ActionCall, error) {
		x := NewXMLReader(strings.NewReader(`<action xmlns="urn:ietf:params:xml:ns:yang:1">`+in+`</action>`), XMLLimits{})
		x.Next()
		return DecodeXMLAction(x, s, DecodeOptions{})
	}
	const open = `<server xmlns="urn:example:server-farm"><name>apache-1</name>`
	good := []struct{ name, in, at, action, input string }{
		{
			"RFC 7950 Section 7.15.3", open + `
		    <reset><reset-at>2014-07-29T13:42:00Z</reset-at></reset> </server>`,
			"/example-server-farm:server[name='apache-1']", "reset", `{"reset-at":"2014-07-29T13:42:00Z"}`,
		},
		{"without input", open + `<ping/></server>`, "/example-server-farm:server[name='apache-1']", "ping", `{}`},
		{"on a container", open + `<disk><wipe/></disk></server>`, "/example-server-farm:server[name='apache-1']/disk", "wipe", `{}`},
	}
	for _, tt := range good {
		t.Run(tt.name, func(t *testing.T) {
			call, err := decode(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if call.At.String() != tt.at || call.Action.Name != tt.action || toJSON(t, call.Input, EncodeOptions{}) != tt.input {
				t.Errorf("got %s %s %s", call.At, call.Action.Name, toJSON(t, call.Input, EncodeOptions{}))
			}
		})
	}
	const at = "/example-server-farm:server[name='apache-1']"
	bad := []badInput{
		{"nothing", ``, rpcerr.MissingElement, "", "names no action", nil},
		{"no action", open + `<disk/></server>`, rpcerr.MissingElement, "", "names no action", nil},
		{"two actions", open + `<ping/><reset/></server>`, rpcerr.BadElement, at, "second action", badElement("reset")},
		{"two entries", open + `<ping/></server>` + open + `<ping/></server>`, rpcerr.BadElement, "", "second action", badElement("server")},
		{"no key", `<server xmlns="urn:example:server-farm"><ping/></server>`, rpcerr.MissingElement, "/example-server-farm:server", "lacks its key name", badElement("name")},
		{"other data", open + `<note>x</note><ping/></server>`, rpcerr.BadElement, at, "does not lead", badElement("note")},
		{"unknown", open + `<nothing/></server>`, rpcerr.UnknownElement, at, "no child", badElement("nothing")},
		{"unknown namespace", `<server xmlns="urn:x"/>`, rpcerr.UnknownNamespace, "", "no module", nil},
		{"unknown input", open + `<reset><x/></reset></server>`, rpcerr.UnknownElement, at, "", badElement("x")},
		{"input without any", open + `<ping><x/></ping></server>`, rpcerr.UnknownElement, at, "", badElement("x")},
		{"text", open + `text</server>`, rpcerr.BadElement, at, "text", nil},
		{"malformed", open + `<ping></server>`, rpcerr.MalformedMessage, "", "</ping> expected", nil},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(tt.in)
			tt.check(t, err)
		})
	}
}
