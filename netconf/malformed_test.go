package netconf

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/netconf/transport"
)

// malformedSeeds are correct requests of every kind.
var malformedSeeds = []string{
	`<get-config><source><running/></source><filter><farm xmlns="urn:farm"><stall><name>a</name></stall></farm></filter></get-config>`,
	`<get><filter type="xpath" xmlns:f="urn:farm" select="/f:farm/f:stall[f:name='a']"/></get>`,
	`<edit-config><target><running/></target><config><farm xmlns="urn:farm"><stall><name>a</name><size>7</size></stall></farm></config></edit-config>`,
	`<edit-config><target><running/></target><default-operation>none</default-operation><config>` +
		`<farm xmlns="urn:farm"><path xmlns:nc="` + nsBase + `" nc:operation="merge"><from>a</from><to>a</to></path></farm></config></edit-config>`,
	`<edit-config><target><candidate/></target><config><farm xmlns="urn:farm"><stall><name>b</name><size>9</size></stall></farm></config></edit-config>`,
	`<copy-config><target><candidate/></target><source><config><farm xmlns="urn:farm"><stall><name>a</name><size>3</size></stall></farm></config></source></copy-config>`,
	`<commit/>`,
	`<validate><source><candidate/></source></validate>`,
	`<discard-changes/>`,
	`<lock><target><candidate/></target></lock>`,
	`<unlock><target><candidate/></target></unlock>`,
	`<feed xmlns="urn:farm"><amount>3</amount></feed>`,
	`<action xmlns="urn:ietf:params:xml:ns:yang:1"><farm xmlns="urn:farm"><stall><name>a</name><air/></stall></farm></action>`,
	`<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores">` +
		`<datastore>ds:running</datastore></get-data>`,
}

// mutation makes one message of a correct one. tags are those an error may have; with
// none the message may have become anything, a correct one too.
type mutation struct {
	name string
	make func(r *rand.Rand, rpc string) string
	tags []string
}

const malformedTag = "malformed-message"

var tagName = regexp.MustCompile(`<(/?)([\w:-]+)`)

// element is a random one of the start tags of an rpc that match, as the bounds of its name.
func element(r *rand.Rand, rpc string) []int {
	all := slices.DeleteFunc(tagName.FindAllStringSubmatchIndex(rpc, -1), func(m []int) bool { return m[2] != m[3] })
	return all[r.IntN(len(all))]
}

// operationEnd is where the element of the operation ends: at the end of its name.
func operationEnd(rpc string) int {
	i := strings.IndexByte(rpc, '>') + 2
	return i + strings.IndexAny(rpc[i:], " />")
}

func insert(rpc string, at int, text string) string { return rpc[:at] + text + rpc[at:] }

