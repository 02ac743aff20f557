package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/yang"
)

// TestGeneratedIsCurrent: running the generator would change nothing.
func TestGeneratedIsCurrent(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		old, err := os.ReadFile(f.path)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(old, f.text) {
			t.Errorf("%s is not what the modules give: run make gen", f.path)
		}
	}
}

func TestFindDrivers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"two/two.go", "two/altoam-b@2026-01-01.yang", "two/altoam-a.yang", "one/one.go", "all/all.go"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := findDrivers(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].name != "one" || strings.Join(list[1].modules, " ") != "altoam-a altoam-b" {
		t.Errorf("found %v", list)
	}
	text := string(importList(list))
	if strings.Index(text, "drivers/one\"") > strings.Index(text, "drivers/two\"") || strings.Contains(text, "drivers/all") {
		t.Errorf("import list is\n%s", text)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := findDrivers(dir); err == nil {
		t.Error("a folder without a driver is accepted")
	}
}

func TestUnionsThatFillCannotHold(t *testing.T) {
	for body, accepted := range map[string]bool{
		`leaf x { type union { type string; type uint8; } }`:                                 true,
		`leaf x { type union { type string; type enumeration { enum a; } } }`:                false,
		`leaf x { type union { type string; type union { type identityref { base b; } } } }`: false,
		`leaf x { type enumeration { enum a; } }`:                                            true,
	} {
		dir := t.TempDir()
		text := `module m { yang-version 1.1; namespace "urn:m"; prefix m; identity b; identity c { base b; } container top { ` + body + ` } }`
		if err := os.WriteFile(filepath.Join(dir, "m.yang"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := yang.Compile(yang.NewLibrary(os.DirFS(dir)), yang.Options{Implement: []yang.ModuleSpec{{Name: "m"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := structs("m", s, "m"); (err == nil) != accepted {
			t.Errorf("%s: error %v", body, err)
		}
	}
}
