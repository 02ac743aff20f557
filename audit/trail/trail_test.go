package trail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
)

// TestOneRecordEach does one of each kind, and demands exactly one record that says so.
func TestOneRecordEach(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	defer g.close()
	root, u := g.as("root"), g.as("u")
	knock, open := g.schema.RPC("vault", "knock"), g.schema.Find("/vault:vault/box/open")
	box := func(name string) tree.Path {
		p, err := tree.ParsePath(g.schema, "/vault:vault/box[name='"+name+"']")
		check(t, err)
		return p
	}
	none := datastore.EditOptions{}
	var sub *notify.Subscription
	for _, c := range []struct {
		name string
		do   func() error
		want audit.Record
	}{
		{"an edit of running", func() error { return g.owner(root, "p") }, audit.Record{What: audit.Commit, User: "root", Operation: "edit-config", Kind: "edit"}},
		{"one that changes nothing", func() error { return g.owner(root, "p") }, audit.Record{What: audit.Edit, User: "root", Operation: "edit-config"}},
		{"an edit of the candidate", func() error {
			return g.merge(root, datastore.Candidate, `{"vault:vault": {"owner": "q"}}`, none)
		}, audit.Record{What: audit.Edit, User: "root", Operation: "edit-config", Datastore: "candidate"}},
		{"a commit that is tried", func() error { return rpcerr.Join(root.TryCommit(ctx).Errors) }, audit.Record{What: audit.Edit, User: "root", Operation: "commit", DryRun: true}},
		{"a commit", func() error { return root.Commit(ctx, datastore.CommitOptions{Comment: "why", Label: "l"}) }, audit.Record{
			What: audit.Commit, User: "root", Operation: "commit", Kind: "edit", Comment: "why", Label: "l",
		}},
		{"changes discarded", func() error { return root.Discard(ctx) }, audit.Record{What: audit.Edit, User: "root", Operation: "discard-changes", Datastore: "candidate"}},
		{"an edit that is not valid", func() error {
			return g.merge(root, datastore.Running, `{"vault:vault": {"box": [{"name": "b", "area": 700}]}}`, none)
		}, audit.Record{What: audit.Edit, User: "root", Result: "operation-failed", Path: "/vault:vault/box[name='b']"}},
		{"an edit that is tried", func() error {
			return g.merge(root, datastore.Running, `{"vault:vault": {"owner": "r"}}`, datastore.EditOptions{Test: datastore.TestOnly})
		}, audit.Record{What: audit.Edit, User: "root", Operation: "edit-config", DryRun: true}},
		{"an edit that is refused", func() error { return g.owner(u, "u") }, audit.Record{
			What: audit.Refusal, User: "u", Operation: "edit-config", Datastore: "running", Result: "access-denied", Path: "/vault:vault/owner",
		}},
		{"a dry run that is refused", func() error {
			e := edit.FromTree(instance.JSON(t, g.schema, `{"vault:vault": {"owner": "u"}}`), edit.Merge)
			return rpcerr.Join(u.TryEdit(ctx, e, none).Errors)
		}, audit.Record{What: audit.Refusal, User: "u", Operation: "edit-config", Result: "access-denied", Path: "/vault:vault/owner", DryRun: true}},
		{"a rollback", func() error { return root.Rollback(ctx, 1, datastore.EditOptions{Comment: "back"}) }, audit.Record{
			What: audit.Commit, User: "root", Operation: "rollback", Kind: "rollback", Comment: "back",
		}},
		{"an RPC", func() error { _, err := root.Call(ctx, knock, nil); return err }, audit.Record{What: audit.RPC, User: "root", Operation: "knock"}},
		{"an action", func() error { _, err := root.CallAction(ctx, box("a"), open, nil); return err }, audit.Record{
			What: audit.Action, User: "root", Operation: "open", Path: "/vault:vault/box[name='a']",
		}},
		{"an action on nothing", func() error { _, err := root.CallAction(ctx, box("z"), open, nil); return err }, audit.Record{
			What: audit.Action, User: "root", Operation: "open", Result: "data-missing", Path: "/vault:vault/box[name='z']",
		}},
		{"a lock", func() error { return root.Lock(datastore.Running) }, audit.Record{What: audit.RPC, User: "root", Operation: "lock", Datastore: "running"}},
		{"a lock that is held", func() error { return u.Lock(datastore.Running) }, audit.Record{
			What: audit.RPC, User: "u", Operation: "lock", Datastore: "running", Result: "lock-denied",
		}},
		{"an unlock", func() error { return root.Unlock(datastore.Running) }, audit.Record{What: audit.RPC, User: "root", Operation: "unlock", Datastore: "running"}},
		{"a subscription", func() (err error) { sub, err = u.Subscribe(notify.Request{}); return err }, audit.Record{What: audit.Subscribe, User: "u", Operation: "NETCONF"}},
		{"its end", func() error { sub.Close(); return nil }, audit.Record{What: audit.Unsubscribe, User: "u", Operation: "NETCONF"}},
		{"no such stream", func() (err error) { _, err = u.Subscribe(notify.Request{Stream: "x"}); return err }, audit.Record{
			What: audit.Subscribe, User: "u", Operation: "x", Result: "operation-failed",
		}},
		{"a session", func() error { u.AnnounceStart(); return nil }, audit.Record{What: audit.Login, User: "u"}},
		{"its end", func() error { u.AnnounceEnd("dropped"); return nil }, audit.Record{What: audit.Logout, User: "u", Operation: "dropped"}},
		{"a read", func() error { _, err := root.Read(ctx, datastore.Running, datastore.Selection{}); return err }, audit.Record{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(records(t, g.dir))
			err := c.do()
			if failed := c.want.Result != ""; failed != (err != nil) {
				t.Fatalf("%v", err)
			}
			now := records(t, g.dir)[before:]
			if c.want.What == "" && len(now) == 0 {
				return
			}
			if len(now) != 1 {
				t.Fatalf("%d records, expected one", len(now))
			}
			if c.want.Result == "" {
				c.want.Result = audit.OK
			}
			mustMatch(t, now[0], c.want)
		})
	}
}

