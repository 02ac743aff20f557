package restconf

import (
	"io"
	"iter"
	"net/http"
	"strconv"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// sendNodes answers with nodes: in XML one element, in JSON an object with one member.
func (q *request) sendNodes(nodes iter.Seq[*tree.Node], o codec.EncodeOptions) error {
	return q.send(o, func(w io.Writer, o codec.EncodeOptions) error {
		if q.out == inXML {
			return codec.EncodeXMLNodes(w, nodes, o)
		}
		return codec.EncodeJSONNodes(w, nodes, o)
	})
}

// sendTree answers with the top-level nodes of t within a node of that name.
func (q *request) sendTree(m *yang.Module, name string, t *tree.Tree, o codec.EncodeOptions) error {
	return q.send(o, func(w io.Writer, o codec.EncodeOptions) error {
		before, after := `{"`+m.Name+":"+name+`":`, "}"
		encode := codec.EncodeJSON
		if q.out == inXML {
			before, after = "<"+name+declarations(map[string]string{"": m.Namespace})+">", "</"+name+">"
			encode = codec.EncodeXML
		}
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
		if err := encode(w, t, o); err != nil {
			return err
		}
		_, err := io.WriteString(w, after)
		return err
	})
}

// send answers 200 with what encode writes and an end of line. From here on only
// the connection can fail, and that is the client's affair.
func (q *request) send(o codec.EncodeOptions, encode func(io.Writer, codec.EncodeOptions) error) error {
	q.w.Header()["Content-Type"] = contentTypes[q.out]
	return q.write(func(w io.Writer) error {
		o.Schema = q.schema
		if err := encode(w, o); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
}

// spare charges the session for that much memory, where there is so much.
func (q *request) spare(bytes int64) bool { return q.session == nil || q.session.Spare(bytes) }

// write answers 200 with what f writes, HEAD without it.
func (q *request) write(f func(io.Writer) error) error {
	if q.r.Method == http.MethodHead {
		q.w.WriteHeader(http.StatusOK)
		return nil
	}
	a := newAnswer(q.w, q.r.Header, q.spare)
	err := f(a)
	if err2 := a.Close(); err == nil {
		err = err2
	}
	a.release()
	if err != nil {
		q.log.Debug("the client did not take the answer", "error", err)
	}
	return nil
}

// sendBytes answers 200 with a text that is there.
func (q *request) sendBytes(mediaType string, text []byte) error {
	h := q.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	return q.write(func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
