package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// storeModule has what is easily lost on the way: orders, types, metadata-like names.
const storeModule = `
module keep {
  yang-version 1.1;
  namespace "urn:keep";
  prefix k;
  identity kind;
  identity round { base kind; }
  container all {
    list step { key "name"; ordered-by user; leaf name { type string; } anydata extra; }
    list part { key "a b"; leaf a { type union { type uint8; type string; } } leaf b { type string; } leaf c { type decimal64 { fraction-digits 3; } } }
    leaf-list tag { type string; ordered-by user; }
    leaf-list sorted { type int8; }
    leaf kind { type identityref { base kind; } }
    leaf on { type empty; }
    leaf bin { type binary; }
    leaf text { type string; default "d"; }
    container here { presence "x"; }
    leaf must { type string; must "../kind"; }
  }
}`

const storeData = `{"keep:all":{"step":[{"name":"z"},{"name":"a","extra":{"x":[1,{"y":[null]}]}},{"name":"m'\"q"}],` +
	`"part":[{"a":"5","b":"x","c":"1.5"},{"a":7,"b":"y"}],"tag":["z","a"," lines\n\tand <tags> "],"sorted":[-3,2],` +
	`"kind":"keep:round","on":[null],"bin":"AAEC","text":"d","here":{},"must":"m"}}`

// storeFixture is a folder with the module and a store command to call.
type storeFixture struct {
	*testing.T
	dir   string
	flags []string
	stdin string
}

func newStoreFixture(t *testing.T) *storeFixture {
	f := &storeFixture{T: t, dir: t.TempDir()}
	f.file("keep.yang", storeModule)
	f.flags = []string{"--bare", "--yang-path", f.dir, "--module", "keep"}
	return f
}

func (f *storeFixture) file(name, text string) string {
	f.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
	return path
}

// run executes `altoamd store args`, with the module flags unless it is log.
func (f *storeFixture) run(args ...string) (string, error) {
	c := storeCommand()
	c.SilenceErrors, c.SilenceUsage = true, true
	if args[0] != "log" {
		args = append(args, f.flags...)
	}
	var out bytes.Buffer
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetIn(strings.NewReader(f.stdin))
	err := c.ExecuteContext(context.Background())
	return out.String(), err
}

func (f *storeFixture) must(args ...string) string {
	f.Helper()
	out, err := f.run(args...)
	if err != nil {
		f.Fatalf("store %v: %v\n%s", args, err, out)
	}
	return out
}

// fails runs a command that must fail with an error that holds each of the texts.
func (f *storeFixture) fails(args []string, texts ...string) {
	f.Helper()
	out, err := f.run(args...)
	if err == nil {
		f.Fatalf("store %v succeeded:\n%s", args, out)
	}
	for _, text := range texts {
		if !strings.Contains(out+err.Error(), text) {
			f.Errorf("store %v does not say %q: %v\n%s", args, text, err, out)
		}
	}
}