func mustMatch(t *testing.T, got *audit.Record, want audit.Record) {
	t.Helper()
	for _, f := range []struct{ name, got, want string }{
		{"what", string(got.What), string(want.What)},
		{"user", got.User, want.User},
		{"result", got.Result, want.Result},
		{"path", got.Path, want.Path},
		{"comment", got.Comment, want.Comment},
		{"label", got.Label, want.Label},
		{"kind", got.Kind, want.Kind},
		{"dry-run", fmt.Sprint(got.DryRun), fmt.Sprint(want.DryRun)},
	} {
		if f.got != f.want {
			t.Errorf("%s is %q, expected %q: %+v", f.name, f.got, f.want, got)
		}
	}
	if want.Operation != "" && got.Operation != want.Operation || want.Datastore != "" && got.Datastore != want.Datastore {
		t.Errorf("%s of %q, expected %s of %q", got.Operation, got.Datastore, want.Operation, want.Datastore)
	}
	if got.User != system && (got.Protocol != "test" || got.Address != "192.0.2.7" || got.Session == 0 || len(got.Groups) != 1) {
		t.Errorf("from where is %+v", got)
	}
}

// TestChangesAreListed holds the changes of a commit, and that a refused edit has what it would
// have changed.
func TestChangesAreListed(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	defer g.close()
	check(t, g.merge(g.as("root"), datastore.Running, `{"vault:vault": {"owner": "p", "code": "canary-1", "spare": ["canary-2"],
		"keys": {"master": "canary-3"}, "box": [{"name": "c", "area": 1}]}}`, datastore.EditOptions{}))
	list := func() string {
		all := records(t, g.dir)
		var b strings.Builder
		for _, c := range all[len(all)-1].Changes {
			fmt.Fprintf(&b, "%s %s %s>%s\n", c.Operation, c.Path, deref(c.Old), deref(c.New))
		}
		return b.String()
	}
	want := `replace /vault:vault/owner o>p
replace /vault:vault/code masked>masked
create /vault:vault/spare >masked
create /vault:vault/keys/master >masked
create /vault:vault/box[name='c'] >
create /vault:vault/box[name='c']/area >1
`
	if got := list(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if err := g.owner(g.as("u"), "mine"); err == nil {
		t.Fatal("not refused")
	}
	if got, want := list(), "replace /vault:vault/owner p>mine\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestSecretsStayOut writes secrets in all ways that end in a record, and looks for them in the
// files and in what went to a target of the log.
func TestSecretsStayOut(t *testing.T) {
	router := logging.NewRouter()
	path := filepath.Join(t.TempDir(), "log")
	router.Use([]*logging.Target{logging.NewTarget(logging.Settings{
		Name: "t", Selection: logging.Select(logging.Debug, logging.Audit), Destination: logging.File{Path: path, Mode: 0o600}, Queue: 100,
	}, nil)}, logging.DefaultTruncation)
	g := start(t, t.TempDir(), newSchema(t), router)
	root, u := g.as("root"), g.as("u")
	for i, text := range []string{
		`{"vault:vault": {"code": "canary-a", "spare": ["canary-b"], "keys": {"master": "canary-c"}}}`,
		`{"vault:vault": {"password": "$6$canary$` + strings.Repeat("a", 86) + `", "code": "canary-d"}}`,
		`{"vault:vault": {"encrypted-word": {"encrypted-value": "canary+f"}}}`,
		`{"vault:vault": {"code": "canary-e", "box": [{"name": "b", "area": 700}]}}`,
	} {
		for _, x := range []*datastore.Session{u, root} {
			for _, o := range []datastore.EditOptions{{}, {Test: datastore.TestOnly}} {
				_ = g.merge(x, datastore.Candidate, text, o)
				err := g.merge(x, datastore.Running, text, o)
				if i == 0 && x == u && err == nil {
					t.Error("not refused")
				}
			}
		}
	}
	check(t, root.Rollback(ctx, 1, datastore.EditOptions{}))
	run, stop := context.WithCancel(ctx)
	stop()
	router.Run(run)
	g.close()
	sent, err := os.ReadFile(path)
	check(t, err)
	if all := text(t, g.dir); strings.Contains(all, "canary") || strings.Contains(string(sent), "canary") {
		t.Error("a secret is on record")
	} else if strings.Count(all, masked) < 10 || !strings.Contains(string(sent), "[audit@") || !strings.Contains(string(sent), "<109>1 ") {
		t.Errorf("nothing is masked, or nothing was sent: %.300s", sent)
	}
	if last := records(t, g.dir); !strings.Contains(string(sent), last[len(last)-2].Hash()) {
		t.Error("the hash of a record is not in the copy")
	}
}

// TestWhatOthersChoose puts into a record what could end a line, or never ends.
func TestWhatOthersChoose(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	defer g.close()
	evil := "a\"}\n{\"seq\":1,\x00\x1b[2J\u2028\xff" + strings.Repeat("\x01", 1<<20)
	x := g.NewSession(datastore.User{Name: evil, Groups: []string{evil, evil}}, datastore.Source{Protocol: evil, Address: evil})
	defer x.Close()
	before := len(records(t, g.dir))
	_ = g.merge(x, datastore.Candidate, `{"vault:vault": {"owner": "x"}}`, datastore.EditOptions{})
	check(t, g.merge(g.as("root"), datastore.Running, `{"vault:vault": {"owner": "y"}}`, datastore.EditOptions{Comment: evil, Label: "l"}))
	g.trail.Login(audit.LoginFailed, evil, evil, evil, evil, errors.New(evil))
	if now := records(t, g.dir); len(now) != before+3 || len(now[before].User) > 2000 || !strings.HasPrefix(now[before].User, "a\"}\n{") {
		t.Errorf("%d records", len(now)-before)
	}
	if all := text(t, g.dir); len(all) > 100_000 || strings.ContainsAny(all, "\x00\x1b\x01") {
		t.Errorf("%d octets", len(all))
	}
}

// TestManyChanges demands that a record is bounded, and tells of the rest by count and hash.
func TestManyChanges(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	defer g.close()
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `,{"name": "n%d", "area": %d}`, i, i%100)
	}
	check(t, g.merge(g.as("root"), datastore.Running, `{"vault:vault": {"box": [`+b.String()[1:]+`]}}`, datastore.EditOptions{}))
	all := records(t, g.dir)
	r := all[len(all)-1]
	if r.More == nil || len(r.Changes) > mostChanges || uint64(len(r.Changes))+r.More.Changes != 6000 || len(r.More.SHA256) != 64 {
		t.Errorf("%d changes, more %+v", len(r.Changes), r.More)
	}
}

