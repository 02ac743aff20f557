package alto

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/transfertest"
)

// TestTransferFields demands of every field of every service, and of those of Resource,
// that an ALTO server in a process of its own gets it. Who adds a field of a kind that
// JSON does not carry extends alto/transfer.go.
func TestTransferFields(t *testing.T) {
	var given []any
	for _, d := range pieces(t) {
		given = append(given, d)
	}
	for name, of := range services {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(5) {
				r, service := new(Resource), reflect.New(of)
				transfertest.Fill(t, service.Interface(), seed, given...)
				r.Service = service.Elem().Interface().(Service)
				transfertest.Fill(t, r, seed, given...)
				survives(t, r)
			}
		})
	}
}

func survives(t *testing.T, r *Resource) {
	t.Helper()
	held := make(map[Digest]Data)
	form, err := EncodeResource(r, func(d Data) Digest {
		text, err := EncodeData(d)
		if err != nil {
			t.Fatal(err)
		}
		held[DigestOf(text)] = d
		return DigestOf(text)
	})
	if err != nil {
		t.Fatalf("%v: see alto/transfer.go", err)
	}
	got, err := DecodeResource(form, func(d Digest) Data { return held[d] })
	if err != nil {
		t.Fatalf("%v: see alto/transfer.go", err)
	}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("a field is lost in a transfer, see alto/transfer.go:\n%#v came out as\n%#v, by way of\n%s", r, got, form)
	}
}

// TestTransferConfig is the same for Config, but for what the other process makes anew.
func TestTransferConfig(t *testing.T) {
	want := new(Config)
	transfertest.Fill(t, want, 1, (func(*http.Request) ([]string, bool))(nil), (func(*http.Request) []string)(nil), []*Resource(nil))
	var got Config
	want.transferred().Apply(&got)
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("a field is lost in a transfer, see Settings in alto/transfer.go: %+v came out as %+v", want, got)
	}
}

// TestTransferTypes demands that every type of this package that is a Service, or Data, can
// be transferred.
func TestTransferTypes(t *testing.T) {
	known := make(map[string]bool)
	for of := range maps.Values(services) {
		known[of.Name()] = true
	}
	for _, d := range pieces(t) {
		known["*"+reflect.TypeOf(d).Elem().Name()] = true
	}
	found := methodsOf(t, "kind") // of values: services; of pointers: data
	for name := range found {
		if !known[name] {
			t.Errorf("%s cannot be transferred: a service needs a name in services (alto/transfer.go), data a form (alto/transfer_data.go) and an example in pieces (alto/transfer_test.go)", name)
		}
	}
	if len(found) < len(known) {
		t.Errorf("%d of %d types are found: the method that tells them has another name now", len(found), len(known))
	}
}

// methodsOf returns the receivers of methods of a name.
func methodsOf(t *testing.T, method string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		x, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range x.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != method {
				continue
			}
			switch r := f.Recv.List[0].Type.(type) {
			case *ast.Ident:
				found[r.Name] = true
			case *ast.StarExpr:
				found["*"+fmt.Sprint(r.X)] = true
			}
		}
	}
	return found
}

// TestTransferDataFields demands that who adds a field to data says whether it is
// transferred, by the form in alto/transfer_data.go, or follows from what is.
func TestTransferDataFields(t *testing.T) {
	for of, want := range map[reflect.Type]string{
		reflect.TypeFor[NetworkMap]():              "networkData tag",
		reflect.TypeFor[networkData]():             "pids index table prefixes body sizing bytes merging merged",
		reflect.TypeFor[PID]():                     "Name Prefixes",
		reflect.TypeFor[CostMatrix]():              "pids index cells tag ordinal most body",
		reflect.TypeFor[PathMatrix]():              "pids index anes paths hops tag body",
		reflect.TypeFor[PropertyMap]():             "domains entities tag body bytes",
		reflect.TypeFor[entity]():                  "id prefix properties",
		reflect.TypeFor[Entity]():                  "Domain Name Properties",
		reflect.TypeFor[CDNIAdvertisement]():       "advertisementData tag",
		reflect.TypeFor[BaseAdvertisementObject](): "CapabilityType CapabilityValue Footprints",
	} {
		var names []string
		for f := range of.Fields() {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s has fields %q, expected %q: extend its form in alto/transfer_data.go where they hold what follows from nothing else, then this list", of.Name(), got, want)
		}
	}
}
