package cric

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// policy decides who has a prefix that several sites claim.
type policy uint8

const (
	firstByName policy = iota
	lastByName
	drop
	reject
)

// conflictError refuses a list by policy.
type conflictError struct{ driver.Conflict }

func (e *conflictError) Error() string {
	return fmt.Sprintf("prefix %s is claimed by sites %q, which the policy rejects", e.Prefix, e.Claimants)
}

// dataOf makes PIDs of sites ordered by name. Each prefix is in one PID, or in none
// where the policy drops it; a site that is left without a prefix has no PID. The
// error is a *conflictError.
func dataOf(sites []site, p policy) (*driver.Data, error) {
	owners := ownersOf(sites)
	d := new(driver.Data)
	for prefix, claimants := range owners {
		if len(claimants) < 2 {
			continue
		}
		c := driver.Conflict{Prefix: prefix}
		for _, i := range claimants {
			c.Claimants = append(c.Claimants, sites[i].name)
		}
		switch p {
		case firstByName:
			claimants = claimants[:1]
		case lastByName:
			claimants = claimants[len(claimants)-1:]
		default:
			claimants = nil
		}
		if owners[prefix] = claimants; claimants != nil {
			c.Winner = sites[claimants[0]].name
		}
		d.Conflicts = append(d.Conflicts, c)
	}
	slices.SortFunc(d.Conflicts, func(a, b driver.Conflict) int { return comparePrefixes(a.Prefix, b.Prefix) })
	if p == reject && len(d.Conflicts) > 0 {
		return nil, &conflictError{d.Conflicts[0]}
	}
	names := pidNames(sites)
	for i, s := range sites {
		pid := driver.PID{Name: names[i], Position: s.position, Properties: s.properties()}
		for _, prefix := range s.prefixes {
			if own := owners[prefix]; len(own) > 0 && own[0] == i && !slices.Contains(pid.Prefixes, prefix) {
				pid.Prefixes = append(pid.Prefixes, prefix)
			}
		}
		if len(pid.Prefixes) > 0 {
			d.PIDs = append(d.PIDs, pid)
		}
	}
	slices.SortFunc(d.PIDs, func(a, b driver.PID) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

// ownersOf returns the sites that claim each prefix, by index, ascending, each once.
func ownersOf(sites []site) map[netip.Prefix][]int {
	owners := make(map[netip.Prefix][]int)
	for i, s := range sites {
		for _, prefix := range s.prefixes {
			if own := owners[prefix]; len(own) == 0 || own[len(own)-1] != i {
				owners[prefix] = append(own, i)
			}
		}
	}
	return owners
}

// properties are those of the PID: site, asn (an array, ascending), country,
// countrycode, latitude and longitude, as far as they are known.
func (s *site) properties() []alto.Property {
	var list []alto.Property
	add := func(name string, value []byte) { list = append(list, alto.Property{Name: name, Value: value}) }
	addText := func(name, text string) {
		if quoted, err := jsontext.AppendQuote(nil, text); err == nil && text != "" {
			add(name, quoted)
		}
	}
	if len(s.asns) > 0 {
		b := []byte{'['}
		for i, asn := range s.asns {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, uint64(asn), 10)
		}
		add("asn", append(b, ']'))
	}
	addText("country", s.country)
	addText("countrycode", s.countryCode)
	if s.position != nil {
		add("latitude", strconv.AppendFloat(nil, s.position.Latitude, 'f', -1, 64))
		add("longitude", strconv.AppendFloat(nil, s.position.Longitude, 'f', -1, 64))
	}
	addText("site", s.name)
	return list
}

func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}
