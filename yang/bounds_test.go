package yang

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func compileText(text string) (*Schema, error) {
	text = "module a { yang-version 1.1; namespace urn:a; prefix a;\n" + text + "}"
	return Compile(NewLibrary(fstest.MapFS{"a.yang": {Data: []byte(text)}}), Options{Implement: []ModuleSpec{{Name: "a"}}})
}

// chain writes n definitions, each made of the one before it.
func chain(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.NewReplacer("NEW", fmt.Sprint(i), "OLD", fmt.Sprint(i-1)).Replace(format))
	}
	return b.String()
}

// TestBounds compiles small texts that stand for huge schemas.
func TestBounds(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"groupings", "grouping g0 { leaf x { type string; } }" +
			chain(40, "grouping gNEW { container a { uses gOLD; } container b { uses gOLD; } }\n") + "uses g40;", "more than 1000000 nodes"},
		{"unions", "typedef t0 { type string { length 1; } }" +
			chain(40, "typedef tNEW { type union { type tOLD; type tOLD; } }\n") + "leaf x { type t40; default abc; }", "more than 1000 types"},
		{"leafrefs", "leaf x0 { type int8; }" +
			chain(40, `leaf xNEW { type union { type leafref { path "/xOLD"; } type leafref { path "/xOLD"; } } }`+"\n") + "leaf x { type leafref { path '/x40'; } default abc; }", "more than 1000 types"},
		{"nesting", strings.Repeat("container a {", 600) + strings.Repeat("}", 600), "nested more than 500 deep"},
		{"conditions", "feature f; leaf x { if-feature '" + strings.Repeat("(", 600) + "f" + strings.Repeat(")", 600) + "'; type string; }", "fewer levels"},
		{"identities", "identity i0;" + chain(60, "identity jNEW { base iOLD; } identity kNEW { base iOLD; } identity iNEW { base jNEW; base kNEW; }\n") +
			"leaf x { type identityref { base i0; } default i60; }", ""},
		{"features", "feature f0;" + chain(60, `feature fNEW { if-feature "fOLD and fOLD"; }`+"\n") + "leaf x { if-feature f60; type string; }", ""},
		{"siblings", chain(20_000, "leaf xNEW { type string; must '../x1'; }\n") + chain(100, "augment /c { leaf xNEW { type string; } }\n") + "container c;", ""},
		{"refines", "grouping g {" + chain(5_000, "leaf xNEW { type string; }\n") + "} uses g {" + chain(5_000, "refine xNEW { mandatory true; }\n") + "}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			s, err := compileText(tt.text)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want == "":
				s.Facts("a")
			case err == nil || !strings.Contains(err.Error(), tt.want):
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}
