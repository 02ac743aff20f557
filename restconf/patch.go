package restconf

import (
	"mime"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// patchModule is the module of YANG Patch (RFC 8072 Section 3).
const patchModule = "ietf-yang-patch"

// yangPatchTypes are the media types of a YANG Patch, in the order of the encodings.
var yangPatchTypes = []string{"application/yang-patch+json", "application/yang-patch+xml"}

// patchTypes are the media types that PATCH takes (RFC 8040 Section 4.1): those of
// YANG Patch where its module is implemented.
func (s *Server) patchTypes() []string {
	if s.patches == nil {
		return mediaTypes
	}
	return slices.Concat(mediaTypes, yangPatchTypes)
}

// patch answers PATCH with a plain patch or a YANG Patch, as the Content-Type says.
func (q *request) patch() error {
	typ, _, _ := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	isPatch := q.patches != nil && slices.Contains(yangPatchTypes, typ)
	if q.r.ContentLength != 0 || isPatch {
		if _, err := contentType(q.r.Header, q.patchTypes()); err != nil {
			q.w.Header().Set("Accept-Patch", strings.Join(q.patchTypes(), ", "))
			return err
		}
	}
	if isPatch {
		return q.yangPatch(encoding(slices.Index(yangPatchTypes, typ)))
	}
	return q.plainPatch()
}

// yangPatch makes all edits of a YANG Patch, in their order, one commit, or none of
// them (RFC 8072 Section 2). What is no YANG Patch is refused as any body is; from
// there on the answer is a yang-patch-status.
func (q *request) yangPatch(enc encoding) error {
	p, err := q.readPatch(enc)
	if err != nil {
		return err
	}
	status := patchStatus{id: p.Leaf("patch-id").String()}
	target, err := q.exists()
	if err != nil {
		return err
	}
	steps, edits := []*edit.Edit{target}, []patchEdit(nil)
	for e := range p.Entries(p.Schema().Child(patchModule, "edit")) {
		x, step, err := q.patchEdit(e)
		if err != nil {
			status.refuse(x, err)
		}
		steps, edits = append(steps, step), append(edits, x)
	}
	if len(status.edits) == 0 {
		if err := q.commitPatch(p, edit.Sequence(steps...)); err != nil && !status.took(q.schema, err, edits) {
			return err
		}
	}
	return q.sendStatus(&status)
}

// exists is the edit that changes nothing and is possible where the resource exists.
func (q *request) exists() (*edit.Edit, error) {
	if len(q.res.path) == 0 {
		return &edit.Edit{}, nil
	}
	e, err := edit.At(q.res.path, edit.None, nil, nil)
	if err == nil {
		e.Resource = true
	}
	return e, err
}

// readPatch reads the body: the node yang-patch, valid by its schema.
func (q *request) readPatch(enc encoding) (*tree.Node, error) {
	b := q.newBody()
	defer b.release()
	if b.empty() {
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "a message body is needed: a YANG Patch")
	}
	t, err := q.decode(b, enc, q.patches, tree.NewBuilder(q.patches), nil, codec.DecodeOptions{})
	if err != nil {
		return nil, err
	}
	if errs := q.store.Validator().Input(q.r.Context(), q.patches, t, nil); len(errs) > 0 {
		return nil, malformedPatch(errs)
	}
	return t.Root().Child(q.patches.Child(patchModule, "yang-patch")), nil
}

// malformedPatch makes what the validator finds in a patch errors of the message:
// there is no datastore yet that it could conflict with.
func malformedPatch(errs []*rpcerr.Error) error {
	out := make([]*rpcerr.Error, len(errs))
	for i, e := range errs {
		c := *e
		if c.Type = rpcerr.Protocol; c.Tag == rpcerr.DataMissing {
			c.Tag = rpcerr.MissingElement
		}
		out[i] = &c
	}
	return rpcerr.Join(out)
}

// patchEdit is an entry of the list edit as it was read.
type patchEdit struct {
	id, operation string
	target        tree.Path
	value         *tree.Tree // below the parent of target; nil for none
}

