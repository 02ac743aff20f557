package datastore_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// builder is a Participant that says what it would do, and counts what it did.
type builder struct{ applied, aborted int }

func (*builder) Name() string { return "builder" }

func (b *builder) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	if c.Diff.Root.Children[0].New.Leaf("owner").String() == "eve" {
		return nil, rpcerr.New(rpcerr.ResourceDenied, "/house:house/owner", "eve builds nothing")
	}
	return b, nil
}

func (b *builder) Apply() { b.applied++ }
func (b *builder) Abort() { b.aborted++ }

func (b *builder) Effects() []datastore.Effect {
	return []datastore.Effect{{Resource: "house", Action: "change"}}
}

func TestDryRun(t *testing.T) {
	b := &builder{}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(b)
		}
	})
	x, other := f.session(), f.session()
	f.own(x, "ann", datastore.EditOptions{})
	before := f.Running()
	expect := func(name string, out *datastore.Outcome, changed bool, effects int, errs ...string) {
		t.Helper()
		if f.Running() != before || b.applied != 1 {
			t.Fatalf("%s left a trace", name)
		}
		if out.Change.Diff.Empty() == changed || len(out.Effects) != effects || len(out.Errors) != len(errs) {
			t.Errorf("%s: changed %v, effects %v, errors %v", name, !out.Change.Diff.Empty(), out.Effects, out.Errors)
			return
		}
		for i, want := range errs {
			if !strings.Contains(out.Errors[i].Error(), want) {
				t.Errorf("%s: %v, want %s", name, out.Errors[i], want)
			}
		}
	}
	expect("a good edit", x.TryEdit(ctx, f.merge("owner", "bob"), datastore.EditOptions{}), true, 1)
	expect("no change", x.TryEdit(ctx, f.merge("owner", "ann"), datastore.EditOptions{}), false, 0)
	expect("a participant's refusal", x.TryEdit(ctx, f.merge("owner", "eve"), datastore.EditOptions{}), true, 0, "eve builds nothing")

	several := f.xml(`<main>nowhere</main><room xc:operation="delete"><name>hall</name></room>`)
	expect("several errors", x.TryEdit(ctx, several, datastore.EditOptions{}), true, 0, "data-missing", "nowhere")

	f.own(x, "ben", datastore.EditOptions{})
	f.own(x, "ann", datastore.EditOptions{})
	f.own(x, "bea", datastore.EditOptions{})
	before, b.applied = f.Running(), 1
	several = f.xml(`<owner>kim</owner><main>nowhere</main><room xc:operation="delete"><name>hall</name></room>`)
	expect("several errors on a base", x.TryEdit(ctx, several, datastore.EditOptions{Base: 1}), true, 0, "data-missing", "since commit 1", "nowhere")

	must(t, other.Edit(ctx, datastore.Candidate, f.merge("owner", "carl"), datastore.EditOptions{}))
	expect("the candidate", x.TryCommit(ctx), true, 1)
	must(t, other.Lock(datastore.Running))
	expect("a lock", x.TryCommit(ctx), true, 0, "holds the lock")
	must(t, other.Unlock(datastore.Running))
	must(t, other.Discard(ctx))
	must(t, other.Lock(datastore.Candidate))
	expect("a lock of the candidate", x.TryCommit(ctx), false, 0, "holds the lock")
	must(t, other.Unlock(datastore.Candidate))
	expect("a rollback to now", x.TryRollback(ctx, 4), false, 0)
	expect("a rollback to nowhere", x.TryRollback(ctx, 9), false, 0, "there is no commit 9")

	if err := other.Validate(ctx, datastore.Candidate); err != nil {
		t.Errorf("validate: %v", err)
	}
	must(t, other.Edit(ctx, datastore.Candidate, f.merge("owner", "eve"), datastore.EditOptions{}))
	if err := other.Validate(ctx, datastore.Candidate); !hasTag(err, rpcerr.ResourceDenied) {
		t.Errorf("validate does not ask the participants: %v", err)
	}
}

// xml is an edit of /house:house, written as in edit-config.
func (f *fixture) xml(content string) *edit.Edit {
	f.t.Helper()
	return f.config("<house>" + content + "</house>")
}

// config is an edit of the module house.
func (f *fixture) config(content string) *edit.Edit {
	f.t.Helper()
	text := `<config xmlns="urn:house" xmlns:xc="urn:ietf:params:xml:ns:netconf:base:1.0">` + content + `</config>`
	x := codec.NewXMLReader(strings.NewReader(text), codec.XMLLimits{})
	_, err := x.Next()
	must(f.t, err)
	b := edit.NewBuilder(f.schema.Root, edit.Merge)
	must(f.t, codec.DecodeXML(x, f.schema, f.schema.Root, b, codec.DecodeOptions{}))
	e, err := b.Edit()
	must(f.t, err)
	return e
}
