package transport

import (
	"bytes"
	"io"
	"testing"
)

// FuzzFramer reads arbitrary bytes with both framings. The result must not
// depend on the sizes of the reads, and what was read must survive being written.
// A million: go test ./netconf/transport -run '^$' -fuzz FuzzFramer -fuzztime 1000000x
func FuzzFramer(f *testing.F) {
	for _, seed := range []string{
		"<hello/>]]>]]>\n#6\n<rpc/>\n##\n",
		"\n#3\n<h>\n#4\n</h>\n##\n",
		"a]]>]]b]]>]]>",
		"\n#4294967295\n",
		"\n#01\na\n##\n",
	} {
		f.Add([]byte(seed), 0)
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(checkStream)
}

// checkStream reads a stream that changes to chunked framing after some messages.
func checkStream(t *testing.T, wire []byte, switchAfter int) {
	t.Helper()
	read := func(r io.Reader) (messages []string, final error) {
		framer := fromPeer(r, Limits{MaxMessage: 1 << 16})
		for {
			if len(messages) == switchAfter {
				framer.SetChunked()
			}
			m, err := framer.Next()
			if err != nil {
				return messages, err
			}
			text, err := io.ReadAll(m)
			if err != nil {
				return messages, err
			}
			messages = append(messages, string(text))
		}
	}
	messages, err := read(bytes.NewReader(wire))
	again, errAgain := read(&smallReader{bytes.NewReader(wire), 1})
	if err.Error() != errAgain.Error() || len(messages) != len(again) {
		t.Fatalf("%q, %v; byte by byte %q, %v", messages, err, again, errAgain)
	}
	for i, text := range messages {
		if again[i] != text {
			t.Errorf("message %d is %q, byte by byte %q", i, text, again[i])
		}
		if text == "" {
			continue
		}
		s := &stream{}
		s.Reader = &s.Buffer
		framer := NewFramer(s, Limits{})
		framer.SetChunked()
		send(t, framer, text)
		m, err := framer.Next()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(m); string(back) != text || err != nil {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	}
}
