package netconf

import (
	"strings"
	"testing"
)

// TestAttributes has attributes where there may be some, and where there may be none.
func TestAttributes(t *testing.T) {
	const defaults = `xmlns:d="urn:ietf:params:xml:ns:netconf:default:1.0"`
	const ds = ` xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"`
	f := start(t, `<farm xmlns="urn:farm"><stall><name>a</name></stall></farm>`, Options{})
	c := f.session()
	defer c.close()
	for _, tt := range []struct{ name, rpc, tag, attribute, element string }{
		{"of another namespace, which says nothing", `<get xmlns:x="urn:x" x:mood="bad" xml:lang="en"><filter x:mood="bad"/></get>`, "", "", ""},
		{"type of a filter", `<get><filter type="subtree"/></get>`, "", "", ""},
		{"qualified", `<nc:get xmlns:nc="` + nsBase + `"><nc:filter nc:type="xpath" nc:select="/nothing"/></nc:get>`, "", "", ""},
		{"on the operation", `<get mood="bad"/>`, "unknown-attribute", "mood", "get"},
		{"message-id on the operation", `<commit message-id="7"/>`, "unknown-attribute", "message-id", "commit"},
		{"operation on the operation", `<get xmlns:nc="` + nsBase + `" nc:operation="delete"/>`, "unknown-attribute", "operation", "get"},
		{"on a leaf", `<commit><confirmed/><confirm-timeout unit="s">9</confirm-timeout></commit>`, "unknown-attribute", "unit", "confirm-timeout"},
		{"on a container", `<get-config><source a="b"><running/></source></get-config>`, "unknown-attribute", "a", "source"},
		{"on a datastore", `<get-config><source><running ` + defaults + ` d:default="true"/></source></get-config>`, "unknown-attribute", "default", "running"},
		{"another one of a filter", `<get><filter typ="xpath" select="/nothing"/></get>`, "unknown-attribute", "typ", "filter"},
		{"a filter with select only", `<get><filter select="/nothing"/></get>`, "missing-attribute", "type", "filter"},
		{"select of a subtree", `<get><filter type="subtree" select="/nothing"/></get>`, "unknown-attribute", "select", "filter"},
		{"a filter of another type", `<get><filter type="regex"/></get>`, "bad-attribute", "type", "filter"},
		{"on config", `<edit-config><target><candidate/></target><config lang="en"/></edit-config>`, "unknown-attribute", "lang", "config"},
		{"operation on config", `<edit-config><target><candidate/></target><config operation="replace"/></edit-config>`, "unknown-attribute", "operation", "config"},
		{"operation on an inline source", `<validate><source><config operation="replace"/></source></validate>`, "unknown-attribute", "operation", "config"},
		{"on a filter of NMDA", `<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"` + ds + `><datastore>ds:running</datastore><subtree-filter type="subtree"/></get-data>`, "unknown-attribute", "type", "subtree-filter"},
		{"on an expression", `<partial-lock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0"><select type="xpath">/farm</select></partial-lock>`, "unknown-attribute", "type", "select"},
		{"on an RPC of another module", `<feed xmlns="urn:farm" much="yes"><amount>3</amount></feed>`, "unknown-attribute", "much", "feed"},
		{"on its input", `<feed xmlns="urn:farm"><amount unit="kg">3</amount></feed>`, "unknown-attribute", "unit", "amount"},
		{"on an action", `<action xmlns="` + nsYang + `" x="1"><farm xmlns="urn:farm"><stall><name>a</name><air/></stall></farm></action>`, "unknown-attribute", "x", "action"},
		{"on the way to it", `<action xmlns="` + nsYang + `"><farm xmlns="urn:farm"><stall x="1"><name>a</name><air/></stall></farm></action>`, "unknown-attribute", "x", "stall"},
		{"on a key", `<action xmlns="` + nsYang + `"><farm xmlns="urn:farm"><stall><name x="1">a</name><air/></stall></farm></action>`, "unknown-attribute", "x", "name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := c.rpc(tt.rpc)
			if tt.tag == "" {
				if strings.Contains(got, "rpc-error") {
					t.Error(got)
				}
				return
			}
			for _, want := range []string{
				"<error-type>protocol</error-type><error-tag>" + tt.tag + "<",
				"<bad-attribute>" + tt.attribute + "</bad-attribute><bad-element>" + tt.element + "</bad-element>",
			} {
				if !strings.Contains(got, want) {
					t.Errorf("%s\nlacks %s", got, want)
				}
			}
			if strings.Count(got, "mood=") > 0 {
				t.Errorf("%s echoes an attribute that was not on <rpc>", got)
			}
		})
	}
}