// TestAgentOfItsOwn demands records of what nobody asked for: a confirmed commit that nobody
// confirms.
func TestAgentOfItsOwn(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	defer g.close()
	root := g.as("root")
	check(t, g.merge(root, datastore.Candidate, `{"vault:vault": {"owner": "p"}}`, datastore.EditOptions{}))
	check(t, root.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Timeout: 50 * time.Millisecond}}))
	for range 200 {
		if g.Pending() == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	all := records(t, g.dir)
	start, end := all[len(all)-2], all[len(all)-1]
	if start.Kind != "confirm-start" || start.User != "root" || end.Kind != "confirm-timeout" || end.User != system || end.Commit != start.Commit+1 {
		t.Errorf("%+v\n%+v", start, end)
	}
}

// TestSettings follows the configuration: reads, operations that are left out, the end of the
// record and its beginning.
func TestSettings(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	root := g.as("root")
	set := func(text string) {
		t.Helper()
		check(t, g.merge(root, datastore.Running, `{"altoam-audit:audit": `+text+`}`, datastore.EditOptions{}))
	}
	count := func(do func()) int {
		before := len(records(t, g.dir))
		do()
		return len(records(t, g.dir)) - before
	}
	look := func() { _, err := root.Read(ctx, datastore.Running, datastore.Selection{}); check(t, err) }
	if n := count(look); n != 0 {
		t.Errorf("%d records of a read", n)
	}
	if n := count(func() { set(`{"reads": true, "without-operation": ["lock"], "files": {"count": 5}}`) }); n != 2 {
		t.Errorf("%d records of the settings and the commit", n)
	}
	if n := count(look); n != 1 {
		t.Errorf("%d records of a read", n)
	}
	if n := count(func() { check(t, root.Lock(datastore.Candidate)) }); n != 0 {
		t.Errorf("%d records of a lock", n)
	}
	if n := count(func() { _ = root.Lock(datastore.Candidate) }); n != 1 {
		t.Errorf("%d records of a lock that is denied", n)
	}
	if n := count(func() { set(`{"enabled": false}`) }); n != 2 {
		t.Errorf("%d records of the end", n)
	}
	if n := count(func() { check(t, g.owner(root, "unseen")); look() }); n != 0 {
		t.Errorf("%d records behind the end", n)
	}
	if n := count(func() { set(`{"enabled": true}`) }); n != 3 {
		t.Errorf("%d records of the settings, the baseline and the commit", n)
	}
	g.close()
	again := start(t, g.dir, g.schema, nil)
	defer again.close()
	for _, r := range records(t, g.dir) {
		if r.Recovered {
			t.Errorf("%+v", r)
		}
	}
}

