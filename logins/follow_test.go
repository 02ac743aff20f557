package logins

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
)

// followed is a Lockout that follows a Store.
type followed struct {
	*testing.T
	*Lockout
	*clock
	store *datastore.Store
	admin *datastore.Session
}

func follow(t *testing.T) *followed {
	t.Helper()
	schema := schemaOf(t)
	backend, err := bolt.Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	f := &followed{T: t, store: store}
	f.Lockout, f.clock = clocked(Default())
	f.Follow(store, slog.New(slog.DiscardHandler))
	if err := store.Start(context.Background(), func() (*tree.Tree, error) { return f.tree(`{}`), nil }); err != nil {
		t.Fatal(err)
	}
	f.admin = store.NewSession(datastore.User{Name: "admin"}, datastore.Source{})
	t.Cleanup(f.admin.Close)
	return f
}

// tree reads JSON.
func (f *followed) tree(text string) *tree.Tree {
	f.Helper()
	schema := f.store.Schema()
	b := tree.NewBuilder(schema.Root)
	if err := codec.DecodeJSON(strings.NewReader(text), schema, schema.Root, b, codec.DecodeOptions{}); err != nil {
		f.Fatal(err)
	}
	t, err := b.Tree()
	if err != nil {
		f.Fatal(err)
	}
	return t
}

// configure makes the content of the container logins that of running.
func (f *followed) configure(content string) error {
	f.Helper()
	return f.admin.Replace(context.Background(), datastore.Running, f.tree(`{"altoam-logins:logins":`+content+`}`), datastore.EditOptions{})
}

// state is operational.
func (f *followed) state() string {
	f.Helper()
	t, err := f.admin.Read(context.Background(), datastore.Operational, datastore.Selection{})
	if err != nil {
		f.Fatal(err)
	}
	var text strings.Builder
	if err := codec.EncodeJSON(&text, t, codec.EncodeOptions{}); err != nil {
		f.Fatal(err)
	}
	return text.String()
}

// unlock calls the action.
func (f *followed) unlock(user, source string) (unlocked string, err error) {
	f.Helper()
	action := f.store.Schema().Find(at + "/unlock")
	m := tree.New(action.Input()).Mutate()
	w := datastore.NewWriter(m)
	for name, text := range map[string]string{"user": user, "source": source} {
		if text != "" {
			w.Set(name, text)
		}
	}
	out, err := f.admin.CallAction(context.Background(), tree.Path{{Schema: f.store.Schema().Find(at)}}, action, m.Done())
	if err != nil {
		return "", err
	}
	return out.Root().Leaf("unlocked").String(), nil
}

// lock fails until the user is locked from the source.
func (f *followed) lock(user, remote string) {
	f.Helper()
	for range f.policy.Load().Failures {
		try(f.Lockout, user, remote, false)
	}
	if r, _ := try(f.Lockout, user, remote, true); r != Locked {
		f.Fatalf("%s from %s: %s, want locked", user, remote, r)
	}
}

// TestConfigured has each number take effect with the commit.
func TestConfigured(t *testing.T) {
	f := follow(t)
	if got := *readPolicy(f.tree(`{}`), f.store.Schema().Find(at)); got != Default() {
		t.Errorf("without a configuration %+v, want %+v", got, Default())
	}
	err := f.configure(`{"failures":2,"failures-per-source":3,"failures-per-user":4,"window":60,"first-lock":7,"longest-lock":8,"longest-user-lock":9,"delay":0,"longest-delay":10,"minimum-password-length":11}`)
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{2, 3, 4, time.Minute, 7 * time.Second, 8 * time.Second, 9 * time.Second, 0, 10 * time.Millisecond, 11}
	if got := *f.policy.Load(); got != want || f.MinimumPassword() != 11 {
		t.Errorf("%+v, want %+v", got, want)
	}
	f.lock("ann", "192.0.2.1:1")
	f.Time = f.Add(7 * time.Second)
	if r, _ := try(f.Lockout, "ann", "192.0.2.1:1", true); r != Success {
		t.Errorf("after the lock: %s", r)
	}
	for _, wrong := range []string{`{"first-lock":301}`, `{"first-lock":31}`, `{"first-lock":3,"longest-lock":2}`} {
		if f.configure(wrong) == nil {
			t.Errorf("%s is accepted", wrong)
		}
	}
}

