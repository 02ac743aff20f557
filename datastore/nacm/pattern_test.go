package nacm_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/nacm"
)

// TestPatterns reads paths as rules have them.
func TestPatterns(t *testing.T) {
	s := schemaOf(t)
	for path, wrong := range map[string]string{
		"/":                          "",
		"/farm:farm":                 "",
		" /farm:farm/stall ":         "",
		"/f:farm/f:stall":            "", // the module's own prefix
		"/farm:farm/stall[name='a']": "",
		"/farm:farm/stall[ farm:name = \"a'b\" ]": "",
		"/farm:farm/stall[name=$USER]":            "",
		"/farm:farm/stall/cow[b='x']":             "",
		"/farm:farm/stall/cow[b='x'][a='y']/milk": "",
		"/farm:farm/tag[.='x']":                   "",
		"/farm:farm/stall/barn:loft/hay":          "",
		"/farm:farm/stall/clean":                  "",
		"/farm:farm/stall/dirty":                  "",
		"":                                        "starts with '/'",
		"farm:farm":                               "expected '/'",
		"/farm":                                   "names no node",
		"/farm:farm/":                             "names no node",
		"//farm:farm":                             "names no node",
		"/farm:farm/nothing":                      "names no node",
		"/farm:farm/stall/loft":                   "names no node",
		"/none:farm":                              "names no node",
		"/farm:farm[name='a']":                    "value of a key",
		"/farm:farm/stall[size=1]":                "value of a key",
		"/farm:farm/stall[1]":                     "value of a key",
		"/farm:farm/stall[name='a'][name='b']":    "one NAME=VALUE",
		"/farm:farm/stall[name]":                  "one NAME=VALUE",
		"/farm:farm/stall[name=a]":                "in quotes",
		"/farm:farm/stall[name='a]":               "in quotes",
		"/farm:farm/stall[name='a' or name='b']":  "expected ']'",
		"/farm:farm/stall[name='a'":               "expected ']'",
		"/farm:farm/stall[name=concat('a','b')]":  "in quotes",
		"/farm:farm/stall[name='a']extra":         "expected '/'",
		"/farm:farm/step[id='a']/do | /farm:farm": "expected '/'",
	} {
		_, err := nacm.Compile(s, rules(nil, setup{"name": "r", "action": "deny", "path": path}).tree(t, s))
		switch {
		case wrong == "" && err != nil:
			t.Errorf("%q: %v", path, err)
		case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong) || !strings.Contains(err.Error(), "rule[name='r']/path")):
			t.Errorf("%q: %v, want %q", path, err, wrong)
		}
	}
}

// FuzzPattern reads any text: it is refused or leads somewhere, and pruning by it takes
// nothing but what a tree without it has.
func FuzzPattern(f *testing.F) {
	for _, path := range []string{"/", "/farm:farm/stall[name='a']/size", "/f:farm/f:stall/f:cow[f:b=$USER]", "/farm:farm/tag[.=\"x\"]", "//[", "/barn:barn['"} {
		f.Add(path)
	}
	s := schemaOf(f)
	t := rules(nil).tree(f, s)
	f.Fuzz(func(tt *testing.T, path string) {
		if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0xFFFD || r > 0xD000 }) {
			return // no YANG string
		}
		p, err := nacm.Compile(s, rules(nil, setup{"name": "r", "action": "deny", "path": path}).tree(tt, s))
		if a := p.For("u", nil); err == nil && a == nil {
			tt.Errorf("%q: no Access", path)
		} else if left := a.Prune(t, nil); len(paths(left)) > len(paths(t)) {
			tt.Errorf("%q: more is left than there was", path)
		}
	})
}
