package notify

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Event is one event record. It is immutable once it was published and shared by all
// subscribers.
type Event struct {
	// Seq numbers the events of all streams in the order they were published, rising
	// across restarts; numbers may be left out. 0 for the marks of a subscription.
	Seq  uint64
	Time time.Time
	// Stream is the stream besides NETCONF that the event is part of, "" for none.
	Stream string
	// Path leads to the data node that the notification belongs to (RFC 7950 Section
	// 7.16), empty for a top-level one. Its entries have keys.
	Path tree.Path
	// Tree has the Notification schema node as its root.
	Tree *tree.Tree
}

// Node is the notification's schema node.
func (e *Event) Node() *yang.Node { return e.Tree.Schema() }

// WriteXML writes the element of the notification, within those of Path, as it stands
// in <notification> (RFC 7950 Section 7.16.2).
func (e *Event) WriteXML(w io.Writer, s *yang.Schema) error {
	o := codec.EncodeOptions{Schema: s}
	for i, st := range e.Path {
		fmt.Fprintf(w, "<%s", st.Schema.Name)
		if i == 0 || st.Schema.Module != e.Path[i-1].Schema.Module {
			fmt.Fprintf(w, " xmlns=%q", st.Schema.Module.Namespace)
		}
		io.WriteString(w, ">")
		if err := codec.EncodeXMLNodes(w, keys(st), o); err != nil {
			return err
		}
	}
	err := codec.EncodeXMLNodes(w, func(yield func(*tree.Node) bool) { yield(e.Tree.Root()) }, o)
	for i := len(e.Path) - 1; i >= 0; i-- {
		fmt.Fprintf(w, "</%s>", e.Path[i].Schema.Name)
	}
	return err
}

// WriteJSON writes the member of the notification, name and value, within those of
// Path, as it stands in the object "ietf-restconf:notification" (RFC 8040 Section 6.4).
func (e *Event) WriteJSON(w io.Writer, s *yang.Schema) error {
	o := codec.EncodeOptions{Schema: s}
	var module *yang.Module
	var closing []byte
	for _, st := range e.Path {
		member(w, st.Schema, module)
		module = st.Schema.Module
		if st.Schema.Kind == yang.List {
			io.WriteString(w, "[")
			closing = append([]byte("]"), closing...)
		}
		io.WriteString(w, "{")
		closing = append([]byte("}"), closing...)
		if err := jsonKeys(w, st, o); err != nil {
			return err
		}
	}
	member(w, e.Node(), module)
	if err := codec.EncodeJSON(w, e.Tree, o); err != nil {
		return err
	}
	_, err := w.Write(closing)
	return err
}

// member writes the name of s as a member of an object of module.
func member(w io.Writer, s *yang.Node, module *yang.Module) {
	if s.Module != module {
		fmt.Fprintf(w, `"%s:%s":`, s.Module.Name, s.Name)
		return
	}
	fmt.Fprintf(w, `"%s":`, s.Name)
}

// jsonKeys writes the keys of the entry st leads to, each with a comma behind it.
func jsonKeys(w io.Writer, st tree.Step, o codec.EncodeOptions) error {
	if len(st.Keys) == 0 {
		return nil
	}
	m := tree.New(st.Schema).Mutate()
	for n := range keys(st) {
		m.Put(n, tree.Position{})
	}
	var b bytes.Buffer
	if err := codec.EncodeJSON(&b, m.Done(), o); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s,", b.Bytes()[1:b.Len()-1])
	return err
}

// keys are the key leafs of the entry st leads to.
func keys(st tree.Step) func(yield func(*tree.Node) bool) {
	return func(yield func(*tree.Node) bool) {
		for i, v := range st.Keys {
			if !yield(tree.NewLeaf(st.Schema.Keys[i], v)) {
				return
			}
		}
	}
}
