package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stream is an io.ReadWriter of what a peer sends and what it gets.
type stream struct {
	io.Reader
	bytes.Buffer
}

func (s *stream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func fromPeer(r io.Reader, limits Limits) *Framer {
	return NewFramer(&stream{Reader: r}, limits)
}

// readAll returns the messages of f and the error after the last whole one, nil
// for a clean end.
func readAll(f *Framer) (messages []string, err error) {
	for {
		r, err := f.Next()
		if err == io.EOF {
			return messages, nil
		}
		if err != nil {
			return messages, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return messages, err
		}
		messages = append(messages, string(b))
	}
}

func TestRFC6242Examples(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc6242/*.wire")
	if err != nil || len(files) != 7 {
		t.Fatalf("examples = %v, %v, want 7", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			wire, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			xml, err := os.ReadFile(strings.TrimSuffix(file, "wire") + "xml")
			if err != nil {
				t.Fatal(err)
			}
			chunked := wire[0] == '\n'
			for name, r := range map[string]io.Reader{
				"whole":        bytes.NewReader(wire),
				"byte by byte": iotest.OneByteReader(bytes.NewReader(wire)),
			} {
				f := fromPeer(r, Limits{})
				if chunked {
					f.SetChunked()
				}
				got, err := readAll(f)
				if diff := cmp.Diff([]string{string(xml)}, got); err != nil || diff != "" {
					t.Errorf("%s: error %v, (-want +got)\n%s", name, err, diff)
				}
			}
			s := &stream{}
			f := NewFramer(s, Limits{})
			want := string(xml) + "]]>]]>"
			if chunked {
				f.SetChunked()
				// A message this small is one chunk, also that of Section 4.2.
				want = fmt.Sprintf("\n#%d\n%s\n##\n", len(xml), xml)
			}
			send(t, f, string(xml))
			if diff := cmp.Diff(want, s.String()); diff != "" {
				t.Errorf("written (-want +got)\n%s", diff)
			}
		})
	}
}

func send(t testing.TB, f *Framer, message string) {
	t.Helper()
	m := f.NewMessage()
	if _, err := m.WriteString(message); err != nil {
		t.Errorf("write: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestReadChunked(t *testing.T) {
	tests := []struct {
		name, wire string
		want       []string
		err        error
	}{
		{"nothing", "", nil, nil},
		{"one chunk", "\n#3\nabc\n##\n", []string{"abc"}, nil},
		{"two messages", "\n#1\na\n##\n\n#1\nb\n##\n", []string{"a", "b"}, nil},
		{"data like framing", "\n#12\n\n##\n\n#1\n]]>]\n##\n", []string{"\n##\n\n#1\n]]>]"}, nil},
		{"any octet", "\n#2\n\x00\xff\n##\n", []string{"\x00\xff"}, nil},
		{"greatest size", "\n#4294967295\nabc", nil, io.ErrUnexpectedEOF},
		{"size too great", "\n#4294967296\nabc", nil, ErrBadChunk},
		{"size overflows int64", "\n#99999999999999999999999\nabc", nil, ErrBadChunk},
		{"size zero", "\n#0\n\n##\n", nil, ErrBadChunk},
		{"leading zero", "\n#03\nabc\n##\n", nil, ErrBadChunk},
		{"negative", "\n#-3\nabc\n##\n", nil, ErrBadChunk},
		{"plus sign", "\n#+3\nabc\n##\n", nil, ErrBadChunk},
		{"space before size", "\n# 3\nabc\n##\n", nil, ErrBadChunk},
		{"space after size", "\n#3 \nabc\n##\n", nil, ErrBadChunk},
		{"hexadecimal", "\n#a\nabcdefghij\n##\n", nil, ErrBadChunk},
		{"no size", "\n#\nabc\n##\n", nil, ErrBadChunk},
		{"carriage return", "\n#3\r\nabc\n##\n", nil, ErrBadChunk},
		{"no line feed first", "#3\nabc\n##\n", nil, ErrBadChunk},
		{"no hash", "\n3\nabc\n##\n", nil, ErrBadChunk},
		{"bare XML", "<rpc/>", nil, ErrBadChunk},
		{"no chunk", "\n##\n", nil, ErrBadChunk},
		{"chunk too short", "\n#4\nabc\n##\n", nil, ErrBadChunk},
		{"chunk too long", "\n#2\nabc\n##\n", nil, ErrBadChunk},
		{"three hashes", "\n#1\na\n###\n", nil, ErrBadChunk},
		{"end without line feed", "\n#1\na\n##x", nil, ErrBadChunk},
		{"end-of-message instead", "\n#1\na]]>]]>", nil, ErrBadChunk},
		{"space between messages", "\n#1\na\n##\n \n#1\nb\n##\n", []string{"a"}, ErrBadChunk},
		{"line feed between messages", "\n#1\na\n##\n\n\n#1\nb\n##\n", []string{"a"}, ErrBadChunk},
		{"cut in header", "\n#1", nil, io.ErrUnexpectedEOF},
		{"cut after line feed", "\n#1\na\n##\n\n", []string{"a"}, io.ErrUnexpectedEOF},
		{"cut in data", "\n#2\na", nil, io.ErrUnexpectedEOF},
		{"cut between chunks", "\n#1\na", nil, io.ErrUnexpectedEOF},
		{"cut in end", "\n#1\na\n##", nil, io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// A hello brings the framer into the state in which real peers start chunking.
			f := fromPeer(strings.NewReader("\n#1\nh\n##\n"+test.wire), Limits{})
			f.SetChunked()
			check(t, f, append([]string{"h"}, test.want...), test.err)
		})
	}
}

func check(t *testing.T, f *Framer, want []string, wantErr error) {
	t.Helper()
	got, err := readAll(f)
	if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, wantErr) {
		t.Errorf("error %v, want %v; messages (-want +got)\n%s", err, wantErr, diff)
	}
	if err != nil {
		if _, again := f.Next(); again != err {
			t.Errorf("error then becomes %v", again)
		}
	}
}

func TestReadEndOfMessage(t *testing.T) {
	tests := []struct {
		name, wire string
		want       []string
		err        error
	}{
		{"nothing", "", nil, nil},
		{"white space", " \r\n\t", nil, nil},
		{"one", "<a/>]]>]]>", []string{"<a/>"}, nil},
		{"two", "<a/>]]>]]><b/>]]>]]>", []string{"<a/>", "<b/>"}, nil},
		{"lines between", "<a/>]]>]]>\r\n\n <b/>\n]]>]]>\n", []string{"<a/>", "<b/>\n"}, nil},
		{"empty", "]]>]]><b/>]]>]]>", []string{"", "<b/>"}, nil},
		{"partial delimiters", "a]]>]]b]]>b]]]]>]]>", []string{"a]]>]]b]]>b]]"}, nil},
		{"delimiter twice", "a]]>]]>]]>]]>", []string{"a", ""}, nil},
		{"hash later is data", "<a/>]]>]]>\n#1\nb]]>]]>", []string{"<a/>", "#1\nb"}, nil},
		{"hash without line feed is data", "#1\nb]]>]]>", []string{"#1\nb"}, nil},
		{"cut in data", "<a/>", nil, io.ErrUnexpectedEOF},
		{"cut in delimiter", "<a/>]]>]]", nil, io.ErrUnexpectedEOF},
		{"chunked hello", "\n#2\n<h\n#2\n/>\n##\n<a/>]]>]]>", []string{"<h/>", "<a/>"}, nil},
		{"broken chunked hello", "\n#02\n<h\n##\n", nil, ErrBadChunk},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check(t, fromPeer(strings.NewReader(test.wire), Limits{}), test.want, test.err)
			check(t, fromPeer(iotest.OneByteReader(strings.NewReader(test.wire)), Limits{}), test.want, test.err)
		})
	}
}

// TestSwitch changes the framing after the hello, whose reader is not drained.
func TestSwitch(t *testing.T) {
	tests := []struct {
		name, wire string
		err        error
	}{
		{"plain", "<hello/>]]>]]>\n#6\n<rpc/>\n##\n", nil},
		{"line end after the delimiter", "<hello/>]]>]]>\n\n#6\n<rpc/>\n##\n", nil},
		{"chunked hello", "\n#8\n<hello/>\n##\n\n#6\n<rpc/>\n##\n", nil},
		{"no line feed", "<hello/>]]>]]>#6\n<rpc/>\n##\n", ErrBadChunk},
		{"not chunked", "<hello/>]]>]]><rpc/>]]>]]>", ErrBadChunk},
		{"not chunked, next line", "<hello/>]]>]]>\n<rpc/>]]>]]>", ErrBadChunk},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &stream{Reader: strings.NewReader(test.wire)}
			f := NewFramer(s, Limits{})
			send(t, f, "<hello/>")
			hello, err := f.Next()
			if err != nil {
				t.Fatal(err)
			}
			f.SetChunked()
			rpc, err := f.Next()
			if !errors.Is(err, test.err) {
				t.Fatalf("Next() = %v, want %v", err, test.err)
			}
			if n, err := hello.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("the old reader gives %d, %v", n, err)
			}
			if err == nil && test.err == nil {
				if got, err := io.ReadAll(rpc); string(got) != "<rpc/>" || err != nil {
					t.Errorf("message = %q, %v", got, err)
				}
			}
			send(t, f, "<ok/>")
			if want := "<hello/>]]>]]>\n#5\n<ok/>\n##\n"; s.String() != want {
				t.Errorf("sent %q, want %q", s.String(), want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	eom := "12345678]]>]]>"
	chunked := "\n#4\n1234\n#4\n5678\n##\n"
	tests := []struct {
		name, wire string
		limits     Limits
		want       []string
		err        error
	}{
		{"none", eom + eom, Limits{}, []string{"12345678", "12345678"}, nil},
		{"exact", eom + eom, Limits{MaxMessage: 8}, []string{"12345678", "12345678"}, nil},
		{"one less", eom, Limits{MaxMessage: 7}, nil, ErrTooBig},
		{"exact chunked", chunked, Limits{MaxMessage: 8}, []string{"12345678"}, nil},
		{"one less chunked", chunked, Limits{MaxMessage: 7}, nil, ErrTooBig},
		{"hello", eom + eom, Limits{MaxHello: 7}, nil, ErrTooBig},
		{"hello greater", eom + eom, Limits{MaxMessage: 7, MaxHello: 8}, []string{"12345678"}, ErrTooBig},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check(t, fromPeer(strings.NewReader(test.wire), test.limits), test.want, test.err)
		})
	}
	t.Run("delivers no more than the limit", func(t *testing.T) {
		r, err := fromPeer(strings.NewReader(eom), Limits{MaxMessage: 5}).Next()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "12345" || !errors.Is(err, ErrTooBig) {
			t.Errorf("read %q, %v", got, err)
		}
	})
	t.Run("unread message", func(t *testing.T) {
		f := fromPeer(strings.NewReader(eom+eom), Limits{MaxMessage: 7})
		if _, err := f.Next(); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Next(); !errors.Is(err, ErrTooBig) {
			t.Errorf("Next() = %v, want %v", err, ErrTooBig)
		}
	})
}