var mutations = []mutation{
	{"rpc in another namespace", func(_ *rand.Rand, rpc string) string {
		return strings.Replace(rpc, nsBase, "urn:nobody", 1)
	}, []string{malformedTag}},
	{"operation in a namespace of no module", func(_ *rand.Rand, rpc string) string {
		at := operationEnd(rpc)
		i := strings.Index(rpc[at:], ">")
		if head := rpc[at : at+i]; strings.Contains(head, "xmlns=") {
			return rpc[:at] + strings.Replace(head, `xmlns="`, `xmlns="urn:nobody:`, 1) + rpc[at+i:]
		}
		return insert(rpc, at, ` xmlns="urn:nobody"`)
	}, []string{"unknown-namespace"}},
	{"operation that is none", func(_ *rand.Rand, rpc string) string {
		start := strings.IndexByte(rpc, '>') + 1
		return rpc[:start] + "<no-such-thing/></rpc>"
	}, []string{"operation-not-supported"}},
	{"no message-id", func(_ *rand.Rand, rpc string) string {
		return strings.Replace(rpc, ` message-id="1"`, "", 1)
	}, []string{"missing-attribute"}},
	{"two operations", func(_ *rand.Rand, rpc string) string {
		return strings.Replace(rpc, "</rpc>", "<discard-changes/></rpc>", 1)
	}, []string{"bad-element"}},
	{"no operation", func(_ *rand.Rand, rpc string) string {
		return rpc[:strings.IndexByte(rpc, '>')+1] + "</rpc>"
	}, []string{"missing-element"}},
	{"text between elements", func(_ *rand.Rand, rpc string) string {
		return strings.Replace(rpc, "</rpc>", "what is this?</rpc>", 1)
	}, []string{malformedTag}},
	{"cut short", func(r *rand.Rand, rpc string) string {
		return rpc[:1+r.IntN(len(rpc)-1)]
	}, []string{malformedTag}},
	{"a document type with entities", func(_ *rand.Rand, rpc string) string {
		var b strings.Builder
		b.WriteString(`<!DOCTYPE rpc [<!ENTITY l0 "lol">`)
		for i := range 12 {
			fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
		}
		return b.String() + "]>" + strings.Replace(rpc, "</rpc>", "&l12;</rpc>", 1)
	}, []string{malformedTag}},
	{"an entity", func(_ *rand.Rand, rpc string) string {
		return strings.Replace(rpc, "</rpc>", "&bomb;</rpc>", 1)
	}, []string{malformedTag}},
	{"not UTF-8", func(r *rand.Rand, rpc string) string {
		bad := []string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "\x00", "\x1b"}
		return insert(rpc, strings.IndexByte(rpc, '>')+1, bad[r.IntN(len(bad))])
	}, []string{malformedTag}},
	{"an undeclared prefix", func(r *rand.Rand, rpc string) string {
		return insert(rpc, element(r, rpc)[4], "nobody:")
	}, []string{malformedTag}},
	{"an attribute twice", func(r *rand.Rand, rpc string) string {
		return insert(rpc, element(r, rpc)[5], ` x="1" x="2"`)
	}, []string{malformedTag}},
	{"a second document", func(_ *rand.Rand, rpc string) string { return rpc + rpc }, []string{malformedTag}},
	{"elements too deep", func(r *rand.Rand, rpc string) string {
		at := operationEnd(rpc)
		at += strings.IndexByte(rpc[at:], '>') + 1
		return insert(rpc, at, strings.Repeat("<a>", 200+r.IntN(2000)))
	}, []string{"too-big", malformedTag, "unknown-element", "unknown-namespace", "bad-element"}},
	{"an unknown attribute on the operation", func(_ *rand.Rand, rpc string) string {
		return insert(rpc, operationEnd(rpc), ` mood="bad"`)
	}, []string{"unknown-attribute"}},
	{"an unknown attribute", func(r *rand.Rand, rpc string) string {
		return insert(rpc, element(r, rpc)[5], ` mood="bad"`)
	}, nil},
	{"a key twice", func(r *rand.Rand, rpc string) string {
		edit, action := malformedSeeds[2], malformedSeeds[len(malformedSeeds)-2]
		chosen := []string{edit, action}[r.IntN(2)]
		return rpc[:strings.IndexByte(rpc, '>')+1] + strings.Replace(chosen, "<name>a</name>", "<name>a</name><name>a</name>", 1) + "</rpc>"
	}, []string{"bad-element"}},
	{"an element with another name", func(r *rand.Rand, rpc string) string {
		m := element(r, rpc)
		return rpc[:m[4]] + "zzz" + rpc[m[5]:]
	}, nil},
	{"an element twice", func(r *rand.Rand, rpc string) string {
		leaf := regexp.MustCompile(`<([\w-]+)>[^<]*</([\w-]+)>`).FindStringIndex(rpc)
		if leaf == nil {
			return rpc
		}
		return insert(rpc, leaf[1], rpc[leaf[0]:leaf[1]])
	}, nil},
	{"an element less", func(r *rand.Rand, rpc string) string {
		leaf := regexp.MustCompile(`<([\w-]+)>[^<]*</([\w-]+)>`).FindStringIndex(rpc)
		if leaf == nil {
			return rpc
		}
		return rpc[:leaf[0]] + rpc[leaf[1]:]
	}, nil},
	{"another order", func(r *rand.Rand, rpc string) string {
		m := regexp.MustCompile(`(<target>.*?</target>)(.*)(</(?:edit|copy)-config>)`).FindStringSubmatchIndex(rpc)
		if m == nil {
			return rpc
		}
		return rpc[:m[2]] + rpc[m[4]:m[5]] + rpc[m[2]:m[3]] + rpc[m[6]:]
	}, nil},
	{"other octets", func(r *rand.Rand, rpc string) string {
		b := []byte(rpc)
		for range 1 + r.IntN(4) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		return string(b)
	}, nil},
	{"a part moved", func(r *rand.Rand, rpc string) string {
		i, j, k := r.IntN(len(rpc)), r.IntN(len(rpc)), r.IntN(len(rpc))
		i, j = min(i, j), max(i, j)
		rest := rpc[:i] + rpc[j:]
		return insert(rest, min(k, len(rest)), rpc[i:j])
	}, nil},
	{"another value", func(r *rand.Rand, rpc string) string {
		values := []string{"", "-1", "256", "1e9", " ", "true", "urn:x", "a:b", "]]&gt;", strings.Repeat("9", 5000), "&#x10FFFF;", "<x/>"}
		return regexp.MustCompile(`>[\w-]+<`).ReplaceAllString(rpc, ">"+values[r.IntN(len(values))]+"<")
	}, nil},
}

