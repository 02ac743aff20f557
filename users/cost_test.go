package users_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/passwords"
)

// crypt is a hash of no password that takes as many rounds.
func crypt(method, rounds string) string {
	size := map[string]int{"5": 43, "6": 86}[method]
	return "$" + method + "$" + rounds + "salt$" + strings.Repeat(".", size)
}

// TestSameCost has each wrong password cost the same rounds, whoever it is for.
func TestSameCost(t *testing.T) {
	const order = `{"user-authentication-order":["local-users"],"user":[`
	for _, x := range []struct {
		name, authentication string
		fixed                map[string]string
		want                 passwords.Cost
	}{
		{"hashes made here", order + `{"name":"ann","password":"$0$a"},{"name":"none"}]}`, nil, passwords.Cost{SHA512: 20_000}},
		{
			"hashes from elsewhere", order + `{"name":"ann","password":"$0$a"},{"name":"few","password":"` + crypt("6", "rounds=1000$") + `"},
			{"name":"other","password":"` + crypt("5", "") + `"},{"name":"most","password":"` + crypt("6", "rounds=90001$") + `"},{"name":"none"}]}`,
			nil,
			passwords.Cost{SHA256: 5000, SHA512: 90_001},
		},
		{"no user at all", `{}`, nil, passwords.Cost{SHA512: 20_000}},
		{"passwords are not tried", `{"user":[{"name":"ann","password":"` + crypt("6", "rounds=90001$") + `"}]}`, nil, passwords.Cost{SHA512: 90_001}},
		{"a user outside", `{}`, map[string]string{"most": crypt("5", "rounds=70000$")}, passwords.Cost{SHA256: 70_000, SHA512: 20_000}},
	} {
		t.Run(x.name, func(t *testing.T) {
			d, _ := directory(t, x.authentication, x.fixed)
			spent := d.Meter()
			for _, name := range []string{"ann", "few", "other", "most", "none", "nobody", "", "\xff"} {
				if d.Password(name, "wrong") == nil {
					t.Fatal(name, "is let in")
				}
				if got := spent(); got != x.want {
					t.Errorf("a wrong password for %q cost %+v, want %+v", name, got, x.want)
				}
			}
		})
	}
}

// TestSameCostLater has the cost follow the users, and a password that was right before
// cost nothing.
func TestSameCostLater(t *testing.T) {
	d, _ := directory(t, `{"user-authentication-order":["local-users"],"user":[{"name":"ann","password":"$0$wonder"}]}`, nil)
	if d.Knows("ann", "wonder") {
		t.Error("a password is known that nobody sent")
	}
	if err := d.Password("ann", "wonder"); err != nil {
		t.Fatal(err)
	}
	spent := d.Meter()
	if err := d.Password("ann", "wonder"); err != nil || spent() != (passwords.Cost{}) || !d.Knows("ann", "wonder") {
		t.Errorf("a password that was right: %v", err)
	}
	for _, name := range []string{"ann", "bob"} {
		if d.Password(name, "wander") == nil || spent() != (passwords.Cost{SHA512: 20_000}) || d.Knows(name, "wander") {
			t.Errorf("a wrong password of %s", name)
		}
	}
}

// TestSameTime compares medians of a few failures, for a user with a cheap hash, with an
// expensive one, and for nobody.
func TestSameTime(t *testing.T) {
	d, _ := directory(t, `{"user-authentication-order":["local-users"],"user":[{"name":"cheap","password":"`+crypt("5", "rounds=1000$")+
		`"},{"name":"dear","password":"`+crypt("6", "rounds=30000$")+`"}]}`, nil)
	names := []string{"cheap", "dear", "nobody"}
	took := map[string][]time.Duration{}
	for range 9 {
		for _, name := range names {
			start := time.Now()
			if d.Password(name, "wrong") == nil {
				t.Fatal("let in")
			}
			took[name] = append(took[name], time.Since(start))
		}
	}
	median := func(name string) time.Duration {
		slices.Sort(took[name])
		return took[name][len(took[name])/2]
	}
	for _, name := range names {
		if a, b := median(name), median("nobody"); a > 3*b || b > 3*a {
			t.Errorf("%s takes %v, nobody %v", name, a, b)
		}
	}
}
