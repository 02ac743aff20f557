package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/audit"
)

// TestForgedAudit reads a record that somebody has made without the key, in words that would
// move the cursor of a terminal: none gets there, and show tells that it is forged.
func TestForgedAudit(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "audit")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.LoadOrCreateKey(filepath.Join(dir, "audit.key")); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, members := range []string{
		`"what":"damage","reason":"ESC[2Jall is fine"`,
		`"what":"login ESC[1A","user":"ESC[1A","operation":"ESC[1A","changes":[{"path":"ESC","op":"ESC","new":"ESC"}],"more":{"changes":1,"sha256":"ESC"}`,
	} {
		body := `{"seq":1,"time":"2026-11-22T00:00:00Z",` + strings.ReplaceAll(members, "ESC", `\n\u001b`)
		hash := sha256.Sum256([]byte(body))
		text = append(text, body+`,"hash":"`+hex.EncodeToString(hash[:])+`","mac":"`+strings.Repeat("0", 32)+"\"}\n"...)
	}
	if err := os.WriteFile(filepath.Join(folder, "audit-00000001.jsonl"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	shown, told, err := outputOf(auditShowCommand(), "--data-dir", dir)
	if err != nil || !strings.Contains(told, "not all is as it was written") || strings.Count(shown, "\n") != 4 {
		t.Errorf("%v, %q\n%s", err, told, shown)
	}
	verified, _, err := outputOf(auditVerifyCommand(), "--data-dir", dir)
	if err == nil || !strings.Contains(verified, "all is fine") {
		t.Errorf("%v\n%s", err, verified)
	}
	if strings.Contains(shown+verified, "\x1b") {
		t.Errorf("what controls a terminal is written:\n%q\n%q", shown, verified)
	}
}

func outputOf(c *cobra.Command, args ...string) (out, told string, err error) {
	var o, e bytes.Buffer
	c.SetOut(&o)
	c.SetErr(&e)
	c.SetArgs(args)
	c.SilenceUsage = true
	err = c.Execute()
	return o.String(), e.String(), err
}
