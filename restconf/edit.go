package restconf

import (
	"context"
	"net/http"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
)

// edit makes e one change of the datastore, a commit where that is running, if the
// request's preconditions hold, and tells whether the node at path existed before. It
// sets ETag and Last-Modified of that node, where it is there afterwards, and
// Altoam-Commit where the user may read the history. A client that goes away stops a dry run and nothing else.
func (q *request) edit(e *edit.Edit, path tree.Path) (existed bool, err error) {
	o, err := q.remark()
	if err != nil {
		return false, err
	}
	return q.commit(e, path, o)
}

// commit is edit with the options o.
func (q *request) commit(e *edit.Edit, path tree.Path, o datastore.EditOptions) (existed bool, err error) {
	operation := "edit-config"
	if q.r.Method == http.MethodPut && len(q.res.path) == 0 {
		operation = "copy-config"
	}
	if err := q.permits(netconfModule, operation); err != nil {
		return false, err
	}
	to := q.res.view.edits()
	if q.outcome, err = q.dryRun(); err != nil {
		return false, err
	}
	ctx := context.WithoutCancel(q.r.Context())
	if q.outcome != nil {
		ctx = q.r.Context()
		if err := q.startDryRun(); err != nil {
			return false, err
		}
	}
	o.Outcome = q.outcome
	o.Before = func(s *datastore.Snapshot) error {
		existed = s.Tree.Find(path) != nil
		return q.admit(s)
	}
	o.After = func(s *datastore.Snapshot) {
		if _, whole := q.session.Sees(path); whole && s.Tree.Find(path) != nil {
			q.stamp(s.Mark(path))
		}
		if to == datastore.Running && q.historyKnown() {
			numbered(q.w.Header(), s)
		}
	}
	err = q.session.Edit(ctx, to, e, o)
	return existed, q.told(err)
}

// represented reads the body of PUT and PATCH: the resource itself.
func (q *request) represented(target tree.Step) (*tree.Tree, error) {
	path, o := q.res.path, codec.DecodeOptions{ConfigOnly: true}
	if len(path) == 0 {
		return q.content(q.schema.Root, tree.NewBuilder(q.schema.Root), &envelope{q.own, "data"}, o)
	}
	parent := path.Schema().DataParent
	b := tree.NewBuilder(parent)
	b.At, b.Target = path.Parent(), target
	return q.content(parent, b, nil, o)
}

// put creates or replaces a resource (RFC 8040 Section 4.5).
func (q *request) put() error {
	at, err := q.insert()
	if err != nil {
		return err
	}
	if at != nil && len(q.res.path) == 0 {
		return badQuery("insert is for entries of lists, not for the datastore")
	}
	t, err := q.represented(tree.Step{})
	if err != nil {
		return err
	}
	e, err := edit.Put(q.res.path, t, at)
	if err != nil {
		return err
	}
	existed, err := q.edit(e, q.res.path)
	if err != nil {
		return err
	}
	code := http.StatusCreated
	if existed {
		code = http.StatusNoContent
	}
	return q.made(code)
}

// plainPatch merges into a resource (RFC 8040 Section 4.6.1). The keys of the addressed
// entry may be left out of the body.
func (q *request) plainPatch() error {
	var target tree.Step
	if n := len(q.res.path); n > 0 {
		target = q.res.path[n-1]
	}
	t, err := q.represented(target)
	if err != nil {
		return err
	}
	e, err := edit.Patch(q.res.path, t)
	if err != nil {
		return err
	}
	return q.done(q.edit(e, q.res.path))
}

// delete deletes a resource (RFC 8040 Section 4.7).
func (q *request) delete() error {
	e, err := edit.DeleteResource(q.res.path)
	if err != nil {
		return err
	}
	return q.done(q.edit(e, q.res.path))
}

// post creates a resource below the one addressed (RFC 8040 Section 4.4.1).
func (q *request) post() error {
	at, err := q.insert()
	if err != nil {
		return err
	}
	parent := q.schema.Root
	if len(q.res.path) > 0 {
		parent = q.res.path.Schema()
	}
	b := tree.NewBuilder(parent)
	b.At = q.res.path
	t, err := q.content(parent, b, nil, codec.DecodeOptions{ConfigOnly: true})
	if err != nil {
		return err
	}
	e, path, err := edit.Post(q.res.path, t, at)
	if err != nil {
		return err
	}
	if _, err = q.edit(e, path); err != nil {
		return err
	}
	if q.outcome == nil {
		q.w.Header().Set("Location", q.location(q.r, q.res.view, path))
	}
	return q.made(http.StatusCreated)
}

// done answers an edit that has nothing to show.
func (q *request) done(_ bool, err error) error {
	if err != nil {
		return err
	}
	return q.made(http.StatusNoContent)
}
