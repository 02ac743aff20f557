// Program case_17_go_netconf is github.com/Juniper/go-netconf at work: it edits, reads,
// locks, commits and is refused, over SSH with end-of-message framing. Its arguments are
// the server's address, the user and the password.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/Juniper/go-netconf/netconf"
	"golang.org/x/crypto/ssh"
)

const alto = `<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>%s</alto-server></alto>`

// step is a request and what its reply must hold; refused ones name the error-tag.
type step struct {
	method  netconf.RPCMethod
	want    string
	refused bool
}

func raw(format string, args ...any) netconf.RawMethod {
	return netconf.RawMethod(fmt.Sprintf(format, args...))
}

func edit(target, content string) netconf.RawMethod {
	return raw(`<edit-config><target><%s/></target><config>`+alto+`</config></edit-config>`, target, content)
}

func read(source, content string) netconf.RawMethod {
	return raw(`<get-config><source><%s/></source><filter type="subtree">`+alto+`</filter></get-config>`, source, content)
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: case_17_go_netconf ADDRESS USER PASSWORD")
	}
	config := netconf.SSHConfigPassword(os.Args[2], os.Args[3])
	config.HostKeyCallback = ssh.InsecureIgnoreHostKey()
	dial := func() *netconf.Session {
		s, err := netconf.DialSSH(os.Args[1], config)
		if err != nil {
			log.Fatal(err)
		}
		return s
	}
	s, other := dial(), dial()
	if s.SessionID == 0 || s.SessionID == other.SessionID || len(s.ServerCapabilities) < 5 {
		log.Fatalf("sessions %d and %d, capabilities %v", s.SessionID, other.SessionID, s.ServerCapabilities)
	}
	const one = `<role><role-name>from-go</role-name></role>`
	run(s,
		step{method: netconf.MethodLock("candidate"), want: "<ok/>"},
		step{method: edit("candidate", one), want: "<ok/>"},
		step{method: raw("<validate><source><candidate/></source></validate>"), want: "<ok/>"},
		step{method: read("candidate", one), want: "from-go"},
		step{method: raw("<commit/>"), want: "<ok/>"})
	run(other,
		step{method: netconf.MethodLock("candidate"), want: "lock-denied", refused: true},
		step{method: read("running", one), want: "from-go"},
		step{method: edit("running", "<no-such-node/>"), want: "unknown-element", refused: true},
		step{method: raw("<no-such-operation/>"), want: "operation-not-supported", refused: true},
		step{method: raw("<get/><get/>"), want: "bad-element", refused: true})
	run(s, step{method: netconf.MethodUnlock("candidate"), want: "<ok/>"})
	confirmed(other)
	partial(s, other)
	run(s, step{method: netconf.MethodGetConfig("running"), want: "from-go"}, step{method: raw("<close-session/>"), want: "<ok/>"})
	run(other, step{method: raw("<close-session/>"), want: "<ok/>"})
	fmt.Println("go-netconf is content")
}

// confirmed makes a confirmed commit, cancels it, and confirms another.
func confirmed(s *netconf.Session) {
	const two, commit = `<role><role-name>two</role-name></role>`, "<commit><confirmed/><confirm-timeout>60</confirm-timeout></commit>"
	run(s,
		step{method: edit("candidate", two), want: "<ok/>"}, step{method: raw(commit), want: "<ok/>"},
		step{method: read("running", two), want: ">two<"},
		step{method: raw("<cancel-commit/>"), want: "<ok/>"},
		step{method: read("running", two), want: "<data"},
		step{method: raw("<discard-changes/>"), want: "<ok/>"},
		step{method: edit("candidate", two), want: "<ok/>"}, step{method: raw(commit), want: "<ok/>"},
		step{method: raw("<commit/>"), want: "<ok/>"},
		step{method: read("running", two), want: ">two<"})
}

// partial locks an entry in one session and is denied to change it in another.
func partial(s, other *netconf.Session) {
	const own = `<role><role-name>two</role-name></role>`
	remove := strings.Replace(own, "<role>", `<role xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete">`, 1)
	run(s, step{
		method: raw(`<partial-lock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0" xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto">` +
			`<select>/a:alto/a:alto-server/a:role[a:role-name='two']</select></partial-lock>`),
		want: "<lock-id",
	})
	run(other, step{method: edit("running", remove), want: "in-use", refused: true})
	run(s,
		step{method: edit("running", remove), want: "<ok/>"},
		step{method: raw(`<partial-unlock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0"><lock-id>1</lock-id></partial-unlock>`), want: "<ok/>"})
}

func run(s *netconf.Session, steps ...step) {
	for _, x := range steps {
		r, err := s.Exec(x.method)
		if r == nil || (err != nil) != x.refused || !strings.Contains(r.RawReply, x.want) {
			log.Fatalf("%s\n gives %v: %+v, want %s", x.method.MarshalMethod(), err, r, x.want)
		}
	}
}