// records are what is stored, by key, without marks: these tell when, not what.
func (f *storeFixture) records(path string) map[string]string {
	f.Helper()
	im, err := bolt.ReadImage(path)
	if err != nil {
		f.Fatal(err)
	}
	defer im.Close()
	c, err := im.At(im.State.Head.Revision)
	if err != nil {
		f.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range c.Records {
		if !strings.HasSuffix(r.Key, "@") {
			out[r.Key] = withoutMarks(string(r.Value))
		}
	}
	return out
}

// withoutMarks cuts the marks out of a record's value (docs/store.md).
func withoutMarks(value string) string {
	text := func(v string) int { // the length of v's first item, a letter and a text
		n, w := binary.Uvarint([]byte(v[1:]))
		return 1 + w + int(n)
	}
	at := 0
	if strings.HasPrefix(value, "p") {
		at = text(value)
	}
	if strings.HasPrefix(value[at:], "m") {
		return value[:at] + value[at+text(value[at:]):]
	}
	return value
}

// TestStoreRoundTrip: what is exported and imported is the same, record by record. XML
// does not say of which type a value of a union or in an anydata is: there it is what
// was read from XML.
func TestStoreRoundTrip(t *testing.T) {
	f := newStoreFixture(t)
	path := func(name string) string { return filepath.Join(f.dir, name) }
	f.must("import", f.file("data.json", storeData), path("json.db"))
	f.must("export", path("json.db"), "--format", "xml", "-o", path("data.xml"))
	f.must("import", path("data.xml"), path("xml.db"))
	for _, format := range []string{"json", "xml"} {
		first, again := path(format+".db"), path(format+"-again.db")
		f.must("export", first, "--format", format, "-o", path("exported"))
		f.must("import", path("exported"), again)
		want, got := f.records(first), f.records(again)
		if len(want) < 6 || !maps.Equal(got, want) {
			f.Errorf("%s: got\n%q, want\n%q", format, got, want)
		}
		if out := f.must("export", again, "--format", format); !sameData(out, f.must("export", first, "--format", format)) {
			f.Errorf("%s: the second export differs:\n%s", format, out)
		}
	}
	if out := f.must("export", path("json.db")); !strings.Contains(strings.Join(strings.Fields(out), ""), strings.Join(strings.Fields(storeData[1:len(storeData)-1]), "")) {
		f.Errorf("exported\n%s, want\n%s", out, storeData)
	}
}

// TestStoreExportIsInstanceData holds an export against the module of RFC 9195.
func TestStoreExportIsInstanceData(t *testing.T) {
	f := newStoreFixture(t)
	path := filepath.Join(f.dir, "s.db")
	f.must("import", f.file("data.json", storeData), path)
	schema, err := loadSchema(moduleOptions{Dirs: []string{f.dir}, Modules: []string{"keep", instanceModule}, Bare: true})
	if err != nil {
		t.Fatal(err)
	}
	var set *yang.Node
	for _, s := range schema.Module(instanceModule).Structures {
		if s.Name == instanceRoot {
			set = s
		}
	}
	x := codec.NewXMLReader(strings.NewReader(f.must("export", path, "--format", "xml")), codec.XMLLimits{})
	if _, err := x.Next(); err != nil {
		t.Fatal(err)
	}
	fromXML, fromJSON := tree.NewBuilder(set), tree.NewBuilder(set)
	if err := codec.DecodeXML(x, schema, set, fromXML, codec.DecodeOptions{}); err != nil {
		t.Error(err)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(f.must("export", path)), &doc); err != nil {
		t.Fatal(err)
	}
	content := strings.NewReader(string(doc[instanceModule+":"+instanceRoot]))
	if err := codec.DecodeJSON(content, schema, set, fromJSON, codec.DecodeOptions{}); err != nil {
		t.Error(err)
	}
	for _, b := range []*tree.Builder{fromXML, fromJSON} {
		set, err := b.Tree()
		if err != nil {
			t.Fatal(err)
		}
		if set.Root().Leaf("datastore").String() == "" || set.Root().Leaf("includes-defaults").String() != "explicit" {
			t.Errorf("the head of the set is not as it should be")
		}
	}
}

// sameData compares exports but for who made them when.
func sameData(a, b string) bool {
	varying := regexp.MustCompile(`(?m)^.*(description|timestamp).*$`)
	return varying.ReplaceAllString(a, "") == varying.ReplaceAllString(b, "")
}

// TestStoreCommands follows a store through its commands.
func TestStoreCommands(t *testing.T) {
	f := newStoreFixture(t)
	dir := filepath.Join(f.dir, "data")
	path := filepath.Join(dir, "running.db")
	f.fails([]string{"log", path}, "no such file")
	f.fails([]string{"log", f.file("empty.db", "")}, "no commit", "heads")
	f.must("import", f.file("one.json", `{"keep:all":{"text":"one","tag":["x"]}}`), "--data-dir", dir)
	f.must("import", f.file("two.xml", `<data><all xmlns="urn:keep"><text>two</text><kind>round</kind></all></data>`),
		"--data-dir", dir, "--comment", "the second")
	f.fails([]string{"import", f.file("bad.json", `{"keep:all":{"must":"no kind"}}`), path}, "must", "/keep:all")
	f.fails([]string{"import", f.file("unknown.json", `{"keep:none":{}}`), path}, "none")
	f.fails([]string{"import", filepath.Join(f.dir, "absent.json"), path}, "absent.json")
	f.fails([]string{"export"}, "--data-dir")
	f.fails([]string{"export", dir}, "is a folder", "--data-dir")
	f.fails([]string{"export", path, "--data-dir", dir}, "not both")
	f.fails([]string{"export", path, "--format", "yaml"}, "json or xml")
	f.fails([]string{"export", path, "--commit", "3"}, "no commit 3", "newest is 2")

	if out := f.must("check", path); !strings.Contains(out, "2-1") {
		f.Errorf("check: %s", out)
	}
	if out := f.must("export", "--commit", "1", path); !strings.Contains(out, `"one"`) || !strings.Contains(out, "commit 1 by") {
		f.Errorf("export of the first: %s", out)
	}
	if out := f.must("restore", "--commit", "1", path); out != "commit 3: restore of commit 1\n" {
		f.Errorf("restore: %s", out)
	}
	if out := f.must("export", path); !strings.Contains(out, `"one"`) {
		f.Errorf("after restore: %s", out)
	}
	log := strings.Split(f.must("log", path), "\n")
	for i, want := range []string{"COMMIT", "recover +- +restore of commit 1", "import +- +the second", "import +- +import of one.json"} {
		if !regexp.MustCompile(want).MatchString(log[i]) {
			f.Errorf("log line %d is %q, want %s", i, log[i], want)
		}
	}
	lines := json.NewDecoder(strings.NewReader(f.must("log", path, "--format", "json")))
	for _, want := range []persist.Head{{Revision: 3, Kind: "recover", Comment: "restore of commit 1"}, {Revision: 2, Kind: "import", Comment: "the second"}, {Revision: 1, Kind: "import", Comment: "import of one.json"}} {
		var got persist.Head
		if err := lines.Decode(&got); err != nil || got.Revision != want.Revision || got.Kind != want.Kind || got.Comment != want.Comment || got.Time.IsZero() || got.Protocol != "store" {
			f.Errorf("log in JSON: %+v, %v; want %+v", got, err, want)
		}
	}
	if lines.More() {
		f.Error("log in JSON has more than the commits")
	}
	f.fails([]string{"log", path, "--format", "xml"}, "table or json")
	f.flags = []string{"--bare"}
	f.fails([]string{"check", path}, "written with the module keep,", "keep:all", "2 problems")
}

// TestStoreInUse: not while an agent has it.
func TestStoreInUse(t *testing.T) {
	t.Parallel()
	f := newStoreFixture(t)
	path := filepath.Join(f.dir, "s.db")
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f.fails([]string{"check", path}, path, "in use", "stopped")
}

// TestStoreDamaged restores the last whole commit of a damaged store, and what is
// left of the newest.
func TestStoreDamaged(t *testing.T) {
	f := newStoreFixture(t)
	path := filepath.Join(f.dir, "running.db")
	f.must("import", f.file("one.json", `{"keep:all":{"step":[{"name":"a","extra":{"x":"marker-old"}},{"name":"b"}]}}`), path)
	f.must("import", f.file("two.json", `{"keep:all":{"step":[{"name":"a","extra":{"x":"marker-new"}},{"name":"b"},{"name":"c"}]}}`), path)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := string(bytes.ReplaceAll(file, []byte("marker-new"), []byte("marker-bad")))
	f.file("running.db", damaged)
	const record = "/keep:all/step[name='a']"
	f.fails([]string{"check", path}, "record "+record+": damaged", "whole, to be had with restore or export: 1\n")
	f.fails([]string{"export", path}, "commit 2 is not whole", "1 record damaged", "whole are 1")
	f.fails([]string{"restore", "--commit", "2", path}, "--partial")
	if out := f.must("export", "--partial", path); !strings.Contains(out, "left out: "+record) || !strings.Contains(out, `"c"`) {
		f.Errorf("partial export: %s", out)
	}
	if out := f.must("restore", "--commit", "1", path); !strings.Contains(out, "commit 3: restore of commit 1; the damaged store is kept as "+path+".damaged-") {
		f.Errorf("restore: %s", out)
	}
	f.must("check", path)
	if out := f.must("export", path); !strings.Contains(out, "marker-old") || strings.Contains(out, `"c"`) {
		f.Errorf("restored: %s", out)
	}
	f.file("running.db", damaged)
	if out := f.must("restore", "--commit", "2", "--partial", path); !strings.Contains(out, "left out: "+record) {
		f.Errorf("partial restore: %s", out)
	}
	f.must("check", path)
	if out := f.must("export", path); strings.Contains(out, "marker") || !strings.Contains(out, `"b"`) || !strings.Contains(out, `"c"`) {
		f.Errorf("restored in part: %s", out)
	}
	if saved, _ := filepath.Glob(path + ".damaged-*"); len(saved) == 0 {
		f.Error("the damaged store was not kept")
	}
}
