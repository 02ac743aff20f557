package logging

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestSparing logs the same message without end, through loggers of several clients.
func TestSparing(t *testing.T) {
	var out bytes.Buffer
	h := Sparing(slog.NewTextHandler(&out, nil))
	now := time.Unix(0, 0)
	log := func(level slog.Level, message string) {
		r := slog.NewRecord(now, level, message, 0)
		if err := h.WithAttrs([]slog.Attr{slog.Int("client", 1)}).Handle(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	lines := func(want int, having string) {
		t.Helper()
		if n := strings.Count(out.String(), "client=1"); n != want || !strings.Contains(out.String(), having) {
			t.Errorf("%d lines, want %d and %q among them: %.300s", n, want, having, &out)
		}
		out.Reset()
	}
	for range 1000 {
		log(slog.LevelInfo, "refused")
	}
	lines(mostTold, "msg=refused")
	log(slog.LevelInfo, "another")
	lines(1, "msg=another")
	for range 3 {
		log(slog.LevelError, "refused")
	}
	lines(3, "level=ERROR")
	now = now.Add(tellAgain)
	for range 10 {
		log(slog.LevelWarn, "refused")
	}
	lines(1, "missed=900")
	now = now.Add(mostTold * tellAgain)
	for range 2 * mostTold {
		log(slog.LevelInfo, "refused")
	}
	lines(mostTold, "missed=9")
}
