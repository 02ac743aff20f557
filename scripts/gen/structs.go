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

	"github.com/openconfig/ygot/genutil"
	"github.com/openconfig/ygot/gogen"
	"github.com/openconfig/ygot/ygen"
	"golang.org/x/tools/go/ast/astutil"
)

// structs runs ygot's generator on flattened module texts by name and returns one
// Go file of the given package. goyang reads files only, so the texts pass through
// a temporary folder.
func structs(pkg string, texts map[string]string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "altoam-gen")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var files []string
	for name, text := range texts {
		file := filepath.Join(dir, name+".yang")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	slices.Sort(files)
	code, errs := generator(pkg).Generate(files, []string{dir})
	if errs != nil {
		return nil, fmt.Errorf("ygot: %w", errs)
	}
	text, err := assemble(code)
	text = bytes.ReplaceAll(text, []byte(dir+"/"), nil)
	return bytes.ReplaceAll(text, []byte(dir), []byte("the same folder")), err
}

func generator(pkg string) *gogen.CodeGenerator {
	ir := ygen.IROptions{
		ParseOptions: ygen.ParseOpts{IgnoreUnsupportedStatements: true},
		TransformationOptions: ygen.TransformationOpts{
			CompressBehaviour:                    genutil.Uncompressed,
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
