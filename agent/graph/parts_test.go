package graph

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestApart: by what each node reaches, one by one.
func TestApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "nodes")
		var nodes []Node
		for i := range n {
			nodes = append(nodes, Node{Name: fmt.Sprintf("n%d", i)})
		}
		var links []Link
		for i := range rapid.IntRange(0, 2*n).Draw(t, "links") {
			end := func(what string) string { return fmt.Sprintf("n%d", rapid.IntRange(0, n-1).Draw(t, what)) }
			links = append(links, Link{Name: fmt.Sprint(i), From: end("from"), To: end("to"), Metric: 1})
		}
		g, err := New(nodes, links)
		if err != nil {
			t.Fatal(err)
		}
		var largest []int
		for i := range n {
			var with []int
			for k := range n {
				if g.Routes(i).Reaches(k) && g.Routes(k).Reaches(i) {
					with = append(with, k)
				}
			}
			if len(with) > len(largest) {
				largest = with
			}
		}
		var want []int
		for i := range n {
			if !slices.Contains(largest, i) {
				want = append(want, i)
			}
		}
		if got := g.Apart(); !slices.Equal(got, want) {
			t.Fatalf("%v, expected %v: %v", got, want, links)
		}
	})
}
