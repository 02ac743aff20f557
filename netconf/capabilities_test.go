package netconf

import (
	"slices"
	"strings"
	"testing"
)

func TestCapabilities(t *testing.T) {
	s := schema(t)
	got := capabilities(s)
	library := "urn:ietf:params:netconf:capability:yang-library:1.1?revision=2019-01-04&content-id=" + s.ContentID()
	for _, want := range []string{
		"urn:ietf:params:netconf:base:1.0",
		"urn:ietf:params:netconf:base:1.1",
		"urn:ietf:params:netconf:capability:writable-running:1.0",
		"urn:ietf:params:netconf:capability:candidate:1.0",
		"urn:ietf:params:netconf:capability:confirmed-commit:1.1",
		"urn:ietf:params:netconf:capability:partial-lock:1.0",
		"urn:ietf:params:netconf:capability:rollback-on-error:1.0",
		"urn:ietf:params:netconf:capability:validate:1.1",
		"urn:ietf:params:netconf:capability:xpath:1.0",
		"urn:ietf:params:netconf:capability:notification:1.0",
		"urn:ietf:params:netconf:capability:interleave:1.0",
		"urn:ietf:params:netconf:capability:with-defaults:1.0?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim",
		"urn:ietf:params:netconf:capability:with-operational-defaults:1.0",
		library,
		"http://example.com/schema/1.2/config?module=config",
		"urn:ietf:params:xml:ns:netconf:base:1.0?module=ietf-netconf&revision=2011-06-01&features=writable-running,candidate,confirmed-commit,rollback-on-error,validate,xpath",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("lacks %s", want)
		}
	}
	for _, c := range got {
		for _, never := range []string{"startup", ":url:", "module=farm", "module=ietf-yang-types"} {
			if strings.Contains(c, never) {
				t.Errorf("announces %s", c)
			}
		}
	}
}
