package listeners

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/passwords"
)

// TestGuessedAtEndpoint has passwords of the users of one endpoint guessed over SSH: each
// costs the same as for others, and after a few even the right one is refused.
func TestGuessedAtEndpoint(t *testing.T) {
	policy := logins.Default()
	policy.Delay = 0
	var mu sync.Mutex
	var spent passwords.Cost
	l := New(Options{Users: known{}, Logins: logins.New(policy), Verify: func(hash, password string) bool {
		mu.Lock()
		defer mu.Unlock()
		spent = spent.Plus(passwords.CostOf(hash))
		return hash == "$6$rounds=7000$s$"+password
	}})
	users := map[string]endpointUser{"dear": {hash: "$6$rounds=7000$s$right"}, "cheap": {hash: "$5$rounds=1000$s$right"}, "key": {}}
	a := &endpointUsers{l: l, users: users, cost: passwords.Cost{SHA256: 1000, SHA512: 7000}}
	from := func(host string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(host), Port: 1} }
	if err := a.Password("dear", "right", from("192.0.2.9")); err != nil {
		t.Error(err)
	}
	for _, user := range []string{"dear", "cheap", "key", "nobody"} {
		for i := range 6 {
			spent = passwords.Cost{}
			if a.Password(user, "wrong", from("192.0.2."+string('1'+rune(len(user))))) == nil {
				t.Fatal(user, "is let in")
			}
			want := a.cost
			if i == 5 {
				want = passwords.Cost{} // locked
			}
			if spent != want {
				t.Errorf("wrong password %d for %s cost %+v, want %+v", i+1, user, spent, want)
			}
		}
	}
	if a.Password("dear", "right", from("192.0.2.5")) == nil {
		t.Error("the right password is accepted from where it is locked")
	}
	if err := a.Password("dear", "right", from("192.0.2.9")); err != nil {
		t.Errorf("from where dear was before: %v", err)
	}

	w := &web{l: l, users: map[string][]string{"dear": {"$6$rounds=7000$s$right"}}}
	w.cost = passwords.Greatest(w.users, func(hash string) string { return hash })
	ctx := context.WithValue(context.Background(), peerKey{}, &peer{web: w})
	for _, user := range []string{"dear", "nobody"} {
		spent = passwords.Cost{}
		if PasswordUser(ctx, user, "wrong") || spent != w.cost {
			t.Errorf("over HTTPS a wrong password for %s cost %+v, want %+v", user, spent, w.cost)
		}
	}
	if !PasswordUser(ctx, "dear", "right") || !KnowsPassword(ctx, "dear", "right") || KnowsPassword(ctx, "dear", "wrong") || KnowsPassword(context.Background(), "dear", "right") {
		t.Error("over HTTPS the right password is not")
	}
}
