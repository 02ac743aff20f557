package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgramFlag(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	write(t, dir, "door.yang", `module door { yang-version 1.1; namespace "urn:d"; prefix d;
		rpc knock { input { leaf times { type uint8; } } output { leaf answer { type string; } } }
		container door { leaf open { type boolean; } action slam; } }`)
	tests := []struct{ name, flag, want string }{
		{"no file", "/door:knock", "PATH=FILE"},
		{"no such operation", "/door:ring=/bin/true", "no RPC or action"},
		{"no operation", "/door:door/open=/bin/true", "no RPC or action"},
		{"taken", "/ietf-netconf-monitoring:get-schema=/bin/true", "altoamd itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := runOptions{DataDir: t.TempDir(), Programs: []string{tt.flag}}
			o.Dirs, o.Modules = []string{dir}, []string{"door"}
			if err := run(context.Background(), o, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
}

func TestProgram(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	write(t, dir, "door.yang", `module door { yang-version 1.1; namespace "urn:d"; prefix d;
		rpc knock { input { leaf times { type uint8; } } output { leaf answer { type string { length "1..9"; } } } } }`)
	tests := []struct {
		name, script string
		code         int
		want         string
	}{
		{"output", `cat >/dev/null; echo '{"answer":"come in"}'`, 200, `"answer":"come in"`},
		{"no output", `cat >/dev/null`, 204, ""},
		{"what it reads", `grep -q '"input":{"times":3}' && grep -qv . ; echo '{"answer":"read"}'`, 200, `"answer":"read"`},
		{"no password in its environment", `cat >/dev/null; echo "{\"answer\":\"<$ALTOAMD_ADMIN_PASSWORD>\"}"`, 200, `"answer":"<>"`},
		{"refusal", `echo "nobody is in" >&2; exit 1`, 500, "nobody is in"},
		{"output that is no JSON", `echo hello`, 500, "does not fit"},
		{"output of the wrong type", `echo '{"answer":"much too long an answer"}'`, 500, "does not fit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(file, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			o := runOptions{DataDir: t.TempDir(), Programs: []string{"/door:knock=" + file}}
			o.Dirs, o.Modules, o.Bare = []string{dir}, []string{"door"}, true
			s := start(t, o)
			defer s.end()
			code, text := s.post("/restconf/operations/door:knock", `{"door:input":{"times":3}}`)
			if code != tt.code || !strings.Contains(text, tt.want) {
				t.Errorf("%d %s, want %d with %q", code, text, tt.code, tt.want)
			}
		})
	}
}
