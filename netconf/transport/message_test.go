package transport

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// TestRoundTrip writes messages in arbitrary pieces and reads them back in
// arbitrary pieces.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &stream{}
		w := NewFramer(s, Limits{})
		chunked := rapid.Bool().Draw(t, "chunked")
		if chunked {
			w.SetChunked()
		}
		// Bytes that resemble framing, at sizes around the borders of a block.
		piece := rapid.OneOf(
			rapid.SliceOfN(rapid.SampledFrom([]byte("]>#\n1a")), 1, 20),
			rapid.Map(rapid.IntRange(dataEnd-headroom-8, dataEnd-headroom+8),
				func(n int) []byte { return bytes.Repeat([]byte("x"), n) }),
		)
		var want []string
		for range rapid.IntRange(1, 3).Draw(t, "messages") {
			pieces := rapid.SliceOfN(piece, 1, 6).Draw(t, "pieces")
			pieces[0] = append([]byte("<"), pieces[0]...) // as XML starts
			text := string(bytes.Join(pieces, nil))
			m := w.NewMessage()
			for _, p := range pieces {
				if _, err := m.Write(p); err != nil && !errors.Is(err, ErrDelimiter) {
					t.Fatal(err)
				}
			}
			err := m.Close()
			if bad := !chunked && strings.Index(text+"]]>]]>", "]]>]]>") < len(text); bad {
				if !errors.Is(err, ErrDelimiter) {
					t.Fatalf("Close() = %v for a message with a delimiter", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, text)
		}
		size := rapid.IntRange(1, 40<<10).Draw(t, "read size")
		r := fromPeer(&smallReader{&s.Buffer, size}, Limits{})
		if chunked {
			r.SetChunked()
		}
		for i, want := range want {
			m, err := r.Next()
			if err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
			got, err := io.ReadAll(&smallReader{m, rapid.IntRange(1, 100).Draw(t, "piece")})
			if string(got) != want || err != nil {
				t.Fatalf("message %d has %d bytes, %v, want %d bytes", i, len(got), err, len(want))
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatalf("Next() = %v at the end", err)
		}
	})
}

// smallReader reads at most n bytes at once.
type smallReader struct {
	io.Reader
	n int
}

func (r *smallReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(r.n, len(p))]) }

func TestWriteDelimiter(t *testing.T) {
	block := dataEnd - headroom
	for _, before := range []int{0, block - 6, block - 5, block - 3, block - 1, block, 2*block - 2} {
		for _, test := range []struct {
			text string
			err  error
		}{{"]]>]]>", ErrDelimiter}, {"]]>", ErrDelimiter}, {"]]>]]>x", ErrDelimiter}, {"]]>x", nil}, {"]]", nil}} {
			t.Run(strconv.Itoa(before)+test.text, func(t *testing.T) {
				s := &stream{}
				f := NewFramer(s, Limits{})
				m := f.NewMessage()
				if _, err := m.Write(bytes.Repeat([]byte("."), before)); err != nil {
					t.Fatal(err)
				}
				_, _ = m.WriteString(test.text)
				if err := m.Close(); err != test.err {
					t.Fatalf("Close() = %v, want %v", err, test.err)
				}
				if bytes.Contains(bytes.TrimSuffix(s.Bytes(), endOfMessage), endOfMessage) {
					t.Error("a delimiter within the message was sent")
				}
				want := error(nil)
				if test.err != nil && s.Len() > 0 {
					want = ErrCutShort
				}
				m = f.NewMessage()
				_, _ = m.WriteString("next")
				if err := m.Close(); err != want {
					t.Errorf("next message: %v, want %v", err, want)
				}
			})
		}
	}
}

func TestWriteEmpty(t *testing.T) {
	s := &stream{}
	f := NewFramer(s, Limits{})
	if err := f.NewMessage().Close(); err != ErrEmptyMessage || s.Len() != 0 {
		t.Errorf("Close() = %v with %q sent", err, s.String())
	}
	send(t, f, "a")
	if s.String() != "a]]>]]>" {
		t.Errorf("then sent %q", s.String())
	}
}

func TestDiscard(t *testing.T) {
	s := &stream{}
	f := NewFramer(s, Limits{})
	f.SetChunked()
	m := f.NewMessage()
	_, _ = m.WriteString("half")
	if !m.Discard() || s.Len() != 0 {
		t.Fatalf("a small message was not discarded whole: %q sent", s.String())
	}
	if _, err := m.WriteString("more"); err == nil {
		t.Error("a discarded message takes more")
	}
	send(t, f, "other")
	if want := "\n#5\nother\n##\n"; s.String() != want {
		t.Fatalf("sent %q, want %q", s.String(), want)
	}
	m = f.NewMessage()
	if _, err := m.Write(make([]byte, blockSize)); err != nil {
		t.Fatal(err)
	}
	if m.Discard() {
		t.Error("a message of which a part was sent was discarded whole")
	}
	m = f.NewMessage()
	if _, err := m.WriteString("x"); err != ErrCutShort {
		t.Errorf("write after it = %v, want %v", err, ErrCutShort)
	}
	if err := m.Close(); err != ErrCutShort {
		t.Errorf("close after it = %v, want %v", err, ErrCutShort)
	}
	if err := m.Close(); err != ErrCutShort {
		t.Errorf("second close = %v, want %v", err, ErrCutShort)
	}
}

type brokenWriter struct{ io.Reader }

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteError(t *testing.T) {
	f := NewFramer(brokenWriter{}, Limits{})
	for range 2 {
		m := f.NewMessage()
		_, _ = m.WriteString("a")
		if err := m.Close(); !errors.Is(err, errBroken) {
			t.Errorf("Close() = %v, want %v", err, errBroken)
		}
	}
}

// TestOneMessageAtATime writes from several goroutines.
func TestOneMessageAtATime(t *testing.T) {
	s := &stream{}
	f := NewFramer(s, Limits{})
	f.SetChunked()
	var writers sync.WaitGroup
	const each = 20
	for _, text := range []string{"aaaa", "bbbb"} {
		writers.Go(func() {
			for range each {
				m := f.NewMessage()
				for _, c := range []byte(text) {
					_, _ = m.Write([]byte{c})
				}
				if err := m.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	r := fromPeer(&s.Buffer, Limits{})
	r.SetChunked()
	got, err := readAll(r)
	if err != nil || len(got) != 2*each {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	for _, text := range got {
		if text != "aaaa" && text != "bbbb" {
			t.Errorf("mixed message %q", text)
		}
	}
}

func BenchmarkFramer(b *testing.B) {
	message := strings.Repeat("<pid><name>x</name></pid>", 1<<14)
	for _, chunked := range []bool{false, true} {
		b.Run("chunked="+strconv.FormatBool(chunked), func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			s := &stream{}
			s.Reader = &s.Buffer
			f := NewFramer(s, Limits{})
			if chunked {
				f.SetChunked()
			}
			buf := make([]byte, 4096)
			for b.Loop() {
				send(b, f, message)
				r, err := f.Next()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