// malformedRun is one session after the other that misbehave, and one that works.
type malformedRun struct {
	*fixture
	chunked  bool
	c        *client
	tags     map[string]int
	messages int
}

// offender is the session that sends the next message.
func (m *malformedRun) offender() *client {
	if m.c == nil {
		m.c = m.connectForgotten()
		m.c.read()
		if m.chunked {
			m.c.write(hello11)
			m.c.framer.SetChunked()
		} else {
			m.c.write(hello10)
		}
	}
	return m.c
}

// connectForgotten is connect without a promise to close the connection in the end,
// which would keep it.
func (m *malformedRun) connectForgotten() *client {
	near, far := net.Pipe()
	m.serve.Go(func() {
		m.server.Handle(ctx, &transport.Conn{
			ReadWriteCloser: far, User: "ann", Remote: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, Transport: transport.NetconfSSH,
		})
	})
	return &client{m, near, transport.NewFramer(near, transport.Limits{})}
}

// send sends a message and checks what comes of it.
func (m *malformedRun) send(name, message string, tags []string) {
	m.Helper()
	defer func() {
		if m.Failed() && m.c != nil {
			m.c.close()
		}
	}()
	if !m.chunked && strings.Contains(message, "]]>]]>") {
		return
	}
	before := m.store.Running()
	m.messages++
	c := m.offender()
	c.write(message)
	reply := c.read()
	refused := reply == "" || strings.Contains(reply, "<rpc-error")
	if refused && m.store.Running() != before {
		m.Fatalf("%s: running was changed by %.1000q, answered with %s", name, message, reply)
	}
	if reply == "" {
		m.tags["end"]++
		// RFC 6241 Appendix A: clients of :base:1.0 do not know malformed-message.
		if m.chunked || tags != nil && !slices.Contains(tags, malformedTag) {
			m.Fatalf("%s: %.1000q ends the session", name, message)
		}
		c.close()
		m.c = nil
		return
	}
	if err := wellFormed(reply); err != nil {
		m.Fatalf("%s: %.1000q is answered with %s: %v", name, message, reply, err)
	}
	_, rest, _ := strings.Cut(reply, "<error-tag>")
	tag, _, _ := strings.Cut(rest, "<")
	m.tags[tag]++
	if tags != nil && !slices.Contains(tags, tag) || tag == "operation-failed" && strings.Contains(reply, "internal") {
		m.Fatalf("%s: %.1000q is answered with %s, want %v", name, message, reply, tags)
	}
}

// TestMalformed sends thousands of messages that are wrong in every way, in both
// framings: each gets its error or ends its session, running stays as it is, another
// session works all the time, and nothing is left behind. ALTOAM_MALFORMED sets the
// number for each framing.
func TestMalformed(t *testing.T) {
	number := 5_000
	if n, err := strconv.Atoi(os.Getenv("ALTOAM_MALFORMED")); err == nil {
		number = n
	}
	for _, chunked := range []bool{false, true} {
		t.Run(fmt.Sprintf("chunked=%v", chunked), func(t *testing.T) {
			m := &malformedRun{
				fixture: start(t, `<farm xmlns="urn:farm"><stall><name>a</name></stall></farm>`, Options{}),
				chunked: chunked, tags: map[string]int{},
			}
			bystander := m.session()
			m.some(7, number/10) // what is made once is there
			goroutines, memory := runtime.NumGoroutine(), inUse()
			for i := range 10 {
				m.some(uint64(i), number/10)
				if got := bystander.rpc(`<get-config><source><running/></source></get-config>`); !strings.Contains(got, "<data") {
					t.Fatalf("another session reads %s", got)
				}
			}
			grown := inUse() - memory
			t.Logf("%d messages, %v; %d KB more in use", m.messages, m.tags, grown/1000)
			if more := runtime.NumGoroutine() - goroutines; more > 4 {
				t.Errorf("%d goroutines more", more)
			}
			if grown > 8<<20 {
				t.Errorf("%d bytes more in use", grown)
			}
			if m.c != nil {
				m.c.close()
			}
			bystander.close()
		})
	}
}

