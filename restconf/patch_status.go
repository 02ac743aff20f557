package restconf

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// patchStatus is what became of a YANG Patch (RFC 8072 Section 2.3): done, or
// nothing of it, because of errors of edits, of the whole, or both.
type patchStatus struct {
	id     string
	global []*rpcerr.Error
	edits  []failedEdit // mostFailed at most
	more   bool         // other edits have errors too
	code   int          // 0 without errors
}

// mostFailed is how many edits' errors are told.
const mostFailed = 1000

type failedEdit struct {
	id   string
	errs []*rpcerr.Error
}

// refuse notes the errors of an edit. What a delete, move, merge or replace is about
// and does not exist is 404 (RFC 8072 Section 2.2), under the error-tag that RFC 6241
// Section 7.2 gives it.
func (s *patchStatus) refuse(e patchEdit, err error) {
	errs := rpcerr.All(err)
	if s.code == 0 {
		s.code = status(errs[0])
		if errs[0].Tag == rpcerr.DataMissing && e.operation != "create" && e.operation != "insert" {
			s.code = http.StatusNotFound
		}
	}
	if len(s.edits) < mostFailed {
		s.edits = append(s.edits, failedEdit{e.id, errs})
	} else if !s.more {
		s.more = true
		s.global = append(s.global, rpcerr.NewProtocol(rpcerr.TooBig, "more edits have errors than the %d that are told", mostFailed))
	}
}

// took notes the error of the commit of edits, if it is one of the patch and not of
// the request.
func (s *patchStatus) took(schema *yang.Schema, err error, edits []patchEdit) bool {
	errs := rpcerr.All(err)
	var step *edit.StepError
	switch {
	case errors.As(errs[0], &step):
		if step.Index == 0 { // exists
			return false
		}
		s.refuse(edits[step.Index-1], err)
	case errs[0].Reason == rpcerr.Precondition || errs[0].Reason == rpcerr.Internal || busyOf(err) != nil:
		return false
	default:
		s.code = status(errs[0])
		s.blame(schema, errs, edits)
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

func (s *patchStatus) ok() bool { return len(s.global) == 0 && len(s.edits) == 0 }

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
	if len(s.global) > 0 {
		list := listErrors(s.global)
		out.Errors = &list
	}
	if s.ok() {
		out.OK = []any{nil}
	}
	if len(s.edits) > 0 {
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
	if len(s.global) > 0 {
		q.errorXML(&b, namespace, s.global)
	}
	if s.ok() {
		b.WriteString("<ok/>")
	}
	if len(s.edits) > 0 {
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
