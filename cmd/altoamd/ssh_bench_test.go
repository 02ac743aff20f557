package main

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// bareSSH is an SSH server that has nothing but golang.org/x/crypto/ssh: what NETCONF
// over SSH cannot do without. On each channel it answers every question of one size
// with an answer of another.
func bareSSH(b testing.TB, question, answer int) (addr string) {
	b.Helper()
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil },
	}
	config.AddHostKey(newKey(b))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go serveBare(nc, config, question, answer)
		}
	}()
	return l.Addr().String()
}

func serveBare(nc net.Conn, config *ssh.ServerConfig, question, answer int) {
	defer nc.Close()
	_, channels, requests, err := ssh.NewServerConn(nc, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		ch, requests, err := c.Accept()
		if err != nil {
			return
		}
		go ssh.DiscardRequests(requests)
		go func() {
			in, out := make([]byte, question), make([]byte, answer)
			for {
				if _, err := io.ReadFull(ch, in); err != nil {
					return
				}
				if _, err := ch.Write(out); err != nil {
					return
				}
			}
		}()
	}
}

// dialBare connects, exchanges keys and logs in.
func dialBare(b testing.TB, addr string, key ssh.Signer) *ssh.Client {
	b.Helper()
	c, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: adminUser, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// samples are the times of one thing. Those that are compared are taken in turn, and
// their medians are: other processes take their share of a few.
type samples []time.Duration

func (s *samples) measure(do func()) {
	start := time.Now()
	do()
	*s = append(*s, time.Since(start))
}

func (s samples) median() time.Duration {
	s = slices.Sorted(slices.Values(s))
	return s[len(s)/2]
}

// compare reports the medians in a unit and the ratio of the first to the second.
func compare(b *testing.B, own, bare samples, unit time.Duration, names [2]string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(own.median())/float64(unit), names[0])
	b.ReportMetric(float64(bare.median())/float64(unit), names[1])
	b.ReportMetric(float64(own.median())/float64(bare.median()), "ratio")
}

// BenchmarkOpenSession opens sessions, up to the hello of the server, by public key
// and by a password that was verified before, in turn with a bare SSH handshake.
// ratio is the first to the last.
func BenchmarkOpenSession(b *testing.B) {
	s, c := netconfServer(b, 10)
	key := newKey(b)
	c.authorize(key.PublicKey())
	addr := bareSSH(b, 1, 1)
	var own, password, bare samples
	open := func(auth ...ssh.AuthMethod) func() {
		return func() {
			p, err := openPeer(s.Netconf, auth...)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { p.conn.Close() })
		}
	}
	for b.Loop() {
		own.measure(open(ssh.PublicKeys(key)))
		bare.measure(func() {
			c := dialBare(b, addr, key)
			b.Cleanup(func() { c.Close() })
		})
		password.measure(open(transport.Password("x")...))
	}
	compare(b, own, bare, time.Millisecond, [2]string{"open-ms", "bare-ms"})
	b.ReportMetric(password.median().Seconds()*1e3, "password-ms")
}

// BenchmarkGetOneRatio reads one entry by key, in turn with an echo over a bare SSH
// channel of the same sizes.
func BenchmarkGetOneRatio(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			_, c := netconfServer(b, n)
			get := `<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">` + getResource(fmt.Sprintf("r%d", n/2)) + "</rpc>"
			const framing = "\n#000\n\n##\n"
			sent := len(get + framing)
			c.send(get)
			answer := make([]byte, len(c.receive()+framing))
			question := make([]byte, sent)
			ch := bareChannel(b, bareSSH(b, sent, len(answer)))
			var own, bare samples
			for b.Loop() {
				own.measure(func() {
					c.send(get)
					c.discard()
				})
				bare.measure(func() {
					if _, err := ch.Write(question); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(ch, answer); err != nil {
						b.Fatal(err)
					}
				})
			}
			compare(b, own, bare, time.Microsecond, [2]string{"get-µs", "echo-µs"})
		})
	}
}

func bareChannel(b testing.TB, addr string) ssh.Channel {
	b.Helper()
	c := dialBare(b, addr, newKey(b))
	b.Cleanup(func() { c.Close() })
	ch, requests, err := c.OpenChannel("session", nil)
	if err != nil {
		b.Fatal(err)
	}
	go ssh.DiscardRequests(requests)
	return ch
}

// BenchmarkGetAllRatio is a get-config of everything, and as many bytes from a bare SSH
// channel. The server is a process of its own.
func BenchmarkGetAllRatio(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := launch(b, false)
			c := dial(b, p.started)
			c.load(n)
			c.call(`<commit/>`)
			var size int64
			get := func() {
				c.send(getEverything)
				size = c.discard()
			}
			get()
			ch := bareChannel(b, bareSSH(b, 1, int(size)))
			var own, bare samples
			for b.Loop() {
				own.measure(get)
				bare.measure(func() {
					if _, err := ch.Write([]byte{0}); err != nil {
						b.Fatal(err)
					}
					if _, err := io.CopyN(io.Discard, ch, size); err != nil {
						b.Fatal(err)
					}
				})
			}
			compare(b, own, bare, time.Millisecond, [2]string{"get-ms", "bare-ms"})
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(float64(size)/1e6/own.median().Seconds(), "get-MB/s")
		})
	}
}

// discard reads the next message and returns its size.
func (n *netconfClient) discard() int64 {
	n.b.Helper()
	r, err := n.f.Next()
	if err != nil {
		n.b.Fatal(err)
	}
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		n.b.Fatal(err)
	}
	return size
}

// netconfServer starts a bare server in this process that holds n delegated directories
// and lets users in by key.
func netconfServer(b *testing.B, n int) (*started, *netconfClient) {
	b.Helper()
	b.Setenv(adminPasswordEnv, "x")
	o := runOptions{DataDir: b.TempDir()}
	o.Bare, o.Modules = true, []string{"ietf-alto", "ietf-system"}
	o.Features = []string{"ietf-alto:alto-server,http-listen"}
	s := start(b, o)
	b.Cleanup(s.end)
	c := dial(b, s)
	var all strings.Builder
	all.WriteString(listenOnly)
	for i := range n {
		all.WriteString(strings.Replace(directory(i, fmt.Sprint("number ", i)), "own", "r", 1))
	}
	c.call(editConfig(all.String()))
	c.call(`<commit/>`)
	return s, c
}
