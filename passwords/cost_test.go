package passwords

import (
	"context"
	"testing"
)

func TestCostOf(t *testing.T) {
	for hash, want := range map[string]Cost{
		"$6$salt$x":              {0, 5000},
		"$5$salt$x":              {5000, 0},
		"$6$rounds=20000$salt$x": {0, 20000},
		"$5$rounds=1000$salt$x":  {1000, 0},
		"$6$rounds=x$salt$x":     {},
		"$1$salt$x":              {},
		"":                       {},
	} {
		if got := CostOf(hash); got != want {
			t.Errorf("%s costs %+v, want %+v", hash, got, want)
		}
	}
	c := Cost{3, 0}.Plus(Cost{1, 20_000}).Minus(Cost{5, 1}).Max(Cost{7, 0})
	if c != (Cost{7, 19_999}) {
		t.Errorf("%+v", c)
	}
	for _, c := range []Cost{{}, {1, 0}, {0, 999}, {5000, 70_000}} {
		var sum Cost
		for _, decoy := range c.Decoys() {
			sum = sum.Plus(CostOf(decoy))
		}
		if sum != c {
			t.Errorf("decoys of %+v cost %+v", c, sum)
		}
	}
}

// TestVerifyAny has each failure cost the same, whatever hashes there are for a name.
func TestVerifyAny(t *testing.T) {
	var spent Cost
	c := NewChecker(func(hash, password string) bool {
		spent = spent.Plus(CostOf(hash))
		return hash == "$6$rounds=9$s$"+password
	}, 1)
	users := map[string][]string{"ann": {"$6$rounds=9$s$a"}, "two": {"$5$rounds=5$s$b", "$6$rounds=7$s$c"}}
	cost := Greatest(users, func(hash string) string { return hash })
	if cost != (Cost{5, 9}) {
		t.Errorf("the greatest cost is %+v", cost)
	}
	for _, name := range []string{"ann", "two", "nobody"} {
		if _, ok := c.VerifyAny(context.Background(), users[name], cost, "wrong"); ok || spent != cost {
			t.Errorf("%s: %t for %+v, want %+v", name, ok, spent, cost)
		}
		spent = Cost{}
	}
	users["ann"] = append([]string{"$5$s$"}, users["ann"]...)
	if c.Knows(users["ann"], "a") {
		t.Error("a password is known that nobody sent")
	}
	if i, ok := c.VerifyAny(context.Background(), users["ann"], cost, "a"); !ok || i != 1 || !c.Knows(users["ann"], "a") {
		t.Errorf("a right password: %d, %t", i, ok)
	}
	if c.Knows(users["two"], "a") || (*Checker)(nil).Knows(nil, "a") {
		t.Error("the password of another user is known")
	}
}
