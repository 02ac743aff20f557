package netconf

import (
	"strings"
	"testing"
	"time"
)

// FuzzMessage sends any message to a session: the answer is one well-formed
// <rpc-reply>, or the session ends after close-session.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get-config><source><running/></source></get-config></rpc>`,
		`<a:rpc a:x="&quot;&#10;" message-id="&lt;" xmlns:a="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns="urn:o"><a:kill-session><a:session-id>9</a:session-id></a:kill-session></a:rpc>`,
		`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><action xmlns="urn:ietf:params:xml:ns:yang:1"><farm xmlns="urn:farm"><stall><name>n</name><air/></stall></farm></action></rpc>`,
		`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get><filter type="xpath" select="/*"/></get></rpc>`,
		`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><edit-config><target><candidate/></target><config><farm xmlns="urn:farm"><stall/></farm></config></edit-config></rpc>`,
		`<rpc message-id="1"`,
	} {
		f.Add(s)
	}
	x := start(f, "", Options{})
	f.Fuzz(func(t *testing.T, message string) {
		if message == "" || strings.Contains(message, "close-session") {
			return
		}
		x.TB = t
		defer func() { x.TB = f }()
		c := x.session()
		defer c.close()
		c.conn.SetDeadline(time.Now().Add(5 * time.Second))
		c.write(message)
		reply := c.read()
		if err := wellFormed(reply); reply == "" || err != nil {
			t.Fatalf("%v: %q", err, reply)
		}
		c.write(`<rpc xmlns="` + nsBase + `" message-id="1"><discard-changes/></rpc>`)
		for reply = c.read(); strings.HasPrefix(reply, "<notification"); reply = c.read() {
			continue // the message has subscribed
		}
		if !strings.Contains(reply, "<ok/>") && !strings.Contains(reply, "in-use") {
			t.Fatalf("the session is not usable behind %q: %q", message, reply)
		}
	})
}
