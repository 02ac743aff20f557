package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// The layout of a bbolt file: pages of a header with id, flags, count and overflow,
// then elements, then keys and values; two meta pages take turns. All numbers are in
// the machine's byte order.
const (
	pageHeader  = 16
	elementSize = 16
	bucketSize  = 16 // root page and sequence, before an inline page
	metaSize    = 64

	branchFlag   = 0x01
	leafFlag     = 0x02
	metaFlag     = 0x04
	freelistFlag = 0x10
	bucketFlag   = 0x01 // of a leaf element

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	maxKey      = 32768
	noFreelist  = ^uint64(0)
)

var num = binary.NativeEndian

// meta is one of the two meta pages.
type meta struct {
	pageSize                      int64
	root, freelist, highest, txid uint64 // highest is the number of pages in use
}

// readMeta reads meta page 0 or 1 at the offset.
func readMeta(f io.ReaderAt, at int64, slot uint64) (meta, error) {
	var b [pageHeader + metaSize]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return meta{}, err
	}
	m := b[pageHeader:]
	h := fnv.New64a()
	h.Write(m[:metaSize-8])
	switch {
	case num.Uint32(m) != metaMagic || num.Uint32(m[4:]) != metaVersion || num.Uint16(b[8:]) != metaFlag:
		return meta{}, errors.New("it is none of ours")
	case num.Uint64(m[metaSize-8:]) != h.Sum64():
		return meta{}, errDamaged
	case num.Uint64(b[:]) != slot || num.Uint64(m[48:])%2 != slot:
		return meta{}, errors.New("it is the other one")
	}
	return meta{int64(num.Uint32(m[8:])), num.Uint64(m[16:]), num.Uint64(m[32:]), num.Uint64(m[40:]), num.Uint64(m[48:])}, nil
}

// readMetas reads both and returns the newer one that is whole, with an error when
// one is not: bbolt would silently go back to the commit before.
func readMetas(f io.ReaderAt, size int64) (meta, error) {
	first, err0 := readMeta(f, 0, 0)
	pageSize := first.pageSize
	if err0 != nil {
		pageSize = 4096
	}
	second, err1 := readMeta(f, pageSize, 1)
	for p := int64(1024); err0 != nil && err1 != nil && p <= 1<<16 && p < size; p *= 2 {
		second, err1 = readMeta(f, p, 1)
	}
	newest := first
	switch {
	case err0 != nil && err1 != nil:
		return meta{}, fmt.Errorf("neither of its two heads can be read, or it is a file of another program: %w", err0)
	case err0 != nil:
		return second, fmt.Errorf("one of its two heads, perhaps the newer: %w", err0)
	case err1 != nil:
		return first, fmt.Errorf("one of its two heads, perhaps the newer: %w", err1)
	case second.txid == first.txid+1:
		newest = second
	case first.txid != second.txid+1:
		return newest, errors.New("its two heads do not follow each other")
	}
	if newest.pageSize < 512 || newest.pageSize > 1<<20 {
		return meta{}, fmt.Errorf("its pages of %d bytes are not possible", newest.pageSize)
	}
	return newest, nil
}

// pages walks the pages of a file without trusting them. It never reads outside the
// file and comes to each page once, whatever is in it.
type pages struct {
	file     io.ReaderAt
	meta     meta
	used     []bool // by page
	problems []error
	// leaf gets what the leaves hold, in order.
	leaf func(bucket string, key []byte, value func() []byte)
}

// walk visits everything that is in use. What is wrong is in problems afterwards.
func walk(f io.ReaderAt, size int64, leaf func(bucket string, key []byte, value func() []byte)) *pages {
	p := &pages{file: f, leaf: leaf}
	m, err := readMetas(f, size)
	if err != nil {
		p.problem(err)
		if m.pageSize == 0 {
			return p
		}
	}
	if end := m.pageSize * int64(m.highest); m.highest > 1<<40 || end > size {
		p.problem(fmt.Errorf("it is cut short: %d bytes of %d are left", size, end))
		m.highest = uint64(size / m.pageSize)
	}
	p.meta = m
	p.used = make([]bool, m.highest)
	p.tree("", m.root, nil, nil)
	p.freelist()
	return p
}

func (p *pages) problem(err error) { p.problems = append(p.problems, err) }

func (p *pages) problemAt(id uint64, format string, args ...any) {
	p.problem(fmt.Errorf("page %d: %w", id, fmt.Errorf(format, args...)))
}

// page is one page: its first bytes, and what is behind them in the file.
type page struct {
	file     io.ReaderAt
	id       uint64
	at, size int64
	head     []byte
	flags    uint16
	count    int
}

// open reads a page and notes that it is used; nil when it cannot be.
func (p *pages) open(id uint64) *page {
	if id < 2 || id >= uint64(len(p.used)) {
		p.problemAt(id, "there is no such page")
		return nil
	}
	g := &page{file: p.file, id: id, at: int64(id) * p.meta.pageSize, head: make([]byte, p.meta.pageSize)}
	if _, err := p.file.ReadAt(g.head, g.at); err != nil {
		p.problemAt(id, "%w", err)
		return nil
	}
	overflow := uint64(num.Uint32(g.head[12:]))
	g.flags, g.count = num.Uint16(g.head[8:]), int(num.Uint16(g.head[10:]))
	g.size = int64(overflow+1) * p.meta.pageSize
	if num.Uint64(g.head) != id || id+overflow >= uint64(len(p.used)) {
		p.problemAt(id, "its header is damaged")
		return nil
	}
	for i := id; i <= id+overflow; i++ {
		if p.used[i] {
			p.problemAt(i, "it is used twice")
			return nil
		}
		p.used[i] = true
	}
	return g
}

