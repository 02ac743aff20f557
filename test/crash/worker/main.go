// Command worker commits random edits to the store that it is given until it is
// killed, and writes a line with number and fingerprint for each commit that was
// acknowledged: worker FILE SEED.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/test/crash"
	"github.com/altoam/altoam/yang"
)

func main() {
	fmt.Fprintln(os.Stderr, "worker:", work(os.Args[1], os.Args[2]))
	os.Exit(1)
}

func work(path, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	schema, err := crash.Schema()
	if err != nil {
		return err
	}
	backend, err := bolt.Open(path)
	if err != nil {
		return err
	}
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend})
	if err != nil {
		return err
	}
	if err := s.Start(context.Background(), nil); err != nil {
		return err
	}
	failed := make(chan error)
	for i := range uint64(crash.Writers) {
		w := &writer{
			rand: rand.New(rand.NewPCG(n, i)), schema: schema, name: fmt.Sprintf("%d.%d", n, i),
			session: s.NewSession(datastore.User{Name: "worker"}, datastore.Source{}),
		}
		go func() { failed <- w.run() }()
	}
	return <-failed
}

// writer commits one edit after the other.
type writer struct {
	rand    *rand.Rand
	schema  *yang.Schema
	session *datastore.Session
	name    string
	count   int
}

func (w *writer) run() error {
	for {
		e, err := w.edit()
		if err != nil {
			return err
		}
		var left *datastore.Snapshot
		err = w.session.Edit(context.Background(), datastore.Running, e, datastore.EditOptions{
			After: func(at *datastore.Snapshot) { left = at },
		})
		if err != nil {
			return err
		}
		print, err := crash.Fingerprint(left.Tree)
		if err != nil {
			return err
		}
		fmt.Printf("%d %s\n", left.Head.Revision, print)
	}
}

// edit is a random edit that always changes something.
func (w *writer) edit() (*edit.Edit, error) {
	w.count++
	var t strings.Builder
	t.WriteString(`<c xmlns:n="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:y="urn:ietf:params:xml:ns:yang:1"><top xmlns="urn:shop">`)
	text := ""
	if w.rand.IntN(20) == 0 {
		text = strings.Repeat("long ", w.rand.IntN(8000))
	}
	fmt.Fprintf(&t, "<name>%s %d %s</name>", w.name, w.count, text)
	for range 1 + w.rand.IntN(4) {
		w.change(&t)
	}
	t.WriteString(`</top></c>`)
	x := codec.NewXMLReader(strings.NewReader(t.String()), codec.XMLLimits{})
	if _, err := x.Next(); err != nil {
		return nil, err
	}
	b := edit.NewBuilder(w.schema.Root, edit.Merge)
	if err := codec.DecodeXML(x, w.schema, w.schema.Root, b, codec.DecodeOptions{}); err != nil {
		return nil, err
	}
	return b.Edit()
}

func (w *writer) change(t *strings.Builder) {
	insert := []string{"first", "last"}[w.rand.IntN(2)]
	n := w.rand.IntN(12)
	switch w.rand.IntN(7) {
	case 0:
		fmt.Fprintf(t, `<item n:operation="remove"><id>i%d</id></item>`, n)
	case 1:
		fmt.Fprintf(t, `<step n:operation="remove"><n>s%d</n></step>`, n)
	case 2:
		fmt.Fprintf(t, `<tag y:insert="%s">t%d</tag>`, insert, n)
	case 3:
		fmt.Fprintf(t, `<item><id>i%d</id><price>%d.25</price></item>`, n, w.count)
	case 4:
		fmt.Fprintf(t, `<item><id>i%d</id><part y:insert="%s"><a>p</a><b>%d</b><c>c%d</c></part></item>`, n, insert, w.rand.IntN(5), w.count)
	default:
		fmt.Fprintf(t, `<step y:insert="%s"><n>s%d</n><note>%d</note></step>`, insert, n, w.count)
	}
}
