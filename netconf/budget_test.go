package netconf

import (
	"strings"
	"testing"
	"time"
)

// TestMessagesAtOnce has a session begin a large message: another one is refused with its
// message-id until that is answered, small ones are not, and neither session ends.
func TestMessagesAtOnce(t *testing.T) {
	for _, limit := range []string{"bodies-size", "bodies-size-per-user"} {
		t.Run(limit, func(t *testing.T) {
			f := start(t, "", Options{}, limitsModule)
			slow, c := f.session(), f.session()
			c.must(`<edit-config><target><running/></target><config><request-limits xmlns="urn:altoam:yang:altoam-limits"><` +
				limit + ">200000</" + limit + "></request-limits></config></edit-config>")
			large := "<discard-changes/>" + strings.Repeat(" ", 200_000)
			c.must(large)

			m := slow.framer.NewMessage()
			m.WriteString(`<rpc xmlns="` + nsBase + `" message-id="1"><discard-changes/>` + strings.Repeat(" ", 200_000))
			got := ""
			for range 200 { // until the server has read what was sent
				if got = c.rpc(large); got != "<ok/>" {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if !strings.Contains(got, "resource-denied") || !strings.Contains(got, "may have 200000 bytes") {
				t.Errorf("beside a large message: %s", got)
			}
			c.must("<discard-changes/>" + strings.Repeat(" ", 60_000))
			m.WriteString("</rpc>")
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			if got := slow.read(); !strings.Contains(got, "<ok/>") {
				t.Errorf("the message that was first: %s", got)
			}
			for range 3 { // all of it is given back, each time
				c.must(large)
			}
			if got := c.rpc("<discard-changes/>" + strings.Repeat(" ", 300_000)); !strings.Contains(got, "resource-denied") {
				t.Errorf("one message that is beyond the bound: %s", got)
			}
			c.must(large)
			gone := f.session()
			m = gone.framer.NewMessage()
			m.WriteString(`<rpc xmlns="` + nsBase + `" message-id="1"><discard-changes/>` + strings.Repeat(" ", 200_000))
			gone.close()
			for len(f.store.Sessions()) > 2 {
				time.Sleep(time.Millisecond)
			}
			c.must(large)
			c.close()
			slow.close()
		})
	}
}
