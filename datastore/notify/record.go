package notify

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// A record holds one event in a file: the length of the payload, the checksum of all
// that follows, number and time (nanoseconds since 1970) of the event, the payload.
// Numbers are little-endian. The payload is a JSON object: see content.
const (
	headerSize = 4 + 4 + 8 + 8
	// maxPayload bounds an event; a longer one is not kept.
	maxPayload = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged tells that bytes are not those of a whole record.
var errDamaged = errors.New("no whole record")

// record is an event as it is stored.
type record struct {
	seq     uint64
	time    time.Time
	payload []byte
}

// size is the length of the record in a file.
func (r *record) size() int64 { return headerSize + int64(len(r.payload)) }

func (r *record) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.payload)))
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, r.seq)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.time.UnixNano()))
	b = append(b, r.payload...)
	binary.LittleEndian.PutUint32(b[at:], crc32.Checksum(b[at+4:], castagnoli))
	return b
}

// parseRecord reads the record at the start of b and returns its length. The payload is
// part of b. The error is errDamaged when b does not start with a whole record.
func parseRecord(b []byte) (r record, n int, err error) {
	if len(b) < headerSize {
		return record{}, 0, errDamaged
	}
	length := binary.LittleEndian.Uint32(b)
	if length > maxPayload || int64(len(b)) < headerSize+int64(length) {
		return record{}, 0, errDamaged
	}
	n = headerSize + int(length)
	if crc32.Checksum(b[8:n], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return record{}, 0, errDamaged
	}
	r.seq = binary.LittleEndian.Uint64(b[8:])
	r.time = time.Unix(0, int64(binary.LittleEndian.Uint64(b[16:]))).UTC()
	r.payload = b[headerSize:n]
	return r, n, nil
}

// content is what the payload of a record holds.
type content struct {
	Stream string          `json:"stream,omitempty"`
	Node   string          `json:"node"`         // path of the notification's schema node
	At     string          `json:"at,omitempty"` // instance-identifier of the data node
	Data   json.RawMessage `json:"data"`         // RFC 7951
}

func encodePayload(e *Event, s *yang.Schema) ([]byte, error) {
	var data bytes.Buffer
	if err := codec.EncodeJSON(&data, e.Tree, codec.EncodeOptions{Schema: s}); err != nil {
		return nil, err
	}
	c := content{Stream: e.Stream, Node: e.Node().Path(), Data: data.Bytes()}
	if len(e.Path) > 0 {
		c.At = e.Path.String()
	}
	payload, err := json.Marshal(c)
	if err == nil && len(payload) > maxPayload {
		err = fmt.Errorf("event %s has %d octets, more than %d", c.Node, len(payload), maxPayload)
	}
	return payload, err
}

// event reads a record. It fails when the schema does not have the notification any
// more, or has another one of that name.
func (r *record) event(s *yang.Schema) (*Event, error) {
	var c content
	if err := json.Unmarshal(r.payload, &c); err != nil {
		return nil, err
	}
	e := &Event{Seq: r.seq, Time: r.time, Stream: c.Stream}
	if c.At != "" {
		var err error
		if e.Path, err = tree.ParsePath(s, c.At); err != nil {
			return nil, err
		}
	}
	node := s.Find(c.Node)
	if node == nil || node.Kind != yang.Notification {
		return nil, fmt.Errorf("the schema has no notification %s", c.Node)
	}
	if len(e.Path) > 0 && e.Path.Schema() != node.DataParent {
		return nil, fmt.Errorf("%s is no notification of %s", c.Node, c.At)
	}
	b := tree.NewBuilder(node)
	if err := codec.DecodeJSON(bytes.NewReader(c.Data), s, node, b, codec.DecodeOptions{}); err != nil {
		return nil, err
	}
	var err error
	e.Tree, err = b.Tree()
	return e, err
}
