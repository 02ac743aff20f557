package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/yang"
)

// builtinText is the text of a built-in module.
func builtinText(t *testing.T, name string) string {
	t.Helper()
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(s.Module(name).Source)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefaultFeatures(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		want bool
	}{
		{"/ietf-alto:alto/alto-server/resource/alto-networkmap-params/altoam-algorithm-from-source:from-source", true},
		{"/ietf-alto:alto/alto-server/resource/alto-costmap-params/calendar-attributes", true},
		{"/ietf-system:system/authentication/user/password", true},
		{"/ietf-system:system/ntp", false},
		{"/ietf-system:system/hostname", false}, // by deviation
		{"/ietf-system:system-state", false},
		{"/ietf-keystore:keystore/asymmetric-keys/asymmetric-key", true},
	}
	for _, tt := range tests {
		if got := s.Find(tt.path) != nil; got != tt.want {
			t.Errorf("%s exists: %v, want %v", tt.path, got, tt.want)
		}
	}
	if s.RPC("ietf-system", "system-restart") != nil {
		t.Error("system-restart is in the schema, and nothing carries it out")
	}
}

func TestUserModules(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "garden@2026-01-01.yang", `module garden { yang-version 1.1; namespace "urn:g"; prefix g;
		revision 2026-01-01; feature glass; feature pond;
		container garden { leaf a { if-feature glass; type string; } leaf b { if-feature pond; type string; } } }`)
	tests := []struct {
		name     string
		options  moduleOptions
		a, b     bool
		failWith string
	}{
		{"all features unless named", moduleOptions{Modules: []string{"garden"}}, true, true, ""},
		{"with revision", moduleOptions{Modules: []string{"garden@2026-01-01"}}, true, true, ""},
		{"one feature", moduleOptions{Modules: []string{"garden"}, Features: []string{"garden:glass"}}, true, false, ""},
		{"no feature", moduleOptions{Modules: []string{"garden"}, Features: []string{"garden:"}}, false, false, ""},
		{"bare", moduleOptions{Modules: []string{"garden"}, Bare: true}, true, true, ""},
		{"unknown module", moduleOptions{Modules: []string{"meadow"}}, false, false, "meadow"},
		{"unknown revision", moduleOptions{Modules: []string{"garden@1999-01-01"}}, false, false, "garden"},
		{"unknown feature", moduleOptions{Modules: []string{"garden"}, Features: []string{"garden:snow"}}, false, false, "snow"},
		{"feature without module", moduleOptions{Features: []string{"glass"}}, false, false, "MODULE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Dirs = []string{dir}
			s, err := loadSchema(tt.options)
			if tt.failWith != "" {
				if err == nil || !strings.Contains(err.Error(), tt.failWith) {
					t.Fatalf("error %v, want one about %s", err, tt.failWith)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a, b := s.Find("/garden:garden/a") != nil, s.Find("/garden:garden/b") != nil; a != tt.a || b != tt.b {
				t.Errorf("a %v, b %v; want %v, %v", a, b, tt.a, tt.b)
			}
			if tt.options.Bare == (s.Find("/ietf-alto:alto") != nil) {
				t.Error("bare and ietf-alto do not go together")
			}
		})
	}
}

func TestOverride(t *testing.T) {
	ours := builtinText(t, "ietf-origin")
	file := "ietf-origin@2018-02-14.yang"

	t.Run("other prose", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, file, strings.Replace(ours, `description`, "/* the official text */ description", 1))
		s, err := loadSchema(moduleOptions{Override: dir})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(s.Module("ietf-origin").Source), "official text") {
			t.Error("our own text is served")
		}
	})
	t.Run("other meaning", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, file, strings.Replace(ours, "identity learned", "identity guessed", 1))
		_, err := loadSchema(moduleOptions{Override: dir})
		if err == nil || !strings.Contains(err.Error(), "learned") || !strings.Contains(err.Error(), "guessed") {
			t.Errorf("error %v, want both names", err)
		}
	})
	t.Run("a module of another name changes nothing", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, "other.yang", `module other { namespace "urn:o"; prefix o; }`)
		if _, err := loadSchema(moduleOptions{Override: dir}); err != nil {
			t.Error(err)
		}
	})
}

func TestSameSchema(t *testing.T) {
	s, err := loadSchema(moduleOptions{Bare: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := sameSchema(s, s); err != nil {
		t.Error(err)
	}
	other, err := yang.Compile(yang.Builtin(), yang.Options{Implement: []yang.ModuleSpec{{Name: "ietf-origin"}}})
	if err != nil {
		t.Fatal(err)
	}
	if sameSchema(s, other) == nil {
		t.Error("a schema with fewer modules is the same")
	}
}

// TestRefusedIsNotAdvertised: what no listener can do with TLS is no part of the schema, by
// features that are off or by deviations, and so are the features in no yang-library.
func TestRefusedIsNotAdvertised(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	refused := []string{"raw-private-key", "raw-public-keys", "raw-public-key", "tls12-psk", "tls12-psks", "tls13-epsk", "tls13-epsks", "test-peer-aliveness"}
	certificates := 0
	for _, n := range s.Nodes {
		if slices.Contains(refused, n.Name) {
			t.Errorf("%s is there", n.Path())
		}
		if n.Name == "server-identity" {
			certificates++
		}
	}
	if certificates < 4 {
		t.Errorf("%d servers have an identity", certificates)
	}
	for _, f := range s.Module("ietf-tls-server").Features {
		if f.Enabled && (strings.Contains(f.Name, "psk") || strings.Contains(f.Name, "raw") || strings.Contains(f.Name, "keepalives")) {
			t.Errorf("the feature %s is on", f.Name)
		}
	}
}
