package diagram

import (
	"regexp"
	"strings"
	"testing"

	"github.com/altoam/altoam/yang"
)

// nodeLine is a line of RFC 8340 Section 2.6.
var nodeLine = regexp.MustCompile(`^[| ]*[+xo]--(:\([\w:.-]+\)|(rw|ro|-w|-x|-n|mp|) (\([\w:.-]+\)\??|[\w:.-]+([!?*]|\* \[[\w. -]*\])?( +(-> [^{]+|[\w:.<>-]+))?))( \{[^{}]+\}\?)?$`)

// inputOutput is a line that stands for no data node, with a prefix where the action is
// another module's.
var inputOutput = regexp.MustCompile(`(-w ([\w-]+:)?input|--ro ([\w-]+:)?output)\n`)

// TestBuiltin draws every built-in module: each line is one of a diagram, and
// every node of the module has one.
func TestBuiltin(t *testing.T) {
	lib := yang.Builtin()
	names, err := lib.Names()
	if err != nil {
		t.Fatal(err)
	}
	var o yang.Options
	for _, name := range names {
		if name != "altoam-deviations" { // takes nodes out
			o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
		}
	}
	s, err := yang.Compile(lib, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Modules {
		text, err := Module(s, m.Name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		drawn := 0
		for line := range strings.Lines(text) {
			switch line = strings.TrimRight(line, "\n"); {
			case nodeLine.MatchString(line):
				drawn++
			case line != "" && !strings.HasSuffix(line, ":") && !strings.HasPrefix(line, "module: "):
				t.Errorf("%s: %q is no line of a diagram", m.Name, line)
			}
		}
		drawn -= len(inputOutput.FindAllString(text, -1))
		want := 0
		for _, n := range s.Nodes {
			if below(n, m) && n.Kind != yang.Structure && n.Kind != yang.Input && n.Kind != yang.Output {
				want++
			}
		}
		switch groupings := strings.Contains(text, "\n  grouping "); {
		case groupings && want > 0:
			t.Errorf("%s: groupings are drawn, though there are %d nodes", m.Name, want)
		case !groupings && drawn != want:
			t.Errorf("%s: %d nodes are drawn, there are %d", m.Name, drawn, want)
		}
	}
}

// below tells whether n is of m or stands below a node that is.
func below(n *yang.Node, m *yang.Module) bool {
	for ; n != nil; n = n.Parent {
		if n.Module == m {
			return true
		}
	}
	return false
}