// TestNoRoom keeps the record from being written: by default changes go on, and commits come
// to the record from the history; or they are refused.
func TestNoRoom(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	root := g.as("root")
	folder, aside := filepath.Join(g.dir, Folder), filepath.Join(g.dir, "aside")
	shut := func() { check(t, os.Rename(folder, aside)); check(t, os.WriteFile(folder, nil, 0o600)) }
	open := func() { check(t, os.Remove(folder)); check(t, os.Rename(aside, folder)) }
	shut()
	time.Sleep(1100 * time.Millisecond)
	check(t, g.owner(root, "p"))
	_, err := root.Call(ctx, g.schema.RPC("vault", "knock"), nil)
	check(t, err)
	open()
	if !g.trail.retry() {
		t.Fatal("it does not go on")
	}
	g.trail.recover(ctx)
	all := records(t, g.dir)
	lost, commit := all[len(all)-2], all[len(all)-1]
	if lost.What != audit.Lost || lost.Count != 2 || commit.What != audit.Commit || !commit.Recovered || commit.User != "root" || len(commit.Changes) != 1 {
		t.Errorf("%+v\n%+v", lost, commit)
	}
	check(t, g.merge(root, datastore.Running, `{"altoam-audit:audit": {"on-failure": "refuse"}}`, datastore.EditOptions{}))
	check(t, g.merge(root, datastore.Candidate, `{"vault:vault": {"owner": "r"}}`, datastore.EditOptions{}))
	check(t, root.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{}}))
	shut()
	time.Sleep(1100 * time.Millisecond)
	_ = root.Lock(datastore.Candidate) // of which there is no record
	if err := g.owner(root, "q"); err == nil || rpcerr.All(err)[0].Tag != rpcerr.OperationFailed {
		t.Errorf("%v, expected a refusal", err)
	}
	if err := root.CancelCommit(ctx, ""); err == nil || rpcerr.All(err)[0].Tag != rpcerr.OperationFailed || g.Pending() == nil {
		t.Errorf("%v, expected that cancel-commit is refused", err)
	}
	open()
	check(t, root.CancelCommit(ctx, ""))
	check(t, g.owner(root, "q"))
	g.close()
	records(t, g.dir)
}

