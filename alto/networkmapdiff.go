package alto

import (
	"net/netip"
	"slices"
)

// diff compares prefix by prefix, which is the cost.
func (d *networkData) diff(w *patchWriter, prev data) {
	old := prev.(*NetworkMap).networkData
	if old == d {
		return
	}
	x := networkMapDiff{w: w}
	w.enter([]byte(`"network-map"`))
	defer w.leave()
	i := 0
	for j := range d.pids {
		p := &d.pids[j]
		for ; i < len(old.pids) && old.pids[i].Name < p.Name; i++ {
			w.remove(x.named(old.pids[i].Name))
		}
		switch {
		case w.hopeless():
			return
		case i < len(old.pids) && old.pids[i].Name == p.Name:
			x.pid(&old.pids[i], p)
			i++
		default:
			x.value = p.appendGroup(x.value[:0], true, true)
			w.put(x.named(p.Name), x.value, false)
		}
	}
	for ; i < len(old.pids); i++ {
		w.remove(x.named(old.pids[i].Name))
	}
}

// leastSize supposes that prefixes are as short as can be.
func (d *networkData) leastSize() int {
	return len(`"network-map":{}}`) + len(d.pids)*len(`"":{},`) + d.prefixes*len(`"::/0",`)
}

// networkMapDiff is the comparison of two network maps.
type networkMapDiff struct {
	w           *patchWriter
	name, value []byte
}

func (x *networkMapDiff) named(pid string) []byte {
	x.name = appendString(x.name[:0], pid)
	return x.name
}

func (x *networkMapDiff) pid(before, after *PID) {
	if slices.Equal(before.Prefixes, after.Prefixes) {
		return
	}
	i, j := splitFamilies(before.Prefixes), splitFamilies(after.Prefixes)
	x.w.enter(x.named(after.Name))
	x.family([]byte(`"ipv4"`), before.Prefixes[:i], after.Prefixes[:j])
	x.family([]byte(`"ipv6"`), before.Prefixes[i:], after.Prefixes[j:])
	x.w.leave()
}

func (x *networkMapDiff) family(name []byte, before, after []netip.Prefix) {
	switch {
	case slices.Equal(before, after):
		return
	case len(after) == 0:
		x.w.remove(name)
		return
	}
	x.value = appendPrefixes(append(x.value[:0], '['), after)
	if len(before) == 0 {
		x.w.put(name, x.value, false)
		return
	}
	x.w.putList(name, x.value, func(j *jsonPatchWriter) { editPrefixes(j, before, after) })
}

// editPrefixes tells the steps from one ascending list to another.
func editPrefixes(w *jsonPatchWriter, before, after []netip.Prefix) {
	var value []byte
	i := 0
	for j, prefix := range after {
		for ; i < len(before) && comparePrefix(before[i], prefix) < 0; i++ {
			w.removeAt(j)
		}
		if i < len(before) && before[i] == prefix {
			i++
			continue
		}
		value = append(prefix.AppendTo(append(value[:0], '"')), '"')
		w.insert(j, value)
	}
	for ; i < len(before); i++ {
		w.removeAt(len(after))
	}
}
