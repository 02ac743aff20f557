package restconf

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// patchStatus is what became of a YANG Patch (RFC 8072 Section 2.3): done, or
// nothing of it, because of errors of edits or of the whole.
type patchStatus struct {
	id     string
	global []*rpcerr.Error
	edits  []failedEdit
	code   int // 0 without errors
}

type failedEdit struct {
	id   string
	errs []*rpcerr.Error
}

// refuse notes the errors of an edit. What a delete, move, merge or replace is about
// and does not exist is 404 (RFC 8072 Section 2.2), under the error-tag that RFC 6241
// Section 7.2 gives it.
func (s *patchStatus) refuse(e *tree.Node, err error) {
	errs := rpcerr.All(err)
	if s.code == 0 {
		s.code = status(errs[0])
		op := e.Leaf("operation").String()
		if errs[0].Tag == rpcerr.DataMissing && op != "create" && op != "insert" {
			s.code = http.StatusNotFound
		}
	}
	s.edits = append(s.edits, failedEdit{e.Leaf("edit-id").String(), errs})
}

// took notes the error of the commit, if it is one of the patch and not of the
// request: edits are the patch's, by their place in the sequence.
func (s *patchStatus) took(err error, edits []*tree.Node) bool {
	errs := rpcerr.All(err)
	var step *edit.StepError
	switch {
	case errors.As(errs[0], &step):
		if edits[step.Index] == nil {
			return false
		}
		s.refuse(edits[step.Index], err)
	case errs[0].Reason == rpcerr.Precondition || errs[0].Reason == rpcerr.Internal:
		return false
	default:
		s.global, s.code = errs, status(errs[0])
	}
	return true
}

// sendStatus answers with s.
func (q *request) sendStatus(s *patchStatus) error {
	for _, e := range append([]failedEdit{{errs: s.global}}, s.edits...) {
		for i := range e.errs {
			e.errs[i] = q.present(e.errs[i])
		}
	}
	switch {
	case s.code == 0 && q.outcome != nil:
		return q.made(http.StatusOK)
	case s.code == 0:
		s.code = http.StatusOK
	}
	q.w.Header().Set("Content-Type", q.out.mediaType())
	q.w.WriteHeader(s.code)
	text := s.json()
	if q.out == inXML {
		text = q.statusXML(s)
	}
	if _, err := q.w.Write(text); err != nil {
		q.log.Debug("the client did not take a yang-patch-status", "error", err)
	}
	return nil
}

func (s *patchStatus) json() []byte {
	type editStatus struct {
		ID     string    `json:"edit-id"`
		Errors errorList `json:"errors"`
	}
	type editList struct {
		Edit []editStatus `json:"edit"`
	}
	out := struct {
		ID     string     `json:"patch-id"`
		Errors *errorList `json:"errors,omitempty"`
		OK     []any      `json:"ok,omitempty"`
		Edits  *editList  `json:"edit-status,omitempty"`
	}{ID: s.id}
	switch {
	case len(s.global) > 0:
		list := listErrors(s.global)
		out.Errors = &list
	case len(s.edits) == 0:
		out.OK = []any{nil}
	default:
		out.Edits = &editList{}
		for _, e := range s.edits {
			out.Edits.Edit = append(out.Edits.Edit, editStatus{e.id, listErrors(e.errs)})
		}
	}
	return marshal(map[string]any{patchModule + ":yang-patch-status": out})
}

func (q *request) statusXML(s *patchStatus) []byte {
	var b bytes.Buffer
	namespace := q.patches.Module.Namespace
	b.WriteString(`<yang-patch-status xmlns="` + namespace + `">`)
	element(&b, "patch-id", "", s.id)
	switch {
	case len(s.global) > 0:
		q.errorXML(&b, namespace, s.global)
	case len(s.edits) == 0:
		b.WriteString("<ok/>")
	default:
		b.WriteString("<edit-status>")
		for _, e := range s.edits {
			b.WriteString("<edit>")
			element(&b, "edit-id", "", e.id)
			q.errorXML(&b, namespace, e.errs)
			b.WriteString("</edit>")
		}
		b.WriteString("</edit-status>")
	}
	b.WriteString("</yang-patch-status>\n")
	return b.Bytes()
}
