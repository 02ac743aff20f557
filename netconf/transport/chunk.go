package transport

import (
	"bufio"
	"fmt"
	"io"
)

// maxChunk is the greatest chunk-size (RFC 6242 Section 4.2); it has ten digits.
const maxChunk = 4294967295

// chunkBody is a message in chunks up to its end-of-chunks, which it consumes.
type chunkBody struct {
	r    *bufio.Reader
	left int64 // bytes of the current chunk
}

func (b *chunkBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		size, err := readChunkHeader(b.r)
		if err != nil {
			return 0, unexpected(err)
		}
		if size == 0 {
			return 0, io.EOF
		}
		b.left = size
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, unexpected(err)
}

// readChunkHeader reads the beginning of a chunk and returns its size, or an
// end-of-chunks and returns 0. The error is io.EOF only when r ends before the
// first byte.
func readChunkHeader(r *bufio.Reader) (int64, error) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	if b != '\n' {
		return 0, fmt.Errorf("%w: %q where a line feed must start a chunk", ErrBadChunk, b)
	}
	return readChunkSize(r)
}

// readChunkSize reads what follows the first line feed of a chunk header.
func readChunkSize(r *bufio.Reader) (int64, error) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, unexpected(err)
	}
	if b != '#' {
		return 0, fmt.Errorf("%w: %q instead of '#' after the line feed", ErrBadChunk, b)
	}
	if b, err = r.ReadByte(); err != nil {
		return 0, unexpected(err)
	}
	if b == '#' {
		return 0, readLineFeed(r)
	}
	if b < '1' || b > '9' {
		return 0, fmt.Errorf("%w: chunk-size starts with %q, not with a digit from 1 to 9", ErrBadChunk, b)
	}
	size := int64(b - '0')
	for {
		if b, err = r.ReadByte(); err != nil {
			return 0, unexpected(err)
		}
		if b == '\n' {
			return size, nil
		}
		if b < '0' || b > '9' {
			return 0, fmt.Errorf("%w: %q in chunk-size", ErrBadChunk, b)
		}
		if size = size*10 + int64(b-'0'); size > maxChunk {
			return 0, fmt.Errorf("%w: chunk-size is greater than %d", ErrBadChunk, int64(maxChunk))
		}
	}
}

// readLineFeed reads the line feed that ends an end-of-chunks.
func readLineFeed(r *bufio.Reader) error {
	b, err := r.ReadByte()
	if err != nil {
		return unexpected(err)
	}
	if b != '\n' {
		return fmt.Errorf("%w: %q after \"##\", not a line feed", ErrBadChunk, b)
	}
	return nil
}
