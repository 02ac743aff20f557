package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStoreImportInput imports what is none, or nearly: what is refused changes nothing
// and leaves nothing behind.
func TestStoreImportInput(t *testing.T) {
	f := newStoreFixture(t)
	dir := filepath.Join(f.dir, "data")
	path := filepath.Join(dir, "running.db")
	f.must("import", f.file("first.json", `{"keep:all":{"text":"first"}}`), "--data-dir", dir)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":          {"", "no element"},
		"cut JSON":         {`{"keep:all":{"te`, "JSON"},
		"two objects":      {`{} {}`, "more"},
		"an array":         {`[]`, "root element"},
		"another document": {`<html xmlns="http://www.w3.org/1999/xhtml"/>`, "html"},
		"no wrapper":       {`<all xmlns="urn:keep"/>`, "data, config"},
		"cut XML":          {`<data><all xmlns="urn:keep">`, "XML"},
		"no content":       {`<instance-data-set xmlns="` + instanceNamespace + `"/>`, instanceContent},
		"no content, JSON": {`{"ietf-yang-instance-data:instance-data-set":{}}`, instanceContent},
		"a set and more":   {`{"ietf-yang-instance-data:instance-data-set":{"content-data":{}},"x":1}`, "more"},
		"twice":            {`{"keep:all":{"text":"a","text":"b"}}`, "text"},
		"not valid":        {`{"keep:all":{"must":"x"}}`, "/keep:all"},
		"deep":             {strings.Repeat(`{"keep:all":`, 100_000), "keep:all"},
		"deep anydata":     {`{"keep:all":{"step":[{"name":"a","extra":` + strings.Repeat(`{"x":`, 100_000) + `1`, "JSON"},
		"no text":          {"\x00\xff\xfe", "XML"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &storeFixture{T: t, dir: f.dir, flags: f.flags}
			f.fails([]string{"import", f.file("input", tt.text), path}, "input: ", tt.want)
		})
	}
	f.fails([]string{"import", f.file("good.json", `{}`), path, "--comment", "bell \a"}, "--comment")
	f.fails([]string{"import", f.dir, path}, "directory")
	for text, want := range map[string]string{"of another program": "another program", "": "is empty"} {
		f.fails([]string{"import", filepath.Join(f.dir, "good.json"), f.file("no-store", text)}, "no-store", want)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the store has changed: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
	f.fails([]string{"import", f.file("input", "{"), "--data-dir", filepath.Join(f.dir, "none")}, "JSON")
	if _, err := os.Stat(filepath.Join(f.dir, "none")); err == nil {
		t.Error("a refused import made its folder")
	}
	f.must("import", f.file("mark.json", "\uFEFF"+`{"keep:all":{"text":"marked"}}`), path)
	if out := f.must("export", path); !strings.Contains(out, "marked") {
		t.Errorf("exported %s", out)
	}
	f.stdin = `{"keep:all":{"text":"piped"}}`
	if out := f.must("import", "-", path); !strings.HasSuffix(out, ": import of standard input\n") || !strings.Contains(f.must("export", path), "piped") {
		t.Errorf("from standard input: %s", out)
	}
	f.stdin = "{"
	f.fails([]string{"import", "-", path}, "standard input: ", "JSON")
}
