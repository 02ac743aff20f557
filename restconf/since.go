package restconf

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Bounds of what a refused condition looks for and tells.
const (
	sinceCommits = 1000 // how far it goes back
	sincePaths   = 20   // how many nodes it names
)

// told adds to the refusal of a condition what has changed in the resource since the
// commit that the client has seen: the last commit that changed it, and the nodes. It says
// so to those only who may read the history.
// Other errors it passes on.
func (q *request) told(err error) error {
	var e *rpcerr.Error
	if !errors.As(err, &e) || e.Reason != rpcerr.Precondition || q.res.view.edits() != datastore.Running {
		return err
	}
	ctx := q.r.Context()
	now := q.store.Running()
	if !q.historyKnown() || !q.tagKnown(now.Tree.Find(q.res.path) != nil) {
		return err
	}
	last, ok := q.commitOf(ctx, now.Mark(q.res.path).Revision)
	if !ok {
		return err
	}
	c := *e
	what := "it"
	if now.Tree.Find(q.res.path) == nil {
		what = "what it would be in" // a node that is not there has the mark of that
	}
	c.Message += fmt.Sprintf("; commit %d of %s changed %s last, at %s", last.Revision, last.User, what, last.Time.UTC().Format(time.RFC3339))
	for _, i := range []rpcerr.Info{
		sinceInfo("number", strconv.FormatUint(last.Revision, 10)), sinceInfo("time", last.Time.UTC().Format(time.RFC3339Nano)),
		sinceInfo("user", last.User), sinceInfo("protocol", last.Protocol), sinceInfo("comment", last.Comment),
	} {
		if i.Value != "" {
			c.Info = append(c.Info, i)
		}
	}
	if seen := q.seen(ctx, now.Head.Revision); seen > 0 {
		c.Info = append(c.Info, q.changes(ctx, seen, now)...)
	}
	return &c
}

func sinceInfo(name, value string) rpcerr.Info {
	return rpcerr.Info{Module: historyModule, Name: name, Value: value}
}

// commitOf returns what the history has of commit n.
func (q *request) commitOf(ctx context.Context, n uint64) (head persist.Head, ok bool) {
	err := q.store.Commits(ctx, n, func(h persist.Head) bool {
		head = h
		return false
	})
	return head, err == nil && n > 0 && head.Revision == n
}

// seen is the commit that the conditions of the request speak of, 0 where that is not
// to be found out.
func (q *request) seen(ctx context.Context, newest uint64) (n uint64) {
	for _, f := range q.r.Header.Values("If-Match") {
		for _, tag := range entityTags(f) {
			n = max(n, revisionOf(tag))
		}
	}
	since, ok := date(q.r.Header, "If-Unmodified-Since")
	if n > 0 || !ok {
		return n
	}
	left := sinceCommits
	err := q.store.Commits(ctx, newest, func(h persist.Head) bool {
		if left--; h.Time.Truncate(time.Second).After(since) {
			return left > 0
		}
		n = h.Revision
		return false
	})
	if err != nil {
		return 0
	}
	return n
}

// changes names the nodes of the resource that have changed between commit seen and
// now. It is empty when the history does not reach back.
func (q *request) changes(ctx context.Context, seen uint64, now *datastore.Snapshot) (out []rpcerr.Info) {
	if seen >= now.Head.Revision || now.Head.Revision-seen > sinceCommits {
		return nil
	}
	old, err := q.store.At(ctx, seen)
	if err != nil {
		return nil
	}
	err = tree.Compare(old, now.Tree).Walk(func(p tree.Path, c *tree.Change) error {
		if c.Op == tree.Inside && !c.Moved || !p.LeadsTo(q.res.path) && !q.res.path.LeadsTo(p) {
			return nil
		}
		if len(out) == sincePaths {
			return errEnough
		}
		out = append(out, sinceInfo("change", c.Op.String()+" "+p.String()))
		return nil
	})
	if err != nil {
		out = append(out, sinceInfo("change", "and more"))
	}
	return out
}

var errEnough = errors.New("enough")
