package tree_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

func BenchmarkLoad(b *testing.B) {
	f := newFixture(b)
	b.ReportAllocs()
	for b.Loop() {
		big(f, 50_000)
	}
}

func BenchmarkEditOne(b *testing.B) {
	f := newFixture(b)
	base := big(f, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		m := base.Mutate()
		m.Child(f.node("/t:top")).Entry(f.below("step"), "00050000").SetLeaf(f.below("step/val"), f.str("w"))
		if tree.Compare(base, m.Done()).Empty() {
			b.Fatal("no change")
		}
	}
}

// The worst there is: a long list ordered by user, shuffled.
func BenchmarkCompareShuffled(b *testing.B) {
	f := newFixture(b)
	make := func(order []int) *tree.Tree {
		m := tree.New(f.Root).Mutate()
		top := m.Ensure(f.node("/t:top"))
		for _, i := range order {
			top.AddEntry(f.below("step"), []yang.Value{f.str(fmt.Sprint(i))}, tree.Position{})
		}
		return m.Done()
	}
	order := rand.New(rand.NewSource(1)).Perm(100_000)
	x := make(order)
	rand.New(rand.NewSource(2)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	y := make(order)
	for b.Loop() {
		tree.Compare(x, y)
	}
}
