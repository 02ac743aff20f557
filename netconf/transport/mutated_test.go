package transport

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestMutatedFrames reads streams of correct frames of which something was changed,
// with the checks of FuzzFramer. ALTOAM_FRAMES sets the number of frames.
func TestMutatedFrames(t *testing.T) {
	number := 60_000
	if n, err := strconv.Atoi(os.Getenv("ALTOAM_FRAMES")); err == nil {
		number = n
	}
	r := rand.New(rand.NewPCG(6242, 1))
	for number > 0 {
		switchAfter, frames := r.IntN(3), 1+r.IntN(6)
		wire := framesOf(r, switchAfter, frames)
		for range r.IntN(4) {
			wire = mutate(r, wire)
		}
		checkStream(t, wire, switchAfter)
		if t.Failed() {
			t.Fatalf("stream %q, chunked after %d", wire, switchAfter)
		}
		number -= frames
	}
}

// framesOf are messages, the first ones in end-of-message framing.
func framesOf(r *rand.Rand, eom, frames int) []byte {
	var b bytes.Buffer
	for i := range frames {
		text := strings.Repeat("<rpc>]]>\n##\n", 1+r.IntN(5))
		if i < eom {
			b.WriteString(text + "]]>]]>")
			continue
		}
		for text != "" {
			n := 1 + r.IntN(len(text))
			fmt.Fprintf(&b, "\n#%d\n%s", n, text[:n])
			text = text[n:]
		}
		b.WriteString("\n##\n")
	}
	return b.Bytes()
}

// mutate changes an octet, or cuts, moves or doubles a part.
func mutate(r *rand.Rand, wire []byte) []byte {
	if len(wire) == 0 {
		return wire
	}
	const telling = "\n#0123456789]>\x00\xff\r "
	i, j := r.IntN(len(wire)), r.IntN(len(wire))
	i, j = min(i, j), max(i, j)
	switch r.IntN(5) {
	case 0:
		wire[i] = telling[r.IntN(len(telling))]
	case 1:
		wire = append(wire[:i:i], wire[j:]...)
	case 2:
		wire = append(wire[:j:j], wire[i:]...)
	case 3:
		wire = append(append(wire[:i:i], telling[r.IntN(len(telling))]), wire[i:]...)
	case 4:
		wire = wire[:j]
	}
	return wire
}
