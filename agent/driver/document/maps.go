package document

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/netip"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// networkMap reads a network map (RFC 7285 Section 11.2.1). Address types other
// than ipv4 and ipv6 are skipped.
func (p *Part) networkMap(r *response) error {
	p.isMap = true
	var in map[string]map[string][]string
	if err := decode("network-map", r.NetworkMap, &in); err != nil {
		return err
	}
	canonical := r.NetworkMap.Clone()
	if err := canonical.Canonicalize(); err != nil {
		return err
	}
	p.digest = sha256.Sum256(canonical)
	owner := make(map[netip.Prefix]string)
	for _, name := range sortedKeys(in) {
		if err := alto.CheckPIDName(name); err != nil {
			return err
		}
		pid := driver.PID{Name: name}
		for _, family := range sortedKeys(in[name]) {
			if family != "ipv4" && family != "ipv6" {
				p.data.Skipped = append(p.data.Skipped, driver.Skipped{Location: p.Name + ": " + name, Value: family, Reason: "not an address type that is known"})
				continue
			}
			for _, text := range in[name][family] {
				prefix, err := parsePrefix(text, family)
				if err != nil {
					return fmt.Errorf("PID %q: %w", name, err)
				}
				if other, taken := owner[prefix]; taken {
					return fmt.Errorf("prefix %s is in PID %q and in PID %q", prefix, other, name)
				}
				owner[prefix] = name
				pid.Prefixes = append(pid.Prefixes, prefix)
			}
		}
		p.data.PIDs = append(p.data.PIDs, pid)
	}
	if tag := r.Meta.VTag.Tag; tag != "" {
		if err := alto.CheckTag(tag); err != nil {
			return err
		}
		p.data.NetworkMapTag = tag
	}
	return nil
}

func parsePrefix(text, family string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Addr().Is4() != (family == "ipv4") {
		return prefix, fmt.Errorf("%q is not a prefix of type %s", text, family)
	}
	return prefix.Masked(), nil
}

// checkRank refuses ordinal costs that are no ranks; one may be missing.
func checkRank(mode, source, destination string, cost float64) error {
	if mode == alto.ModeOrdinal && (cost < 0 || !math.IsNaN(cost) && cost != math.Trunc(cost)) {
		return fmt.Errorf("the cost from PID %q to PID %q is %v, expected a rank: a whole number that is not negative", source, destination, cost)
	}
	return nil
}

// costMap reads a cost map whose costs are numbers (RFC 7285 Section 11.2.3), or arrays of
// numbers where it is a calendar.
func (p *Part) costMap(r *response) error {
	t := r.Meta.CostType
	if driver.OfPaths(alto.CostType{Mode: t.Mode, Metric: t.Metric}) {
		return p.paths(r)
	}
	if alto.CheckCostMode(t.Mode) != nil || t.Mode == alto.ModeArray {
		return fmt.Errorf("the cost mode of meta/cost-type is %q, expected numerical or ordinal, or one that starts with \"priv:\"", t.Mode)
	}
	if err := alto.CheckCostMetric(t.Metric); err != nil {
		return fmt.Errorf("in meta/cost-type: %w", err)
	}
	if r.Meta.Calendars != nil {
		return p.costCalendar(r)
	}
	c, err := readCosts(r.CostMap)
	if err != nil {
		return fmt.Errorf("in cost-map: %w", err)
	}
	pids, cells, err := c.dense()
	if err != nil {
		return fmt.Errorf("in cost-map: %w", err)
	}
	if t.Mode == alto.ModeOrdinal {
		for i, cost := range cells {
			if err := checkRank(t.Mode, pids[i/len(pids)], pids[i%len(pids)], cost); err != nil {
				return err
			}
		}
	}
	m, err := alto.NewCostMatrix(pids, cells)
	if err != nil {
		return fmt.Errorf("in cost-map: %w", err)
	}
	p.data.Costs = append(p.data.Costs, driver.CostTable{Mode: t.Mode, Metric: t.Metric, Costs: m})
	return nil
}