// bytes returns n bytes of the page, nil when it does not have them.
func (g *page) bytes(at, n int64) []byte {
	if at < 0 || n < 0 || at+n > g.size {
		return nil
	}
	if at+n <= int64(len(g.head)) {
		return g.head[at : at+n]
	}
	b := make([]byte, n)
	if _, err := g.file.ReadAt(b, g.at+at); err != nil {
		return nil
	}
	return b
}

// tree visits the page and those below it, which belong to the bucket. Keys are at
// least low, and below high where that is not nil.
func (p *pages) tree(bucket string, id uint64, low, high []byte) {
	g := p.open(id)
	switch {
	case g == nil:
	case g.flags == branchFlag && g.count > 0:
		p.branch(bucket, g, low, high)
	case g.flags == leafFlag:
		p.leaves(bucket, g, low, high)
	default:
		p.problemAt(id, "it is neither a branch nor a leaf")
	}
}

func (p *pages) branch(bucket string, g *page, low, high []byte) {
	type child struct {
		key []byte
		id  uint64
	}
	children := make([]child, 0, g.count)
	last := low
	for i := range int64(g.count) {
		at := pageHeader + i*elementSize
		e := g.bytes(at, elementSize)
		var key []byte
		if e != nil {
			key = g.key(at+int64(num.Uint32(e)), int64(num.Uint32(e[4:])))
		}
		if key == nil || i > 0 && bytes.Compare(last, key) >= 0 || i == 0 && bytes.Compare(last, key) > 0 ||
			high != nil && bytes.Compare(key, high) >= 0 {
			p.problemAt(g.id, "its element %d is damaged", i)
			continue
		}
		last = key
		children = append(children, child{key, num.Uint64(e[8:])})
	}
	for i, c := range children {
		end := high
		if i+1 < len(children) {
			end = children[i+1].key
		}
		p.tree(bucket, c.id, c.key, end)
	}
}

// key is a key of the page, nil when it cannot be one.
func (g *page) key(at, n int64) []byte {
	if n == 0 || n > maxKey {
		return nil
	}
	return g.bytes(at, n)
}

// leaves visits the elements of a leaf: buckets at the top, keys and values in them.
func (p *pages) leaves(bucket string, g *page, low, high []byte) {
	last := low
	for i := range int64(g.count) {
		at := pageHeader + i*elementSize
		e := g.bytes(at, elementSize)
		if e == nil {
			p.problemAt(g.id, "it is too short for its elements")
			return
		}
		pos, ksize, vsize := at+int64(num.Uint32(e[4:])), int64(num.Uint32(e[8:])), int64(num.Uint32(e[12:]))
		key := g.key(pos, ksize)
		isBucket := num.Uint32(e) == bucketFlag
		if key == nil || pos+ksize+vsize > g.size || isBucket != (bucket == "") || !isBucket && num.Uint32(e) != 0 ||
			last != nil && (bytes.Compare(last, key) > 0 || i > 0 && bytes.Equal(last, key)) ||
			high != nil && bytes.Compare(key, high) >= 0 {
			p.problemAt(g.id, "its element %d is damaged", i)
			continue
		}
		last = key
		if isBucket {
			p.bucket(string(key), g, pos+ksize, vsize)
		} else if p.leaf != nil {
			p.leaf(bucket, key, func() []byte { return g.bytes(pos+ksize, vsize) })
		}
	}
}

// bucket visits the bucket at the offset of a leaf, which is in line when small.
func (p *pages) bucket(name string, g *page, at, size int64) {
	b := g.bytes(at, size)
	if len(b) < bucketSize {
		p.problemAt(g.id, "the bucket %q is damaged", name)
		return
	}
	if root := num.Uint64(b); root != 0 {
		p.tree(name, root, nil, nil)
		return
	}
	b = b[bucketSize:]
	if len(b) < pageHeader || num.Uint16(b[8:]) != leafFlag {
		p.problemAt(g.id, "the bucket %q is damaged", name)
		return
	}
	p.leaves(name, &page{id: g.id, size: int64(len(b)), head: b, count: int(num.Uint16(b[10:]))}, nil, nil)
}

// freelist checks that no page is both free and used: it would be written over.
func (p *pages) freelist() {
	if p.meta.freelist == noFreelist {
		return
	}
	g := p.open(p.meta.freelist)
	if g == nil {
		return
	}
	if g.flags != freelistFlag {
		p.problemAt(g.id, "it is not the list of free pages")
		return
	}
	at, count := int64(pageHeader), int64(g.count)
	if count == 0xFFFF {
		if b := g.bytes(at, 8); b != nil {
			count = int64(num.Uint64(b))
		}
		at += 8
	}
	if count < 0 || count > int64(len(p.used)) {
		p.problemAt(g.id, "it lists more pages than there are")
		return
	}
	ids := g.bytes(at, 8*count)
	if ids == nil {
		p.problemAt(g.id, "it is too short for its list of free pages")
		return
	}
	for ; len(ids) > 0; ids = ids[8:] {
		id := num.Uint64(ids)
		if id < 2 || id >= uint64(len(p.used)) || p.used[id] {
			p.problemAt(id, "it is listed as free but used, or listed twice")
			continue
		}
		p.used[id] = true
	}
}
