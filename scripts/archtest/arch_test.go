// Package archtest holds the test that enforces which packages may import which:
// the table of ARCHITECTURE.md.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/altoam/altoam/"

// allowed maps a package, or a folder with all below it when it ends in "/", to
// the packages of ours that it may import. "*" allows all. The longest match counts.
var allowed = map[string][]string{
	"yang":                        {},
	"yang/diagram":                {"yang"},
	"gen":                         {},
	"alto":                        {"alto/persistent", "doorway"},
	"alto/client":                 {},
	"alto/persistent":             {},
	"alto/schema":                 {},
	"alto/schema/schematest":      {"alto/schema"},
	"alarms":                      {},
	"daemon":                      {},
	"weakness":                    {"certs", "datastore/tree", "passwords"},
	"netconf/transport":           {"doorway"},
	"datastore/rpcerr":            {},
	"datastore/tree":              {"yang", "datastore/rpcerr"},
	"datastore/xpath":             {"yang", "datastore/rpcerr", "datastore/tree"},
	"datastore/codec":             {"yang", "datastore/rpcerr", "datastore/tree"},
	"datastore/edit":              {"yang", "datastore/rpcerr", "datastore/tree"},
	"datastore/nacm":              {"yang", "datastore/rpcerr", "datastore/tree", "datastore/edit"},
	"datastore/query":             {"yang", "datastore/rpcerr", "datastore/tree", "datastore/xpath", "datastore/codec"},
	"datastore/validate":          {"yang", "datastore/rpcerr", "datastore/tree", "datastore/xpath"},
	"datastore/notify":            {"yang", "datastore/tree", "datastore/codec"},
	"datastore/persist":           {"yang", "datastore/tree", "datastore/codec"},
	"datastore/persist/bolt":      {"datastore/persist", "datastore/persist/failpoint"},
	"datastore/persist/failpoint": {},
	"alto/transfertest":           {},
	"datastore/dstest":            {"yang", "datastore/"},
	"datastore/dstest/instance":   {"yang", "datastore/tree", "datastore/codec"},
	"datastore":                   {"yang", "datastore/"},
	"history":                     {"yang", "datastore", "datastore/"},
	"digest":                      {},
	"doorway":                     {},
	"passwords":                   {},
	"users":                       {"yang", "datastore", "datastore/tree", "datastore/rpcerr", "digest", "passwords"},
	"logging":                     {},
	"logins":                      {"yang", "logging", "datastore", "datastore/notify", "datastore/tree", "datastore/rpcerr"},
	"audit":                       {},
	"audit/trail":                 {"yang", "audit", "certs", "logging", "datastore", "datastore/tree", "datastore/rpcerr", "datastore/persist"},
	"secrets":                     {"yang", "datastore/tree", "datastore/rpcerr"},
	"certs":                       {"yang", "datastore/tree", "datastore/rpcerr", "secrets"},
	"keystore":                    {"yang", "certs", "secrets", "datastore", "datastore/edit", "datastore/tree", "datastore/rpcerr"},
	"expiry":                      {"certs", "datastore", "datastore/notify", "datastore/tree"},
	"tokens":                      {"certs", "datastore", "datastore/rpcerr"},
	"listeners":                   {"yang", "certs", "logins", "passwords", "datastore", "datastore/tree", "datastore/rpcerr", "netconf/transport", "secrets"},
	"netconf":                     {"yang", "datastore", "datastore/", "netconf/transport"},
	"openapi":                     {"yang"},
	"restconf":                    {"yang", "openapi", "doorway", "datastore", "datastore/"},
	"discovery":                   {},
	"discovery/dnstest":           {},
	"southbound":                  {"alto", "alto/persistent"},
	"agent/graph":                 {},
	"agent/driver":                {"gen", "alto", "agent/graph"},
	"agent/driver/document":       {"agent/driver", "alto"},
	"agent/driver/remote":         {"agent/driver", "agent/driver/document", "alto"},
	"agent/drivers/":              {"agent/driver", "agent/driver/", "agent/drivers/", "agent/graph", "gen", "alto", "alto/client"},
	"agent":                       {"yang", "datastore", "datastore/", "gen", "alto", "alto/persistent", "agent/driver", "certs", "logging", "discovery", "alarms", "alto/client", "digest", "logins", "passwords", "tokens", "southbound", "secrets"},
	"cmd/":                        {"*"},
	"scripts/":                    {"*"},
	"test/":                       {"*"},
	"":                            {},
}

// nobody may import these but the packages named, cmd and tests.
var private = map[string][]string{"datastore/persist/bolt": nil, "datastore/nacm": {"datastore"}}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	checked := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (strings.HasPrefix(name, ".") && name != ".." || name == "testdata" || name == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		checked++
		return check(t, file, filepath.ToSlash(rel))
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 20 {
		t.Fatalf("only %d files found below %s", checked, root)
	}
}

func check(t *testing.T, file, rel string) error {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	from := path.Dir(rel)
	if from == "." {
		from = ""
	}
	may := rule(from)
	if may == nil {
		t.Errorf("%s: package %s is not in the table", rel, from)
		return nil
	}
	for _, i := range f.Imports {
		target, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return err
		}
		if to, ours := strings.CutPrefix(target, module); ours && !permits(from, may, to) {
			t.Errorf("%s: package %s may not import %s", rel, from, to)
		}
	}
	return nil
}

func rule(pkg string) []string {
	if may, ok := allowed[pkg]; ok {
		return may
	}
	for dir := pkg; dir != "." && dir != "/"; dir = path.Dir(dir) {
		if may, ok := allowed[dir+"/"]; ok {
			return may
		}
	}
	return nil
}

func permits(from string, may []string, to string) bool {
	if slices.Contains(may, "*") {
		return true
	}
	if by, isPrivate := private[to]; isPrivate && !slices.Contains(by, from) {
		return false
	}
	for _, m := range may {
		if m == to || strings.HasSuffix(m, "/") && strings.HasPrefix(to, m) {
			return true
		}
	}
	return false
}