// TestState shows who is locked, whatever names clients claim, and how attempts ended.
func TestState(t *testing.T) {
	f := follow(t)
	if text := f.state(); strings.Contains(text, "locked") {
		t.Errorf("nobody is locked: %s", text)
	}
	f.lock("ann", "[2001:db8::1]:1")
	for _, name := range []string{"", "\uFFFE", "\uFDD0", "\x00", "\xff", "a\nb", strings.Repeat("x", 256)} {
		f.lock2(name)
	}
	text := f.state()
	for _, want := range []string{
		`{"service":"management","user":"ann","source":"2001:db8::/64","failures":5,"until":"2001-09-09T01:46:45Z"}`,
		`{"service":"management","user":"","source":"192.0.2.9","failures":20,`,
		`"attempts":[{"transport":"netconf-ssh","success":"0","failure":"25","locked":"16"}]`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %s in %s", want, text)
		}
	}
}

// lock2 fails five times.
func (f *followed) lock2(user string) {
	for range 5 {
		try(f.Lockout, user, "192.0.2.9:1", false)
	}
}

// TestUnlock has an operator let in who is locked, and nobody else.
func TestUnlock(t *testing.T) {
	const one, two = "192.0.2.1:1", "192.0.2.2:1"
	all := [][2]string{{"ann", one}, {"ann", two}, {"bob", one}, {"bob", two}}
	for _, x := range []struct {
		user, source, unlocked string
		want                   []string // results for all
	}{
		{"ann", "192.0.2.1", "1", []string{"success", "locked", "locked", "locked"}},
		{"ann", "", "2", []string{"success", "success", "locked", "locked"}},
		{"bob", "192.0.2.2/32", "1", []string{"locked", "locked", "locked", "success"}},
		{"", "192.0.2.2", "2", []string{"locked", "success", "locked", "success"}},
		{"", "", "4", []string{"success", "success", "success", "success"}},
		{"kay", "", "0", []string{"locked", "locked", "locked", "locked"}},
		{"", "nonsense", "", nil},
		{"", "2001:db8::/32", "", nil},
	} {
		t.Run(x.user+" "+x.source, func(t *testing.T) {
			f := follow(t)
			for _, who := range all {
				f.lock(who[0], who[1])
			}
			n, err := f.unlock(x.user, x.source)
			if (err == nil) != (x.want != nil) || n != x.unlocked {
				t.Fatalf("unlocked %q, %v, want %q", n, err, x.unlocked)
			}
			for i := range x.want {
				if r, _ := try(f.Lockout, all[i][0], all[i][1], true); string(r) != x.want[i] {
					t.Errorf("%v: %s, want %s", all[i], r, x.want[i])
				}
			}
		})
	}
}

// TestUnlockWhole has a user from a source let in though the source and the user are
// locked as such.
func TestUnlockWhole(t *testing.T) {
	f := follow(t)
	if err := f.configure(`{"failures":0,"failures-per-source":3,"failures-per-user":3}`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		try(f.Lockout, "ann", "[2001:db8::1]:1", false)
	}
	if n, err := f.unlock("ann", "2001:db8::/64"); n != "2" || err != nil {
		t.Errorf("%s unlocked, %v", n, err)
	}
	if r, _ := try(f.Lockout, "ann", "[2001:db8::1]:1", true); r != Success {
		t.Error(r)
	}
}

// TestEvents has locks and what operators do about them told, and a flood of them not.
func TestEvents(t *testing.T) {
	f := follow(t)
	s, err := f.store.Events().Subscribe(notify.Request{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	next := func() string {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		e, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		root, text := e.Tree.Root(), e.Node().Name
		for _, leaf := range []string{"service", "user", "source", "failures", "missed", "operator", "unlocked"} {
			if v := root.Leaf(leaf); !v.IsZero() {
				text += " " + leaf + "=" + v.String()
			}
		}
		return text
	}
	f.lock("ann", "192.0.2.1:1")
	if _, err := f.unlock("ann", ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"locked service=management user=ann source=192.0.2.1 failures=5 missed=0", "unlocked user=ann operator=admin unlocked=1"} {
		if got := next(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for i := range 200 {
		f.lock(fmt.Sprint("user", i), fmt.Sprintf("10.0.0.%d:1", i))
	}
	for range mostTold - 1 {
		next()
	}
	f.Time = f.Add(tellAgain)
	f.lock("bob", "192.0.2.2:1")
	if got, want := next(), "locked service=management user=bob source=192.0.2.2 failures=5 missed=181"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
