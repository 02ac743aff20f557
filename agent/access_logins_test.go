package agent_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/logins"
)

// TestGuessedALTO has a client guess passwords of ALTO users by Basic and by Digest: a few
// are looked at, and then the right one is refused too, with the same answer.
func TestGuessedALTO(t *testing.T) {
	if apart { // where the server is a process of its own it has a Lockout of its own
		return
	}
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	policy := logins.Default()
	policy.Delay = 0
	guard, results := logins.New(policy), map[logins.Result]int{}
	guard.OnAttempt(func(a logins.Attempt) {
		results[a.Result]++
		if a.Transport != logins.ALTO || a.User != "bert" && a.User != "ann" {
			t.Errorf("attempt %+v", a)
		}
	})
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s, func(o *agent.Options) { o.Logins = guard })
	l.must(l.merge(closedServer(t)))
	basic := func(password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth("bert", password) }
	}
	if status, _ := l.get("networkmap/net", basic("bert")); status != http.StatusForbidden {
		t.Errorf("the right password: %d", status)
	}
	first := strings.Join(l.challenged("networkmap/net", basic("wrong")), "\n")
	for range 4 {
		l.challenged("networkmap/net", basic("wrong"))
	}
	locked := strings.Join(l.challenged("networkmap/net", basic("bert")), "\n")
	if strings.ReplaceAll(locked, nonceIn([]string{locked}), "") != strings.ReplaceAll(first, nonceIn([]string{first}), "") {
		t.Errorf("locked: %s\nwrong: %s", locked, first)
	}
	nonce := nonceIn([]string{locked})
	if status, body := l.get("networkmap/net", digestLogin("ann", "wonder", nonce, 1)); status != http.StatusOK {
		t.Errorf("another user: %d %s", status, body)
	}
	if again := l.challenged("networkmap/net", digestLogin("ann", "wonder", nonce, 1)); !strings.Contains(again[0], "stale=true") {
		t.Errorf("a nonce that was used: %s", again[0])
	}
	for i := range 5 {
		l.challenged("networkmap/net", digestLogin("ann", "wander", nonce, 2+i))
	}
	if again := l.challenged("networkmap/net", digestLogin("ann", "wonder", nonce, 9)); strings.Contains(again[0], "stale") {
		t.Errorf("who is locked learns that the password is right: %s", again[0])
	}
	if results[logins.Success] != 2 || results[logins.Failure] != 11 || results[logins.Locked] != 2 {
		t.Errorf("results %v", results)
	}
}
