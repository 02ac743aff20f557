package logins

import (
	"context"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// FuzzAttempt has no name and no address, whatever they are, make an entry that state
// cannot show, or that an operator cannot unlock by what it shows.
func FuzzAttempt(f *testing.F) {
	for _, x := range [][2]string{
		{"ann", "192.0.2.1:1"},
		{"\uFFFE", "[fe80::1%eth0]:1"},
		{"", "@"},
		{"\x00\xff", "[::ffff:192.0.2.1]:1"},
		{"a/b", "2001:db8::1"},
	} {
		f.Add(x[0], x[1])
	}
	f.Fuzz(func(t *testing.T, user, remote string) {
		p := Default()
		p.Failures, p.SourceFailures, p.UserFailures, p.Delay = 1, 1, 1, 0
		l := New(p)
		a := Attempt{User: user, Remote: remote, Transport: SSH, Method: Password}
		if l.Try(context.Background(), a, nil, func() error { return errWrong }) == nil || !l.Holds(a) {
			t.Fatal("not locked after a failure")
		}
		for _, c := range l.lockedNow() {
			shown := sourceText(c.source)
			if source, ok := parseSource(shown); shown != "" && (!ok || source != c.source) {
				t.Errorf("%q is shown and read as %v", shown, source)
			}
			if leaf := schemaOf(t).Find(at + "/locked/user"); leaf != nil {
				if _, err := leaf.Type.Parse(c.user, nil); err != nil {
					t.Errorf("the user cannot be shown: %v", err)
				}
			}
			l.forget(c.service, c.user, c.source)
		}
		if l.Holds(a) {
			t.Errorf("%q from %q is locked still", user, remote)
		}
		if err := l.State(context.Background(), datastore.StateRequest{}, tree.New(schemaOf(t).Root).Mutate()); err != nil {
			t.Error(err)
		}
	})
}

var compiled = sync.OnceValues(func() (*yang.Schema, error) {
	return yang.Compile(yang.Builtin(), yang.Options{Implement: []yang.ModuleSpec{{Name: module}}})
})

func schemaOf(t *testing.T) *yang.Schema {
	t.Helper()
	s, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkKnown(b *testing.B) {
	l := New(Default())
	a := Attempt{User: "admin", Remote: "192.0.2.1:54321", Transport: RESTCONF, Method: Password}
	known := func() bool { return true }
	b.ReportAllocs()
	for b.Loop() {
		if l.Try(context.Background(), a, known, nil) != nil {
			b.Fatal("refused")
		}
	}
}
