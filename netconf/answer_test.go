package netconf

import (
	"fmt"
	"strings"
	"testing"
)

// TestAnswersAtOnce has a client read nothing of its large reply: what is made for others
// is refused, over the same bound, until it has read it. Sessions go on.
func TestAnswersAtOnce(t *testing.T) {
	for _, limit := range []string{"memory-size", "memory-size-per-user"} {
		t.Run(limit, func(t *testing.T) {
			var running strings.Builder
			for i := range 2000 {
				fmt.Fprintf(&running, `<stall><name>the one with the number %d</name><size>7</size></stall>`, i)
			}
			f := start(t, `<farm xmlns="urn:farm">`+running.String()+`</farm>`, Options{}, limitsModule)
			slow, c := f.session(), f.session()
			c.must(`<edit-config><target><running/></target><config><request-limits xmlns="urn:altoam:yang:altoam-limits"><` +
				limit + ">400000</" + limit + "></request-limits></config></edit-config>")
			const all = `<get><filter type="subtree"><farm xmlns="urn:farm"/></filter></get>`
			if got := c.rpc(all); !strings.Contains(got, "number 1999") {
				t.Fatalf("alone: %.300s", got)
			}
			slow.write(`<rpc xmlns="` + nsBase + `" message-id="1">` + all + `</rpc>`)
			first := make([]byte, 64)
			if _, err := slow.conn.Read(first); err != nil { // so that the reply is made
				t.Fatal(err)
			}
			for name, operation := range map[string]string{
				"get":      all,
				"XPath":    `<get><filter type="xpath" xmlns:f="urn:farm" select="/f:farm/f:stall"/></get>`,
				"defaults": `<get-config><source><running/></source><with-defaults xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults">trim</with-defaults><filter type="xpath" xmlns:f="urn:farm" select="//f:name"/></get-config>`,
				"get-data": `<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:running</datastore><max-depth>3</max-depth></get-data>`,
			} {
				if got := c.rpc(operation); !strings.Contains(got, "resource-denied") || !strings.Contains(got, "may take 400000 bytes") {
					t.Errorf("%s beside a large answer: %.300s", name, got)
				}
			}
			for _, operation := range []string{
				`<get><filter type="subtree"><request-limits xmlns="urn:altoam:yang:altoam-limits"/></filter></get>`,
				`<get-config><source><running/></source></get-config>`,
			} {
				if got := c.rpc(operation); strings.Contains(got, "rpc-error") {
					t.Errorf("%s: %.300s", operation, got)
				}
			}
			slow.conn.Close()
			for range 1000 { // until its end is noticed
				if got := c.rpc(all); !strings.Contains(got, "rpc-error") {
					break
				}
			}
			for range 5 { // all of it is given back, each time
				c.must("<discard-changes/>")
				if got := c.rpc(all); !strings.Contains(got, "number 1999") {
					t.Fatalf("afterwards: %.300s", got)
				}
			}
			c.close()
		})
	}
}
