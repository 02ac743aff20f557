package transport

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestLongNameInLog: a name of many kilobytes takes little of the log.
func TestLongNameInLog(t *testing.T) {
	var out bytes.Buffer
	r := start(t, &SSHServer{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	if _, err := r.dial(t, strings.Repeat("é", 10_000), ssh.Password("guess")); err == nil {
		t.Fatal("let in")
	}
	r.end(t)
	if text := out.String(); !strings.Contains(text, "éé…") || len(text) > 2000 {
		t.Errorf("%d bytes are logged: %.300s", len(text), text)
	}
}
