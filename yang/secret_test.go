package yang

import (
	"testing"
	"testing/fstest"
)

// TestSecret: what modules mark, and password hashes, also as one of several types.
func TestSecret(t *testing.T) {
	const text = `module m {
  yang-version 1.1; namespace "urn:m"; prefix m;
  import iana-crypt-hash { prefix h; }
  import ietf-netconf-acm { prefix nacm; }
  leaf hash { type h:crypt-hash; }
  leaf either { type union { type uint8; type union { type boolean; type h:crypt-hash; } } }
  leaf key { nacm:default-deny-all; type binary; }
  leaf fixed { nacm:default-deny-write; type string; }
  container hidden { nacm:default-deny-all; leaf name { type string; } }
  container key-encrypted { leaf encrypted-value-format { type string; } leaf encrypted-value { type binary; } }
  container plain { leaf encrypted-value { type binary; } leaf name { type union { type uint8; type string; } } }
}`
	s, err := Compile(Builtin().With(fstest.MapFS{"m.yang": {Data: []byte(text)}}), Options{Implement: []ModuleSpec{{Name: "m"}}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"hash": true, "either": true, "key": true, "fixed": false, "hidden": true, "hidden/name": true, "plain": false, "plain/name": false,
		"key-encrypted/encrypted-value": true, "key-encrypted/encrypted-value-format": false, "plain/encrypted-value": false,
	} {
		if got := s.Find("/m:" + path).Secret(); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}
