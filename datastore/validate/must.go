package validate

import (
	"errors"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// must is a compiled must statement.
type must struct {
	program *xpath.Program
	source  *yang.Must
	index   int // among those of the node
}

func (v *Validator) compileMusts(s *yang.Node) ([]must, error) {
	var out []must
	var errs []error
	for _, m := range s.Musts {
		p, err := v.model.Compile(m.XPath, s)
		if err != nil {
			errs = append(errs, located(s, "must", err))
			continue
		}
		out = append(out, must{p, m, len(out)})
	}
	return out, errors.Join(errs...)
}

// musts evaluates must statements at their context node (RFC 7950 Section 7.5.3).
func (w *walk) musts(c *xpath.Cursor, l []must) {
	for _, m := range l {
		ok, err := m.program.Bool(w.env, c)
		switch {
		case err != nil:
			w.fail(position{at: c, phase: phaseMust, index: m.index}, err)
		case !ok:
			w.report(position{at: c, phase: phaseMust, index: m.index}, m.violation(c))
		}
	}
}

// violation carries the statement's own error-message and error-app-tag where it
// has them (RFC 7950 Section 7.5.4).
func (m must) violation(c *xpath.Cursor) *rpcerr.Error {
	e := rpcerr.New(rpcerr.OperationFailed, c.Path().String(), "%s must satisfy %q", describe(c), m.source.XPath.Text)
	if m.source.Message != "" {
		e.Message = m.source.Message
	}
	e.AppTag = rpcerr.AppMust
	if m.source.AppTag != "" {
		e.AppTag = m.source.AppTag
	}
	return e
}
