package alarms

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var known = []string{"stale", "t"}

// TestFile has a list go on where another one was saved.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alarms.json")
	a := newBench()
	if err := a.Load(path, known); err != nil {
		t.Fatal("no file:", err)
	}
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("an empty list was written")
	}
	for i := range 5 {
		k := Key{fmt.Sprintf("/r[%d]", i), "stale"}
		a.Raise(Condition{k, Severity(i%4 + 1), "\"text\"\n"})
		if i > 2 {
			a.Clear(k)
		}
	}
	if err := a.Operate(Key{"/r[0]", "stale"}, "ann", Acknowledged, "I look"); err != nil {
		t.Fatal(err)
	}
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	b := newBench()
	if err := b.Load(path, known); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.All(), b.All(), cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("what was read differs (-saved +read):\n%s", diff)
	}
	b.expect(t)
	if !b.Changed().Equal(a.Changed()) {
		t.Errorf("last changed %s, want %s", b.Changed(), a.Changed())
	}
	// What still holds is not raised again and keeps what the operator said; the rest is over.
	b.Reconcile([]string{"stale"}, []Condition{{Key{"/r[0]", "stale"}, Warning, "still"}})
	b.expect(t, "/r[1] stale cleared", "/r[2] stale cleared")
	if x := b.at(t, Key{"/r[0]", "stale"}); x.State != Acknowledged || !x.Active || x.Text != "still" {
		t.Errorf("%+v", x)
	}
	b.Limit(Limits{Cleared: 1, History: 8})
	if n := len(b.All()); n != 2 {
		t.Errorf("%d alarms, want the active one and one that is cleared", n)
	}
	c := newBench()
	if err := c.Load(path, []string{"other"}); err != nil || len(c.All()) != 0 {
		t.Errorf("%v, %d alarms of types that nobody knows", err, len(c.All()))
	}
}

// TestSaveWhatChanged demands that nothing is written as long as nothing changes.
func TestSaveWhatChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alarms.json")
	a := newBench()
	a.Raise(Condition{stale, Major, "x"})
	save := func() time.Time {
		t.Helper()
		if err := a.Save(path); err != nil {
			t.Fatal(err)
		}
		old := time.Unix(1, 0)
		i, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		at := i.ModTime()
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		return at
	}
	save()
	if at := save(); at.Unix() != 1 {
		t.Error("written again without a change")
	}
	a.Clear(stale)
	if at := save(); at.Unix() == 1 {
		t.Error("a change was not written")
	}
	if err := a.Save(filepath.Join(path, "none")); err != nil {
		t.Error("nothing has changed:", err)
	}
	a.Raise(Condition{stale, Major, "x"})
	if err := a.Save(filepath.Join(path, "none")); err == nil {
		t.Error("it cannot be written there")
	}
	if at := save(); at.Unix() == 1 {
		t.Error("what could not be written was forgotten")
	}
}

var brokenFiles = []string{
	``, `{`, `[]`, `{"version":2,"alarms":[]}`, `{"version":1,"alarms":[{}]}`, `{"version":1,"alarms":[{"Resource":"r","Type":"t","Severity":"bad"}]}`,
	`{"version":1,"alarms":[{"Resource":"r","Type":"t","Severity":"major"}]}`, `{"version":1,"alarms":[{"Resource":"r","Type":"t","Severity":"cleared","Changes":[{}]}]}`,
}

func TestBrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alarms.json")
	for _, text := range brokenFiles {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b := newBench()
		if err := b.Load(path, known); err == nil || len(b.All()) != 0 {
			t.Errorf("%s: error %v, %d alarms", text, err, len(b.All()))
		}
	}
}

// FuzzFile reads any bytes: what is accepted can be written and read again.
func FuzzFile(f *testing.F) {
	for _, text := range brokenFiles {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"version":1,"alarms":[{"Resource":"r","Type":"t","Severity":"major","Active":true,"Changes":[{"Time":"2026-11-22T12:00:00Z","Severity":"major","Text":"x"}],"State":"ack","Actions":[{"Time":"2026-11-22T12:00:01Z","Operator":"ann","State":"ack"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := parse(text); err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		a, b := newBench(), newBench()
		if err := a.Load(path, known); err != nil {
			t.Fatal(err)
		}
		a.Raise(Condition{stale, Major, "x"})
		if err := a.Save(path); err != nil {
			return // times that JSON has no form for
		}
		if err := b.Load(path, known); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.All(), b.All()); diff != "" {
			t.Error(diff)
		}
	})
}
