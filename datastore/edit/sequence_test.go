package edit_test

import (
	"errors"
	"testing"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// at makes an edit of a YANG Patch.
func (f fixture) at(t *testing.T, path string, op edit.Op, content string, insert string) *edit.Edit {
	t.Helper()
	p := f.path(path)
	var c *tree.Tree
	if content != "" {
		c = f.tree(f.parent(p), content)
	}
	e, err := edit.At(p, op, c, readInsert(f, insert))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSequence(t *testing.T) {
	f := newFixture(t)
	base := f.tree(f.Root, "top{ name=a step{ id=1 } step{ id=2 val=w } }")
	move, err := edit.Move(f.path("/e:top/step[id='2']"), edit.Insert{Where: tree.Before, Point: f.path("/e:top/step[id='1']")})
	if err != nil {
		t.Fatal(err)
	}
	all := []*edit.Edit{
		f.at(t, "/e:top/item[id='1']", edit.Create, "item{ id=1 }", ""),
		f.at(t, "/e:top/item[id='1']/val", edit.Merge, "val=x", ""),
		f.at(t, "/e:top/step[id='3']", edit.Create, "step{ id=3 }", "after /e:top/step[id='1']"),
		move,
		f.at(t, "/e:top/name", edit.Delete, "", ""),
		f.at(t, "/e:top/count", edit.Remove, "", ""),
		f.at(t, "/e:top/np", edit.Replace, "np{ x=1 }", ""),
	}
	got, err := edit.Apply(base, edit.Sequence(all...), edit.Options{})
	if want := "top{ np{ x=1 } item{ id=1 val=x } step{ id=2 val=w } step{ id=1 } step{ id=3 } }"; err != nil || script(got.Root()) != want {
		t.Fatalf("got %v\n%s, want\n%s", err, script(got.Root()), want)
	}

	all = append(all[:2], f.at(t, "/e:top/count", edit.Delete, "", ""), f.at(t, "/e:top/item[id='9']/val", edit.Create, "val=x", ""))
	_, err = edit.Apply(base, edit.Sequence(all...), edit.Options{})
	var step *edit.StepError
	if !errors.As(err, &step) || step.Index != 2 || rpcerr.All(err)[0].Tag != rpcerr.DataMissing {
		t.Errorf("got %v", err)
	}
	got, err = edit.Apply(base, edit.Sequence(all...), edit.Options{ContinueOnError: true})
	if errs := rpcerr.All(err); len(errs) != 2 || errs[1].Path != "/e:top/item[id='9']" || !errors.As(errs[1], &step) || step.Index != 3 {
		t.Errorf("got %v", err)
	}
	if want := "top{ name=a item{ id=1 val=x } step{ id=1 } step{ id=2 val=w } }"; script(got.Root()) != want {
		t.Errorf("got %s", script(got.Root()))
	}
}

func TestSequenceRefuses(t *testing.T) {
	f := newFixture(t)
	root := f.path("/")
	if _, err := edit.At(root, edit.Delete, nil, nil); rpcerr.All(err)[0].Tag != rpcerr.OperationNotSupported {
		t.Errorf("delete of the datastore: %v", err)
	}
	if e, err := edit.At(root, edit.Merge, f.tree(f.Root, "top{ name=x }"), nil); err != nil || len(e.Root.Children) != 1 {
		t.Errorf("merge into the datastore: %v", err)
	}
	for name, try := range map[string]func() error{
		"state":        func() error { _, err := edit.At(f.path("/e:top/state"), edit.Remove, nil, nil); return err },
		"a whole list": func() error { _, err := edit.At(f.path("/e:top/item"), edit.Delete, nil, nil); return err },
		"another key": func() error {
			_, err := edit.At(f.path("/e:top/item[id='1']"), edit.Create, f.tree(f.path("/e:top").Schema(), "item{ id=2 }"), nil)
			return err
		},
		"a key": func() error { _, err := edit.At(f.path("/e:top/item[id='1']/id"), edit.Remove, nil, nil); return err },
		"the value of a key": func() error {
			_, err := edit.At(f.path("/e:top/item[id='1']/id"), edit.Merge, f.tree(f.path("/e:top/item").Schema(), "id=2"), nil)
			return err
		},
		"order of the system": func() error {
			_, err := edit.Move(f.path("/e:top/item[id='1']"), edit.Insert{Where: tree.First})
			return err
		},
		"move a list": func() error { _, err := edit.Move(f.path("/e:top/step"), edit.Insert{Where: tree.First}); return err },
	} {
		if err := try(); err == nil || rpcerr.All(err)[0].Tag != rpcerr.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
	missing, err := edit.Move(f.path("/e:top/step[id='9']"), edit.Insert{Where: tree.First})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := edit.Apply(f.tree(f.Root, "top{ step{ id=1 } }"), missing, edit.Options{}); rpcerr.All(err)[0].Tag != rpcerr.DataMissing {
		t.Errorf("moving what is missing: %v", err)
	}
}
