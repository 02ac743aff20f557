package southbound

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/transfertest"
	"pgregory.net/rapid"
)

// framed is one frame with its octets.
func framed(t testing.TB, kind byte, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := errors.Join(writeFrame(w, kind, content), w.Flush()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFrames(t *testing.T) {
	type frame struct {
		kind    byte
		content []byte
	}
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOf(rapid.Custom(func(t *rapid.T) frame {
			return frame{rapid.Byte().Draw(t, "kind"), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")}
		})).Draw(rt, "frames")
		var wire []byte
		for _, f := range want {
			wire = append(wire, framed(t, f.kind, f.content)...)
		}
		r := bufio.NewReader(bytes.NewReader(wire))
		for _, f := range want {
			kind, content, err := readFrame(r)
			if err != nil || kind != f.kind || !bytes.Equal(content, f.content) {
				rt.Fatalf("frame %c %q came out as %c %q (%v)", f.kind, f.content, kind, content, err)
			}
		}
		if _, _, err := readFrame(r); err != io.EOF {
			rt.Fatalf("after the last frame: %v", err)
		}
	})
}

func TestFrameLimits(t *testing.T) {
	whole := framed(t, 'm', bytes.Repeat([]byte("x"), 200<<10))
	for _, cut := range []int{1, 3, 4, 5, 6, 70 << 10, len(whole) - 1} {
		if _, _, err := readFrame(bufio.NewReader(bytes.NewReader(whole[:cut]))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d octets: %v", cut, err)
		}
	}
	for _, size := range []uint32{0, maxFrame + 1, 1<<32 - 1} {
		head := binary.BigEndian.AppendUint32(nil, size)
		if _, _, err := readFrame(bufio.NewReader(bytes.NewReader(append(head, 'm', 'x')))); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a length of %d: %v", size, err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := readFrame(bufio.NewReader(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, maxFrame), "mxyz"...))))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<20 {
		t.Errorf("a length that is not true took %d octets of memory (%v)", took, err)
	}
	if err := writeFrame(bufio.NewWriter(io.Discard), 'd', make([]byte, maxFrame)); err == nil {
		t.Error("a frame that cannot be read is written")
	}
}

func FuzzReadFrame(f *testing.F) {
	for _, m := range []*message{
		{Hello: &hello{Protocol: protocol, Resources: []held{{ID: "r", Data: []alto.Digest{{1}}}}}},
		{Step: &step{Settings: &settings{Access: []byte(`{}`)}, Remove: []string{"a"}}},
		{Ask: &ask{Server: true}},
		{Told: &told{Limited: map[alto.Limit]uint64{1: 2}}},
	} {
		var b bytes.Buffer
		if err := writeMessage(bufio.NewWriter(&b), m); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte{0, 0, 0, 2, 'd', 'x', 0, 0, 0, 1, 'm'})
	f.Fuzz(func(t *testing.T, wire []byte) {
		r := bufio.NewReader(bytes.NewReader(wire))
		for {
			kind, content, err := readFrame(r)
			if err != nil {
				return
			}
			if again := framed(t, kind, content); !bytes.Contains(wire, again) {
				t.Errorf("%q was read as %q", wire, again)
			}
			if m, err := readMessage(content); kind == messageFrame && err == nil {
				if err := writeMessage(bufio.NewWriter(io.Discard), m); err != nil {
					t.Errorf("%q is read and cannot be written: %v", content, err)
				}
			}
		}
	})
}

// TestMessages demands of every member of every message that it comes out as it went in:
// settings, figures and counters among them.
func TestMessages(t *testing.T) {
	for seed := range uint64(10) {
		want := new(message)
		transfertest.Fill(t, want, seed)
		var b bytes.Buffer
		if err := writeMessage(bufio.NewWriter(&b), want); err != nil {
			t.Fatal(err)
		}
		kind, content, err := readFrame(bufio.NewReader(&b))
		if err != nil || kind != messageFrame {
			t.Fatalf("%c: %v", kind, err)
		}
		got, err := readMessage(content)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nbecame %+v", content, got)
		}
	}
	for _, want := range []*message{{Step: new(step)}, {Ask: new(ask)}, {Told: new(told)}} {
		var b bytes.Buffer
		if err := writeMessage(bufio.NewWriter(&b), want); err != nil {
			t.Fatal(err)
		}
		content := b.Bytes()[5:]
		if got, err := readMessage(content); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s became %+v (%v)", content, got, err)
		}
	}
	if _, err := readMessage([]byte("{")); err == nil {
		t.Error("half a message is accepted")
	}
}

// eventually waits up to twenty seconds for what must come to be.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within twenty seconds: %s", what)
		}
	}
}
