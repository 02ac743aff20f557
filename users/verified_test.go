package users

import (
	"fmt"
	"testing"
)

func TestVerified(t *testing.T) {
	v, err := newVerified()
	if err != nil {
		t.Fatal(err)
	}
	v.remember("ann", "hash1", "secret")
	for _, x := range []struct {
		user, hash, password string
		want                 bool
	}{
		{"ann", "hash1", "secret", true},
		{"ann", "hash1", "secret", true}, // sums can be computed again
		{"ann", "hash1", "Secret", false},
		{"ann", "hash1", "", false},
		{"bob", "hash1", "secret", false},
		{"ann", "hash1", "secret", true},
		{"ann", "hash2", "secret", false}, // the password was changed
		{"ann", "hash1", "secret", false}, // and what was remembered is gone
	} {
		if got := v.holds(x.user, x.hash, x.password); got != x.want {
			t.Errorf("holds(%q, %q, %q) = %v", x.user, x.hash, x.password, got)
		}
	}
	v.remember("ann", "hash1", "secret")
	v.forget("ann")
	if v.holds("ann", "hash1", "secret") {
		t.Error("a user who is forgotten is remembered")
	}
}

// TestVerifiedSums has no two users or passwords whose sums are the same, and none that
// another process would compute.
func TestVerifiedSums(t *testing.T) {
	v, _ := newVerified()
	other, _ := newVerified()
	seen := map[[32]byte]string{}
	for _, x := range []struct{ user, password string }{{"ann", "secret"}, {"anns", "ecret"}, {"ann", "secre"}, {"", "ann"}} {
		for _, by := range []*verified{v, other} {
			sum := by.sum(x.user, x.password)
			if was, ok := seen[sum]; ok {
				t.Errorf("%v has the sum of %s", x, was)
			}
			seen[sum] = fmt.Sprint(x)
		}
	}
}

func TestVerifiedIsBounded(t *testing.T) {
	v, _ := newVerified()
	for i := range 2 * maxVerified {
		v.remember(fmt.Sprint("user", i), "hash", "secret")
	}
	if n := len(v.users); n != maxVerified {
		t.Errorf("%d users are remembered, want %d", n, maxVerified)
	}
	if last := fmt.Sprint("user", 2*maxVerified-1); !v.holds(last, "hash", "secret") {
		t.Error("the newest user is not remembered")
	}
}

func BenchmarkVerified(b *testing.B) {
	v, _ := newVerified()
	v.remember("admin", "hash", "a password of usual length")
	b.ReportAllocs()
	for b.Loop() {
		if !v.holds("admin", "hash", "a password of usual length") {
			b.Fatal("not remembered")
		}
	}
}
