package driver

import (
	"errors"
	"testing"
	"time"
)

func TestFeed(t *testing.T) {
	var f Feed
	first, second, third := time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0)
	data := &Data{PIDs: make([]PID, 2)}
	f.Succeed(first, data)
	if d, s := f.Snapshot(); d != data || s.Records != 2 || s.Stale() || !s.LastSuccess.Equal(first) {
		t.Errorf("after a success: %+v", s)
	}
	f.Fail(second, errors.New("gone"))
	d, s := f.Snapshot()
	if d != data || !s.Stale() || s.LastError != "gone" || !s.LastSuccess.Equal(first) || !s.LastAttempt.Equal(second) || s.Records != 2 {
		t.Errorf("after a failure: %+v", s)
	}
	f.Succeed(third, nil)
	if d, s := f.Snapshot(); d != data || s.Stale() || !s.LastSuccess.Equal(third) || s.Records != 2 {
		t.Errorf("after finding the same data: %+v", s)
	}
}
