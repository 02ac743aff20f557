package passwords

import (
	"context"
	"sync/atomic"
	"testing"
)

func TestPasswords(t *testing.T) {
	var computed atomic.Int32
	p := NewChecker(func(hash, password string) bool {
		computed.Add(1)
		return hash == "h"+password
	}, 2)
	for _, c := range []struct {
		hash, password string
		want           bool
		computed       int32
	}{
		{"hx", "x", true, 1},
		{"hx", "x", true, 1},
		{"hx", "y", false, 2},
		{"hx", "y", false, 3},
		{"hy", "y", true, 4},
	} {
		if got := p.Verify(context.Background(), c.hash, c.password); got != c.want || computed.Load() != c.computed {
			t.Errorf("Verify(%s, %s) = %v with %d computed, expected %v with %d", c.hash, c.password, got, computed.Load(), c.want, c.computed)
		}
	}
	var none *Checker
	if none.Verify(context.Background(), "hx", "x") || NewChecker(nil, 1).Verify(context.Background(), "hx", "x") {
		t.Error("a password is right that nothing verified")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range cap(p.turns) {
		p.turns <- struct{}{}
	}
	if p.Verify(ctx, "hz", "z") {
		t.Error("verified without a turn")
	}
}
