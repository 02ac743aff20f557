package yang

import (
	"os"
	"testing"
	"time"
)

func TestTmp(t *testing.T) {
	names, err := Builtin().Names()
	if err != nil {
		t.Fatal(err)
	}
	var o Options
	o.ImplementAll = true
	for _, n := range names {
		o.Implement = append(o.Implement, ModuleSpec{Name: n})
	}
	_ = os.Args
	for range 3 {
		start := time.Now()
		s, err := Compile(NewLibrary(BuiltinFS()), o)
		t.Log(time.Since(start))
		if err != nil {
			t.Log(err)
		} else {
			t.Log(len(s.Nodes))
		}
	}
}
