package logins

import (
	"context"
	"testing"
)

// TestServices has users of one service neither held back nor helped by those of another.
func TestServices(t *testing.T) {
	l, _ := clocked(Default())
	over := func(transport string, right bool) error {
		return l.Try(context.Background(), Attempt{User: "admin", Remote: "192.0.2.1:1", Transport: transport, Method: Password}, nil, func() error {
			if right {
				return nil
			}
			return errWrong
		})
	}
	for range Default().Failures {
		_ = over(RESTCONF, false)
	}
	for transport, locked := range map[string]bool{SSH: true, RESTCONF: true, ALTO: false, Metrics: false} {
		if err := over(transport, true); (err != nil) != locked {
			t.Errorf("over %s: %v", transport, err)
		}
	}
	if over(RESTCONF, true) == nil {
		t.Error("a success of another service has unlocked management")
	}
}
