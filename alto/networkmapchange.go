package alto

import (
	"net/netip"
	"slices"
)

// NetworkMapChange is how one network map differs from another, in numbers and by a
// sample.
type NetworkMapChange struct {
	PIDsBefore, PIDsAfter         int
	PIDsAdded, PIDsRemoved        int
	PIDsChanged                   int // in both, with other prefixes
	PrefixesBefore, PrefixesAfter int
	PrefixesAdded                 int // no PID had them
	PrefixesRemoved               int // no PID has them
	PrefixesMoved                 int // from one PID to another
	PIDs                          []PIDChange
	Prefixes                      []PrefixChange
}

// PIDChange is how a PID differs, by the number of its prefixes; -1 where it is not.
type PIDChange struct {
	Name          string
	Before, After int
}

// PrefixChange is how a prefix differs: the PIDs that its addresses belong to by longest
// match, "" where they belong to none. They are the same where a prefix stands in one of
// them besides another one around it.
type PrefixChange struct {
	Prefix        netip.Prefix
	Operation     Operation
	Before, After string
}

// Operation is what happened to a part of a map.
type Operation uint8

// The operations.
const (
	Added Operation = iota
	Removed
	Changed // of a prefix: moved
)

// CompareNetworkMaps tells what differs; nil stands for no map. Each sample has at most
// so many entries: PIDs in the order of their names, prefixes that moved before those
// that were removed and those that were added. Cost is that of both maps.
func CompareNetworkMaps(before, after *NetworkMap, sample int) NetworkMapChange {
	none := new(networkData)
	a, b := none, none
	if before != nil {
		a = before.networkData
	}
	if after != nil {
		b = after.networkData
	}
	c := NetworkMapChange{PIDsBefore: len(a.pids), PIDsAfter: len(b.pids), PrefixesBefore: a.prefixes, PrefixesAfter: b.prefixes}
	if a != b {
		c.comparePIDs(a, b, sample)
		c.comparePrefixes(a, b, sample)
	}
	return c
}

func (c *NetworkMapChange) comparePIDs(a, b *networkData, sample int) {
	note := func(count *int, name string, before, after int) {
		if *count++; len(c.PIDs) < sample {
			c.PIDs = append(c.PIDs, PIDChange{name, before, after})
		}
	}
	i, j := 0, 0
	for i < len(a.pids) || j < len(b.pids) {
		switch {
		case j == len(b.pids) || i < len(a.pids) && a.pids[i].Name < b.pids[j].Name:
			note(&c.PIDsRemoved, a.pids[i].Name, len(a.pids[i].Prefixes), -1)
			i++
		case i == len(a.pids) || b.pids[j].Name < a.pids[i].Name:
			note(&c.PIDsAdded, b.pids[j].Name, -1, len(b.pids[j].Prefixes))
			j++
		default:
			if p, q := &a.pids[i], &b.pids[j]; !slices.Equal(p.Prefixes, q.Prefixes) {
				note(&c.PIDsChanged, p.Name, len(p.Prefixes), len(q.Prefixes))
			}
			i++
			j++
		}
	}
}

func (c *NetworkMapChange) comparePrefixes(a, b *networkData, sample int) {
	var moved, removed, added []PrefixChange
	note := func(list *[]PrefixChange, count *int, x PrefixChange) {
		if *count++; len(*list) < sample {
			x.Before, x.After = a.pidOf(x.Prefix), b.pidOf(x.Prefix)
			*list = append(*list, x)
		}
	}
	for i := range b.pids {
		for _, prefix := range b.pids[i].Prefixes {
			switch old, had := a.exactly(prefix); {
			case !had:
				note(&added, &c.PrefixesAdded, PrefixChange{Prefix: prefix, Operation: Added})
			case a.pids[old].Name != b.pids[i].Name:
				note(&moved, &c.PrefixesMoved, PrefixChange{Prefix: prefix, Operation: Changed})
			}
		}
	}
	for i := range a.pids {
		for _, prefix := range a.pids[i].Prefixes {
			if _, has := b.exactly(prefix); !has {
				note(&removed, &c.PrefixesRemoved, PrefixChange{Prefix: prefix, Operation: Removed})
			}
		}
	}
	all := slices.Concat(moved, removed, added)
	c.Prefixes = all[:min(len(all), sample)]
}

// exactly returns the index of the PID that has the prefix itself.
func (d *networkData) exactly(prefix netip.Prefix) (pid int32, ok bool) {
	if d.table == nil {
		return 0, false
	}
	return d.table.Get(prefix)
}

// pidOf returns the name of the PID that has the prefix, or the longest one around it.
func (d *networkData) pidOf(prefix netip.Prefix) string {
	if d.table == nil {
		return ""
	}
	if i, ok := d.table.LookupPrefix(prefix); ok {
		return d.pids[i].Name
	}
	return ""
}

// String returns added, removed or changed.
func (o Operation) String() string { return [...]string{"added", "removed", "changed"}[o] }
