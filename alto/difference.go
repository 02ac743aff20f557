package alto

import (
	"bytes"
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/persistent"
)

// Difference is how a resource differs in two snapshots, base URI and cost types aside.
// One that was put again and is the same differs in nothing.
type Difference struct {
	ID, Account string
	Before      bool   // whether the snapshot before has it
	After       bool   // whether the one after has it
	TagBefore   string // of the version tag; "": none
	TagAfter    string
	Answers     bool // it answers otherwise
	Entry       bool // directories list it otherwise
	Roles       bool // other clients may use it
}

// Differences returns what differs, by ID. Where after followed from before, cost is
// that of the differences.
func Differences(before, after *Snapshot) []Difference {
	var list []Difference
	persistent.Diff(before.byID, after.byID, func(id string, a, b *served) {
		list = append(list, differenceOf(id, before, after, a, b))
	})
	slices.SortFunc(list, func(a, b Difference) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func differenceOf(id string, before, after *Snapshot, a, b *served) Difference {
	d := Difference{ID: id, Before: a != nil, After: b != nil}
	if a != nil {
		v, _ := a.vtag()
		d.Account, d.TagBefore = a.account(), v.Tag
	}
	if b != nil {
		v, _ := b.vtag()
		d.Account, d.TagAfter = b.account(), v.Tag
	}
	if a != nil && b != nil {
		d.Answers = a.version != b.version
		d.Entry = a.Directory != b.Directory || !bytes.Equal(before.appendEntry(nil, a), before.appendEntry(nil, b)) || mapRole(a.Service) != mapRole(b.Service)
		d.Roles = !slices.Equal(a.Roles, b.Roles)
	}
	return d
}
