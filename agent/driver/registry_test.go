package driver

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRegisterPanics(t *testing.T) {
	source := SourceType{
		Identity: "altoam-source-test:test", YANG: fstest.MapFS{},
		New: func(context.Context, SourceConfig) (Source, error) { return nil, nil },
	}
	algorithm := Algorithm{
		Kind: CDNI, Module: "altoam-algorithm-test", Case: "test", YANG: fstest.MapFS{},
		Chosen:  func(r *Resource) bool { return r.GetDescription() == "chosen" },
		Plan:    func(PlanInput) (Needs, error) { return Needs{}, nil },
		Compute: func(context.Context, Input) (Output, error) { return Output{}, nil },
	}
	RegisterSource(source)
	RegisterAlgorithm(algorithm)
	update := algorithm
	update.Kind = Update
	RegisterAlgorithm(update) // same case, other choice

	for name, register := range map[string]func(){
		"source twice":            func() { RegisterSource(source) },
		"source without identity": func() { RegisterSource(SourceType{YANG: source.YANG, New: source.New}) },
		"source without module":   func() { RegisterSource(SourceType{Identity: ":x", YANG: source.YANG, New: source.New}) },
		"algorithm twice":         func() { RegisterAlgorithm(algorithm) },
		"algorithm without kind":  func() { a := algorithm; a.Kind = 0; RegisterAlgorithm(a) },
		"algorithm of no kind":    func() { a := algorithm; a.Kind = 200; RegisterAlgorithm(a) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			register()
		}()
	}

	if SourceTypeOf("altoam-source-test:test") == nil || SourceTypeOf("altoam-source-test:other") != nil {
		t.Error("SourceTypeOf does not tell known from unknown identities")
	}
	chosen := "chosen"
	if a := AlgorithmOf(&Resource{Description: &chosen}); a == nil || a.Kind != CDNI {
		t.Errorf("AlgorithmOf found %v", a)
	}
	if a := AlgorithmOf(new(Resource)); a != nil {
		t.Errorf("AlgorithmOf found %v for no choice", a)
	}
	if got := strings.Join(ModuleNames(), " "); got != "altoam-algorithm-test altoam-source-test" {
		t.Errorf("modules are %s", got)
	}
	if n := len(Modules()); n != 3 {
		t.Errorf("%d module folders, want one for each registration", n)
	}
}

func TestParamError(t *testing.T) {
	cause := context.Canceled
	e := Errorf("source-params/m:file/path", "reading: %w", cause)
	if e.Error() != "source-params/m:file/path: reading: context canceled" || e.Unwrap() != cause {
		t.Errorf("got %q with cause %v", e, e.Unwrap())
	}
	for _, c := range []struct{ value, want string }{
		{"x", "pid[name='x']"},
		{"it's", `pid[name="it's"]`},
		{`say "x"`, `pid[name='say "x"']`},
		{`it's "x"`, `pid[name=concat('it', "'", 's "x"')]`},
	} {
		if got := Entry("pid", "name", c.value); got != c.want {
			t.Errorf("Entry of %s is %s, want %s", c.value, got, c.want)
		}
	}
}

func TestNetworkMapOf(t *testing.T) {
	kinds := map[string]Kind{"n1": NetworkMap, "n2": NetworkMap, "c": CostMap}
	for _, c := range []struct {
		name, leaf   string
		dependencies []string
		want, fault  string
	}{
		{name: "leaf", leaf: "n1", dependencies: []string{"n2"}, want: "n1"},
		{name: "leaf is no network map", leaf: "c", fault: "is not a network map"},
		{name: "leaf is nothing", leaf: "x", fault: "is not a network map"},
		{name: "dependency", dependencies: []string{"c", "n2"}, want: "n2"},
		{name: "two dependencies", dependencies: []string{"n1", "n2"}, fault: "this leaf must name one"},
		{name: "none", dependencies: []string{"c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := PlanInput{
				Resource: &Resource{Dependency: c.dependencies},
				Kind:     func(id string) (Kind, bool) { k, ok := kinds[id]; return k, ok },
			}
			got, err := in.NetworkMapOf("leaf", c.leaf)
			if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
				t.Fatalf("error %v, want %q", err, c.fault)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			needed, err := in.NeededNetworkMap("leaf", c.leaf, "the test has")
			if needed != c.want || (err == nil) != (c.want != "") {
				t.Errorf("needed: got %q and error %v, want %q", needed, err, c.want)
			}
			if none := "the test has no network map: expected one here"; c.fault == "" && c.want == "" && !strings.Contains(err.Error(), none) {
				t.Errorf("error %v, want %q", err, none)
			}
		})
	}
}
