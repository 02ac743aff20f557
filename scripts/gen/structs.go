package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/yang"
	"github.com/openconfig/ygot/genutil"
	"github.com/openconfig/ygot/gogen"
	"github.com/openconfig/ygot/ygen"
	"golang.org/x/tools/go/ast/astutil"
)

// structs flattens the named modules of a schema and runs ygot's generator on them;
// the result is one Go file of the given package. State is left out: the structs are
// for reading configuration. goyang reads files only, so the texts pass through a
// temporary folder.
func structs(pkg string, s *yang.Schema, modules ...string) ([]byte, error) {
	if err := checkUnions(s, modules); err != nil {
		return nil, err
	}
	flat, err := yang.Flatten(s, modules...)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "altoam-gen")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var files []string
	for _, m := range flat {
		file := filepath.Join(dir, m.File())
		if err := os.WriteFile(file, m.Text, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	code, errs := generator(pkg).Generate(files, []string{dir})
	if errs != nil {
		return nil, fmt.Errorf("ygot: %w", errs)
	}
	text, err := assemble(code)
	text = bytes.ReplaceAll(text, []byte(dir+"/"), nil)
	return bytes.ReplaceAll(text, []byte(dir), []byte("the same folder")), err
}

// checkUnions refuses unions that agent.Fill cannot fill: ygot gives no way to find
// the Go type of a member that is an enumeration or identityref.
func checkUnions(s *yang.Schema, modules []string) error {
	for _, n := range s.Nodes {
		if n.IsLeafy() && n.Config && slices.Contains(modules, top(n).Module.Name) && hasNames(n.Type.Real, false) {
			return fmt.Errorf("%s:%d: %s is a union with a member that the typed view cannot hold", n.File, n.Line, n.Path())
		}
	}
	return nil
}

// hasNames reports whether a member of the union t is an enumeration or identityref.
func hasNames(t *yang.Type, member bool) bool {
	if t.Base == yang.Union {
		return slices.ContainsFunc(t.Members, func(m *yang.Type) bool { return hasNames(m.Real, true) })
	}
	return member && (t.Base == yang.Enumeration || t.Base == yang.IdentityRef)
}

// top returns the top-level schema node that n is below.
func top(n *yang.Node) *yang.Node {
	for n.Parent != nil && n.Parent.Kind != yang.Root {
		n = n.Parent
	}
	return n
}

func generator(pkg string) *gogen.CodeGenerator {
	ir := ygen.IROptions{
		ParseOptions: ygen.ParseOpts{IgnoreUnsupportedStatements: true},
		TransformationOptions: ygen.TransformationOpts{
			CompressBehaviour:                    genutil.UncompressedExcludeDerivedState,
			EnumerationsUseUnderscores:           true,
			UseDefiningModuleForTypedefEnumNames: true,
		},
	}
	opts := gogen.GoOpts{
		PackageName:          pkg,
		YgotImportPath:       genutil.GoDefaultYgotImportPath,
		YtypesImportPath:     genutil.GoDefaultYtypesImportPath,
		GoyangImportPath:     genutil.GoDefaultGoyangImportPath,
		AddYangPresence:      true,
		GenerateLeafGetters:  true,
		GenerateSimpleUnions: true,
		ValidateFunctionName: "Validate",
	}
	return gogen.New("scripts/gen", ir, opts)
}

// assemble joins the pieces in the order of their names.
func assemble(code *gogen.GeneratedCode) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(code.CommonHeader)
	b.WriteString(code.OneOffHeader)
	slices.SortFunc(code.Structs, func(x, y gogen.GoStructCodeSnippet) int {
		return strings.Compare(x.StructName, y.StructName)
	})
	for _, s := range code.Structs {
		b.WriteString(s.String())
	}
	for _, e := range code.Enums {
		b.WriteString(e)
	}
	b.WriteString(code.EnumMap)
	b.WriteString(code.EnumTypeMap)
	return tidy(b.Bytes())
}

// tidy drops the imports that ygot writes and nothing uses, and formats.
func tidy(text []byte) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "gen.go", text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("reading what ygot made: %w", err)
	}
	for _, i := range slices.Clone(file.Imports) {
		if path, _ := strconv.Unquote(i.Path.Value); !astutil.UsesImport(file, path) {
			astutil.DeleteImport(set, file, path)
		}
	}
	var b bytes.Buffer
	if err := format.Node(&b, set, file); err != nil {
		return nil, fmt.Errorf("formatting what ygot made: %w", err)
	}
	return b.Bytes(), nil
}