// TestAllAtOnce lets many sessions work at the same time: no record is lost or twice.
func TestAllAtOnce(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	before := len(records(t, g.dir))
	const sessions, each = 8, 10
	var wg sync.WaitGroup
	for s := range sessions {
		x := g.as("root")
		wg.Go(func() {
			for i := range each {
				text := fmt.Sprintf(`{"vault:vault": {"box": [{"name": "s%d", "area": %d}]}}`, s, i)
				if err := x.Edit(ctx, datastore.Running, edit.FromTree(instance.JSON(t, g.schema, text), edit.Merge), datastore.EditOptions{}); err != nil {
					t.Error(err)
				}
				if _, err := x.Call(ctx, g.schema.RPC("vault", "knock"), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	g.close()
	all, last := records(t, g.dir)[before:], uint64(0)
	if len(all) != 2*sessions*each+1 {
		t.Errorf("%d records, expected %d", len(all), 2*sessions*each+1)
	}
	for _, r := range all {
		if r.What == audit.Commit && last != 0 && r.Commit != last+1 {
			t.Errorf("commit %d behind %d", r.Commit, last)
		}
		if r.Commit != 0 {
			last = r.Commit
		}
	}
}

// TestFailuresAreBounded demands that a flood of failures leaves a few records and a count.
func TestFailuresAreBounded(t *testing.T) {
	g := start(t, t.TempDir(), newSchema(t), nil)
	before := len(records(t, g.dir))
	for i := range 1000 {
		g.trail.Login(audit.LoginFailed, fmt.Sprint("user", i), "restconf", "192.0.2.9", "password", errors.New("wrong"))
	}
	g.trail.Login(audit.LoginFailed, "other", "restconf", "192.0.2.10", "password", errors.New("wrong"))
	g.trail.Login(audit.Login, "u", "restconf", "192.0.2.9", "password", nil)
	if n := len(records(t, g.dir)) - before; n != failuresOfSource+2 {
		t.Errorf("%d records", n)
	}
	g.trail.tellFailures(time.Now().Add(failureWindow))
	all := records(t, g.dir)
	if r := all[len(all)-1]; r.Count != 1000-failuresOfSource || r.Address != "192.0.2.9" {
		t.Errorf("%+v", r)
	}
	g.close()
}
