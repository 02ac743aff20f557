package alto

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// example is a good request with parameters, from an RFC, and a server for it.
type example struct {
	name              string // FOLDER/SECTION
	server            *Server
	path, media, body string
}

// rfcExamples returns all requests with parameters that the vectors hold, and one to open a
// TIPS view.
func rfcExamples(t testing.TB) (list []example) {
	t.Helper()
	one := func(c Config) func(string) (Config, bool) { return func(string) (Config, bool) { return c, true } }
	each := func(m map[string]Config) func(string) (Config, bool) {
		return func(name string) (c Config, ok bool) { c, ok = m[name]; return c, ok }
	}
	tips := rfc9569Config(t)
	for folder, configOf := range map[string]func(string) (Config, bool){
		"rfc7285": each(rfc7285Configs(t)), "rfc8189": one(rfc8189Config(t)), "rfc8895": one(rfc8895Config(t)), "rfc8896": each(rfc8896Configs(t)),
		"rfc9240": one(rfc9240Config(t)), "rfc9241": one(rfc9241Config(t)), "rfc9275": one(rfc9275Config(t)),
	} {
		paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d vectors, %v", folder, len(paths), err)
		}
		for _, path := range paths {
			section := strings.TrimSuffix(filepath.Base(path), ".txtar")
			if c, ok := configOf(section); ok {
				list = append(list, examplesIn(t, path, folder+"/"+section, serving(t, c))...)
			}
		}
	}
	return append(list, example{"rfc9569/6.2", serving(t, tips), "/tips", MediaTIPSParams, `{"resource-id":"my-network-map","tag":"3421097"}`})
}

// examplesIn reads a vector or a script.
func examplesIn(t testing.TB, path, name string, s *Server) (list []example) {
	t.Helper()
	if v := readVector(t, name); v.body != "" {
		return []example{{name, s, v.path, v.header.Get("Content-Type"), v.body}}
	}
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if at, ok := strings.CutPrefix(f.Name, "post "); ok {
			list = append(list, example{name, s, at, MediaUpdateParams, string(f.Data)})
		}
	}
	return list
}
