package southbound

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
)

// A frame is four octets with the length of what follows, big-endian, one octet with the
// kind, and the content.
const (
	messageFrame = 'm' // a message, JSON
	dataFrame    = 'd' // what alto.EncodeData made, for the step that follows
	pushFrame    = 'p' // what the server hands over without being asked
)

// maxFrame bounds the length of a frame: twenty times the largest map that is known of.
const maxFrame = 1 << 30

// writeFrame writes a frame; the caller flushes.
func writeFrame(w *bufio.Writer, kind byte, content []byte) error {
	if len(content) >= maxFrame {
		return fmt.Errorf("a frame of %d octets is too long", len(content))
	}
	var head [5]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(content)+1))
	head[4] = kind
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// readFrame reads a frame. The content is read as it comes, so that a length that is not
// true takes no memory. io.EOF tells that there is no further frame.
func readFrame(r *bufio.Reader) (kind byte, content []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:4]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:4])
	if n == 0 || n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d octets is not one", n)
	}
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, noEOF(err)
	}
	const atOnce = 64 << 10
	for rest := int(n) - 1; rest > 0; {
		start := len(content)
		content = append(content, make([]byte, min(rest, max(atOnce, start)))...)
		read, err := io.ReadFull(r, content[start:])
		if err != nil {
			return 0, nil, noEOF(err)
		}
		rest -= read
	}
	return kind, content, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeMessage writes a message as a frame and flushes.
func writeMessage(w *bufio.Writer, m *message) error {
	text, err := json.Marshal(m, messageOptions)
	if err != nil {
		return err
	}
	if err := writeFrame(w, messageFrame, text); err != nil {
		return err
	}
	return w.Flush()
}

// readMessage reads the content of a frame.
func readMessage(content []byte) (*message, error) {
	m := new(message)
	if err := json.Unmarshal(content, m, messageOptions); err != nil {
		return nil, fmt.Errorf("a message that cannot be read: %w", err)
	}
	return m, nil
}
