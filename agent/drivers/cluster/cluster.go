// Package cluster holds algorithms for network maps that put into one PID what belongs
// together: nodes of a topology that are near each other, prefixes of a source that have
// something in common.
package cluster

import (
	"cmp"
	"embed"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

//go:embed *.yang
var modules embed.FS

const module = "altoam-algorithm-cluster"

func init() {
	for _, a := range []driver.Algorithm{l3Unicast, byPrefix} {
		a.Kind, a.Module, a.YANG = driver.NetworkMap, module, modules
		driver.RegisterAlgorithm(a)
	}
}

// leaf names a leaf of a case.
func leaf(of, name string) string { return "alto-networkmap-params/" + module + ":" + of + "/" + name }

// maxPIDName is the length of a PID name (RFC 7285 Section 10.1).
const maxPIDName = 64

// pidName makes the name of a PID of any text: what it cannot have becomes '-'.
func pidName(text string) (string, error) {
	name := strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', strings.ContainsRune("-:@_", r):
			return r
		}
		return '-'
	}, text)
	if name == "" || len(name) > maxPIDName {
		return "", fmt.Errorf("%q cannot be made the name of a PID, which has 1 to %d characters", text, maxPIDName)
	}
	return name, nil
}

// groups gathers prefixes by PID. The zero value is empty.
type groups struct {
	members map[string][]netip.Prefix
	from    map[string]string // by PID: the text its name was made of
}

// add puts prefixes into the PID named after text. The error tells that another text has
// led to the same name.
func (g *groups) add(text string, prefixes ...netip.Prefix) error {
	name, err := pidName(text)
	if err != nil {
		return err
	}
	if g.members == nil {
		g.members, g.from = make(map[string][]netip.Prefix), make(map[string]string)
	}
	if other, ok := g.from[name]; ok && other != text {
		return fmt.Errorf("%q and %q are both PID %q", other, text, name)
	}
	g.from[name] = text
	g.members[name] = append(g.members[name], prefixes...)
	return nil
}

// pids returns the PIDs by name. A prefix in several stays in the first; a PID without
// prefixes is left out.
func (g *groups) pids() []alto.PID {
	var list []alto.PID
	for name, prefixes := range g.members {
		list = append(list, alto.PID{Name: name, Prefixes: prefixes})
	}
	slices.SortFunc(list, func(a, b alto.PID) int { return cmp.Compare(a.Name, b.Name) })
	taken := make(map[netip.Prefix]bool)
	for i := range list {
		list[i].Prefixes = slices.DeleteFunc(list[i].Prefixes, func(p netip.Prefix) bool {
			gone := taken[p]
			taken[p] = true
			return gone
		})
	}
	return slices.DeleteFunc(list, func(p alto.PID) bool { return len(p.Prefixes) == 0 })
}
