package agent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testTexts are what tests say: string literals and names, those of the functions that
// they refer to in their package included.
type testTexts struct {
	funcs map[string]map[string]*ast.FuncDecl // by folder and name
	said  map[string]string                   // by test
}

// of returns what a test "PACKAGE.TEST" says, or a file or all tests of a folder; "" where
// there is none.
func (x *testTexts) of(t *testing.T, test string) string {
	t.Helper()
	if text, known := x.said[test]; known {
		return text
	}
	dot := strings.LastIndexByte(test, '.')
	folder, name := test[:max(dot, 0)], test[dot+1:]
	if !strings.HasPrefix(name, "Test") {
		text, err := os.ReadFile(filepath.Join("..", test))
		if err != nil { // that of a driver, with all its tests
			files, _ := filepath.Glob(filepath.Join("..", test, "*_test.go"))
			for _, f := range files {
				more, _ := os.ReadFile(f)
				text = append(text, more...)
			}
		}
		x.said[test] = string(text)
		return x.said[test]
	}
	funcs := x.funcsIn(t, folder)
	var text strings.Builder
	seen, todo := map[string]bool{name: true}, []string{name}
	for len(todo) > 0 {
		f := funcs[todo[0]]
		if todo = todo[1:]; f == nil {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				text.WriteString(n.Value + "\n")
			case *ast.Ident:
				text.WriteString(n.Name + "\n")
				if !seen[n.Name] {
					seen[n.Name] = true
					todo = append(todo, n.Name)
				}
			}
			return true
		})
	}
	x.said[test] = text.String()
	return x.said[test]
}

func (x *testTexts) funcsIn(t *testing.T, folder string) map[string]*ast.FuncDecl {
	t.Helper()
	if found := x.funcs[folder]; found != nil {
		return found
	}
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]*ast.FuncDecl)
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				found[d.Name.Name] = d
			}
		}
	}
	x.funcs[folder] = found
	return found
}

// exercises tells whether a text is about a node of the configuration: it has the name
// as YANG has it, or as the generated structs do.
func exercises(text, node string) bool {
	name := node[strings.LastIndexByte(node, '/')+1:]
	name = name[strings.LastIndexByte(name, ':')+1:]
	if strings.Contains(text, name) {
		return true
	}
	var field strings.Builder
	for _, part := range strings.Split(name, "-") {
		field.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return strings.Contains(text, field.String())
}
