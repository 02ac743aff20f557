package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCheck is altoamd check with the arguments.
func runCheck(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	c := weaknessCommand()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&b)
	c.SetArgs(args)
	err = c.Execute()
	return b.String(), err
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"no-module:x":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	lab := filepath.Join("..", "..", "examples", "lab.json")
	for _, tt := range []struct {
		name, args string
		out, err   string // part of each; "" for no error
	}{
		{"seed", "--seed " + lab, "log-nowhere", ""},
		{"seed with everything", "--seed " + filepath.Join("..", "..", "examples", "full.json"), "seed-secret", ""},
		{"seed is without access control of its own", "--config " + lab, "nacm-absent", ""},
		{"flag", "--metrics 0.0.0.0:9420 --seed " + lab, "metrics-open", "1 found that are at least of severity high"},
		{"flag, none", "--fail-on none --metrics 0.0.0.0:9420 --seed " + lab, "metrics-open", ""},
		{"low", "--fail-on low --seed " + lab, "log-nowhere", "at least of severity low"},
		{"nothing to judge", "", "", "name what is to be judged"},
		{"severity", "--fail-on bad --seed " + lab, "", "want low, medium, high or none"},
		{"format", "--output xml --seed " + lab, "", "want text or json"},
		{"no such file", "--config " + dir + "/none", "", "no such file"},
		{"no configuration", "--config " + wrong, "", "no-module"},
		{"bare", "--bare --data-dir " + dir, "folder-open", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := runCheck(t, strings.Fields(tt.args)...)
			if !strings.Contains(out, tt.out) || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q, in\n%s", err, tt.err, out)
			}
		})
	}
	out, err := runCheck(t, "--seed", lab)
	if err != nil || strings.Contains(out, "nacm-absent") {
		t.Errorf("the first start adds access control: %v\n%s", err, out)
	}
	out, err = runCheck(t, "-o", "json", "--seed", lab)
	var found []map[string]string
	if err2 := json.Unmarshal([]byte(out), &found); err != nil || err2 != nil || len(found) == 0 || found[0]["severity"] == "" {
		t.Errorf("%v, %v: %s", err, err2, out)
	}
}
