package netconf

import (
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/yang"
)

func TestReach(t *testing.T) {
	s := schema(t)
	o := yang.XPathOptions{Default: yang.AnyModule, Resolve: func(p string) (string, bool) {
		return map[string]string{"f": "farm", "t": "config"}[p], p == "f" || p == "t"
	}}
	const everything = "everything"
	for text, want := range map[string]string{
		"/f:farm":                          "farm",
		"/f:farm/f:stall[f:name='x']":      "farm",
		"f:farm/f:owner":                   "farm",
		"/f:farm | /t:top":                 "farm top",
		"/f:farm/f:owner[. = /t:top/t:x]":  "farm top",
		"/f:farm[count(/t:top) = 1]":       "farm top",
		"(/f:farm | /f:field)/f:owner":     "farm field",
		"/farm":                            "farm",
		"/t:farm":                          "",
		"/nothing":                         "",
		"/":                                everything,
		"//f:stall":                        everything,
		"/*":                               everything,
		"/f:farm/..":                       everything,
		"/f:farm/f:stall/ancestor::node()": everything,
		"/f:farm/f:path[deref(f:from)]":    everything,
		"/f:farm/f:stall/following::f:x":   everything,
		"not XPath (":                      everything,
	} {
		tops, all := reachOf(text, o, s)
		var names []string
		for _, n := range tops {
			names = append(names, n.Name)
		}
		got := strings.Join(names, " ")
		if all {
			got = everything
		}
		if g, w := strings.Fields(got), strings.Fields(want); !slices.Equal(g, w) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
