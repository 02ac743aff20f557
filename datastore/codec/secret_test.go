package codec_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestSecretsNotEchoed: an error about the value of a secret does not have it, be it as
// XML or JSON; one about another value does.
func TestSecretsNotEchoed(t *testing.T) {
	s, err := yang.Compile(yang.Builtin(), yang.Options{Implement: []yang.ModuleSpec{{Name: "ietf-keystore"}, {Name: "ietf-crypto-types"}, {Name: "ietf-system"}, {Name: "iana-crypt-hash"}}})
	if err != nil {
		t.Fatal(err)
	}
	key := func(leaf string) string {
		return `{"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k","` + leaf + `":"%canary%"}]}}}`
	}
	const xml = `<keystore xmlns="urn:ietf:params:xml:ns:yang:ietf-keystore"><asymmetric-keys><asymmetric-key><name>k</name><%>%canary%</%></asymmetric-key></asymmetric-keys></keystore>`
	for _, c := range []struct {
		text string
		told bool
	}{
		{key("cleartext-private-key"), false},
		{key("public-key"), true},
		{strings.NewReplacer("<%>", "<cleartext-private-key>", "</%>", "</cleartext-private-key>").Replace(xml), false},
		{strings.NewReplacer("<%>", "<public-key>", "</%>", "</public-key>").Replace(xml), true},
		{`{"ietf-system:system":{"authentication":{"user":[{"name":"u","password":"canary"}]}}}`, false},
		{`{"ietf-system:system":{"contact":["canary"]}}`, false}, // no value at all
	} {
		b := tree.NewBuilder(s.Root)
		if strings.HasPrefix(c.text, "<") {
			err = codec.DecodeXML(codec.NewXMLReader(strings.NewReader(c.text), codec.XMLLimits{}), s, s.Root, b, codec.DecodeOptions{})
		} else {
			err = codec.DecodeJSON(strings.NewReader(c.text), s, s.Root, b, codec.DecodeOptions{})
		}
		if err == nil || strings.Contains(err.Error(), "canary") != c.told {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