// patchEdit reads an entry of the list edit and the edit of data that it stands for
// (RFC 8072 Section 2.5). With an error it has the edit-id and operation at least.
func (q *request) patchEdit(e *tree.Node) (x patchEdit, step *edit.Edit, err error) {
	x = patchEdit{id: e.Leaf("edit-id").String(), operation: e.Leaf("operation").String()}
	if x.target, err = q.offset("target", e.Leaf("target").String()); err != nil {
		return x, nil, err
	}
	if several(x.target) {
		return x, nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "target is more than one resource: name one entry as %s", keyForm(x.target.Schema())).At(x.target.String())
	}
	var at *edit.Insert
	if x.operation == "insert" || x.operation == "move" {
		if at, err = q.patchPlace(e); err != nil {
			return x, nil, err
		}
	}
	if x.operation == "move" {
		step, err = edit.Move(x.target, *at)
		return x, step, err
	}
	do, known := edit.ParseOp(x.operation)
	if !known { // insert
		do = edit.Create
	}
	if do != edit.Delete && do != edit.Remove {
		if x.value, err = q.patchValue(e, x.target); err != nil {
			return x, nil, err
		}
	}
	step, err = edit.At(x.target, do, x.value, at)
	return x, step, err
}

// offset is the data resource that a target-resource-offset leads to (RFC 8072
// Section 2.4): "/" is the resource of the request, unless that is the datastore.
func (q *request) offset(leaf, text string) (tree.Path, error) {
	if text == "/" {
		text = ""
	}
	path, action, err := parsePathBelow(q.schema, q.res.path, text)
	switch {
	case err != nil:
		e := rpcerr.All(err)[0].WithReason(rpcerr.None)
		e.Message = leaf + ": " + strings.TrimPrefix(e.Message, "path of the URI: ")
		return nil, e
	case action != nil:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "%s: %s is an action", leaf, action.Name)
	case len(path) == 0:
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "%s: a YANG Patch edits data resources, not the datastore itself", leaf)
	}
	return path, nil
}

// patchPlace reads where and point.
func (q *request) patchPlace(e *tree.Node) (*edit.Insert, error) {
	at := &edit.Insert{Where: tree.Last}
	where := e.Leaf("where").String()
	i := slices.Index([]string{"last", "first", "before", "after"}, where)
	if i >= 0 {
		at.Where = []tree.Where{tree.Last, tree.First, tree.Before, tree.After}[i]
	}
	if i < 2 {
		return at, nil
	}
	point := e.Leaf("point")
	if point.IsZero() {
		return nil, missing("point", "where=%s needs a point", where)
	}
	var err error
	at.Point, err = q.offset("point", point.String())
	return at, err
}

// patchValue reads the value of an edit of the resource at path.
func (q *request) patchValue(e *tree.Node, path tree.Path) (*tree.Tree, error) {
	value := e.Child(e.Schema().Child(patchModule, "value"))
	if value == nil {
		return nil, missing("value", "the operation needs a value")
	}
	parent := path.Schema().DataParent
	b := tree.NewBuilder(parent)
	b.At, b.Target = path.Parent(), path[len(path)-1]
	o := codec.DecodeOptions{ConfigOnly: true, At: b.At}
	if err := codec.DecodeAny(value.Any(), q.schema, parent, plain{q.session.Sink(q.r.Context(), b)}, o); err != nil {
		return nil, err
	}
	return b.Tree()
}

func missing(leaf, format string, args ...any) error {
	e := rpcerr.NewProtocol(rpcerr.MissingElement, format, args...)
	e.Info = []rpcerr.Info{{Name: "bad-element", Value: leaf}}
	return e
}

// longestComment is how long the history lets the comment of a patch be, in bytes.
const longestComment = 1024

// commitPatch makes e one commit. The history keeps the patch-id, with the comment
// of the patch, unless the request has a comment of its own.
func (q *request) commitPatch(p *tree.Node, e *edit.Edit) error {
	o, err := q.remark()
	if err != nil {
		return err
	}
	if o.Comment == "" {
		o.Comment = p.Leaf("patch-id").String()
		if text := p.Leaf("comment").String(); text != "" {
			o.Comment += ": " + text
		}
		o.Comment = shorten(o.Comment, longestComment)
	}
	_, err = q.commit(e, q.res.path, o)
	return err
}