// some sends n messages.
func (m *malformedRun) some(seed uint64, n int) {
	m.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		rpc := `<rpc xmlns="` + nsBase + `" message-id="1">` + malformedSeeds[r.IntN(len(malformedSeeds))] + "</rpc>"
		x := mutations[r.IntN(len(mutations))]
		m.send(x.name, x.make(r, rpc), x.tags)
	}
}

// TestHuge sends messages that are wrong by being large.
func TestHuge(t *testing.T) {
	edit := func(content string) string {
		return `<rpc xmlns="` + nsBase + `" message-id="1"><edit-config><target><running/></target><config>` +
			`<farm xmlns="urn:farm">` + content + `</farm></config></edit-config></rpc>`
	}
	const mega = 1 << 20
	var attributes strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&attributes, ` a%d="b"`, i)
	}
	for _, tt := range []struct {
		name, message string
		tags          []string // nil for ok
		ends          bool
	}{
		{"a leaf of 10 MB", edit("<owner>" + strings.Repeat("long ", 2*mega) + "</owner>"), nil, false},
		{"a number of 10 MB", edit("<stall><name>a</name><size>" + strings.Repeat("9", 10*mega) + "</size></stall>"), []string{"invalid-value", "bad-element"}, false},
		{"a leaf beyond what a text may have", edit("<owner>" + strings.Repeat("long ", 4*mega) + "</owner>"), []string{"too-big"}, false},
		{"an attribute of 20 MB", edit(`<owner x="` + strings.Repeat("long ", 4*mega) + `"/>`), []string{"too-big"}, false},
		{"a name of 1 MB", edit("<" + strings.Repeat("a", mega) + "/>"), []string{"too-big"}, false},
		{"100 000 attributes", edit("<owner" + attributes.String() + "/>"), []string{"too-big"}, false},
		{"a million levels", edit(strings.Repeat("<door>", mega)), []string{"unknown-element"}, false},
		{"a filter of a million levels", `<rpc xmlns="` + nsBase + `" message-id="1"><get-config><source><running/></source><filter>` +
			`<farm xmlns="urn:farm">` + strings.Repeat("<stall>", mega), []string{"too-big"}, false},
		{"a million unknown elements", edit(strings.Repeat("<unknown/>", mega)), []string{"unknown-element"}, false},
		{"the same entry 100 000 times", edit(strings.Repeat("<stall><name>a</name></stall>", 100_000)), nil, false},
		{"a key 100 000 times", edit("<stall>" + strings.Repeat("<name>a</name>", 100_000) + "</stall>"), []string{"bad-element"}, false},
		{"a message beyond the limit", edit("<!--" + strings.Repeat("long ", 8*mega) + "-->"), nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Limits: transport.Limits{MaxMessage: 32 << 20, MaxHello: 64 << 10}}
			f := start(t, `<farm xmlns="urn:farm"><stall><name>a</name></stall></farm>`, o)
			bystander, c := f.session(), f.session()
			defer bystander.close()
			defer c.close()
			before := f.store.Running()
			c.conn.SetDeadline(time.Now().Add(time.Minute))
			c.write(tt.message)
			reply := c.read()
			_, rest, _ := strings.Cut(reply, "<error-tag>")
			tag, _, _ := strings.Cut(rest, "<")
			switch {
			case tt.ends:
				if reply != "" {
					t.Errorf("answered with %.1000s", reply)
				}
			case tt.tags == nil:
				if !strings.Contains(reply, "<ok/>") {
					t.Errorf("answered with %.1000s", reply)
				}
			default:
				if !slices.Contains(tt.tags, tag) || f.store.Running() != before || len(reply) > 1<<20 {
					t.Errorf("answered with %d bytes %.1000s, want %v", len(reply), reply, tt.tags)
				}
				c.must("<discard-changes/>")
			}
			bystander.must("<discard-changes/>")
		})
	}
}

func TestActionKeyTwice(t *testing.T) {
	c := start(t, `<farm xmlns="urn:farm"><stall><name>a</name></stall></farm>`, Options{}).session()
	defer c.close()
	for keys, want := range map[string]string{
		"<name>a</name>":               "<ok/>",
		"<name>a</name><name>a</name>": "<error-tag>bad-element</error-tag>",
	} {
		got := c.rpc(`<action xmlns="urn:ietf:params:xml:ns:yang:1"><farm xmlns="urn:farm"><stall>` + keys + `<air/></stall></farm></action>`)
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", keys, got, want)
		}
	}
}
