package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

const hello = `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>` +
	`<capability>urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>`

// netconfClient is a NETCONF session over SSH that sends one request at a time.
type netconfClient struct {
	b testing.TB
	f *transport.Framer
}

func dial(b testing.TB, s *started) *netconfClient {
	b.Helper()
	c, err := transport.DialSSH(context.Background(), s.Netconf, adminUser, ssh.InsecureIgnoreHostKey(), transport.Password("x")...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	n := &netconfClient{b, transport.NewFramer(c, transport.Limits{})}
	n.send(hello)
	n.receive()
	n.f.SetChunked()
	return n
}

func (n *netconfClient) send(text string) {
	n.b.Helper()
	m := n.f.NewMessage()
	if _, err := io.WriteString(m, text); err != nil {
		n.b.Fatal(err)
	}
	if err := m.Close(); err != nil {
		n.b.Fatal(err)
	}
}

func (n *netconfClient) receive() string {
	n.b.Helper()
	r, err := n.f.Next()
	if err != nil {
		n.b.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		n.b.Fatal(err)
	}
	return string(text)
}

func (n *netconfClient) call(operation string) string {
	n.b.Helper()
	n.send(`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">` + operation + `</rpc>`)
	reply := n.receive()
	if strings.Contains(reply, "<rpc-error>") {
		n.b.Fatal(reply)
	}
	return reply
}

func editConfig(content string) string {
	return `<edit-config><target><candidate/></target><config><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>` +
		content + `</alto-server></alto></config></edit-config>`
}

// netconfWith starts a bare server that holds n delegated directories.
func netconfWith(b *testing.B, n int) *netconfClient {
	b.Helper()
	b.Setenv(adminPasswordEnv, "x")
	o := runOptions{DataDir: b.TempDir()}
	o.Bare, o.Modules, o.Features = true, []string{"ietf-alto"}, []string{"ietf-alto:alto-server,http-listen"}
	s := start(b, o)
	b.Cleanup(s.end)
	c := dial(b, s)
	var all strings.Builder
	all.WriteString(`<listen><http><tcp-server-parameters><local-bind><local-address>127.0.0.1</local-address></local-bind></tcp-server-parameters></http></listen>`)
	for i := range n {
		fmt.Fprintf(&all, `<resource><resource-id>r%d</resource-id><resource-type>ird</resource-type><description>number %d</description>`+
			`<alto-ird-params><delegation>https://alto%d.example.net/</delegation></alto-ird-params>`+
			`<resource-limits><notify-res-mem-limit>100000</notify-res-mem-limit></resource-limits></resource>`, i, i, i)
	}
	c.call(editConfig(all.String()))
	c.call(`<commit/>`)
	return c
}

// BenchmarkNetconfCommit is a one-leaf edit-config of the candidate and its durable
// commit over SSH: two round trips.
func BenchmarkNetconfCommit(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := netconfWith(b, n)
			i := 0
			for b.Loop() {
				i++
				c.call(editConfig(fmt.Sprintf(`<resource><resource-id>r%d</resource-id><description>edit %d</description></resource>`, i*7919%n, i)))
				c.call(`<commit/>`)
			}
		})
	}
}

// BenchmarkNetconfGetOne is a get-config of one entry by key over SSH.
func BenchmarkNetconfGetOne(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := netconfWith(b, n)
			for b.Loop() {
				c.call(fmt.Sprintf(`<get-config><source><running/></source><filter><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto">`+
					`<alto-server><resource><resource-id>r%d</resource-id></resource></alto-server></alto></filter></get-config>`, n/2))
			}
		})
	}
}

// BenchmarkNetconfGetAll is a get-config of everything over SSH.
func BenchmarkNetconfGetAll(b *testing.B) {
	c := netconfWith(b, 10_000)
	for b.Loop() {
		b.SetBytes(int64(len(c.call(`<get-config><source><running/></source></get-config>`))))
	}
}
