package alto

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// metricRule is what RFC 9439 Sections 4 and 5 say of the values of a metric. None is
// negative.
type metricRule struct {
	unit  string
	whole bool    // a sample is an integer
	most  float64 // of a sample
}

var metricRules = map[string]metricRule{
	"delay-ow":        {unit: "microseconds", most: math.MaxFloat64},
	"delay-rt":        {unit: "microseconds", most: math.MaxFloat64},
	"delay-variation": {unit: "microseconds", most: math.MaxFloat64},
	"lossrate":        {unit: "percent", most: 100},
	"hopcount":        {unit: "hops", whole: true, most: math.MaxFloat64},
	"tput":            {unit: "bytes per second", most: math.MaxFloat64},
	"bw-residual":     {unit: "bytes per second", most: math.MaxFloat64},
	"bw-available":    {unit: "bytes per second", most: math.MaxFloat64},
}

// CheckStatistic reports why s is no statistical operator (RFC 9439 Section 3.2): cur,
// min, max, median, mean, stddev, stdvar, or p and a number from 0 to 100.
func CheckStatistic(s string) error {
	if slices.Contains([]string{"cur", "min", "max", "median", "mean", "stddev", "stdvar"}, s) {
		return nil
	}
	if number, ok := strings.CutPrefix(s, "p"); ok && isPercentile(number) {
		return nil
	}
	return fmt.Errorf("%q is not a statistic: expected cur, min, max, median, mean, stddev, stdvar, or p and a percentile from 0 to 100", s)
}

// isPercentile takes a JSON number without sign or exponent.
func isPercentile(s string) bool {
	whole, fraction, dotted := strings.Cut(s, ".")
	digits := func(s string) bool {
		return s != "" && strings.Trim(s, "0123456789") == ""
	}
	if !digits(whole) || len(whole) > 1 && whole[0] == '0' || dotted && !digits(fraction) {
		return false
	}
	v, err := strconv.ParseFloat(s, 64)
	return err == nil && v <= 100
}

// splitMetric takes the statistic off a cost metric, "" where there is none. What comes
// after "priv:" is not looked into.
func splitMetric(metric string) (base, statistic string) {
	if strings.HasPrefix(metric, "priv:") {
		return metric, ""
	}
	base, statistic, _ = strings.Cut(metric, ":")
	return base, statistic
}

// checkMetric checks what a cost metric has after its base identifier.
func checkMetric(metric string) error {
	base, statistic := splitMetric(metric)
	if base == "" || base != metric && CheckStatistic(statistic) != nil {
		return fmt.Errorf("cost metric %q: %w", metric, CheckStatistic(statistic))
	}
	if base != "" && !strings.HasPrefix(metric, "priv:") && strings.Contains(base, ".") {
		return fmt.Errorf("cost metric %q has a '.' outside of a percentile", metric)
	}
	return nil
}

// ruleOf returns what holds for the numerical values of a metric.
func ruleOf(metric string) (metricRule, bool) {
	base, statistic := splitMetric(metric)
	rule, ok := metricRules[base]
	switch statistic {
	case "mean", "stddev":
		rule.whole = false
	case "stdvar":
		rule.whole, rule.most = false, math.MaxFloat64
	}
	return rule, ok
}

// checkCosts verifies that costs are of the cost type: ranks are whole and not negative
// (RFC 7285 Section 6.1.2.2), and values are such as the metric has.
func checkCosts(r *Resource, t CostType, m *CostMatrix) error {
	if t.Mode == ModeOrdinal {
		if !m.ordinal {
			return configError(r.ID, FieldCosts, t.Name, "cost type %q is ordinal, its costs must be non-negative integers", t.Name)
		}
		return nil
	}
	rule, ok := ruleOf(t.Metric)
	if !ok || t.Mode != ModeNumerical || m.ordinal && m.most <= rule.most {
		return nil
	}
	n := len(m.pids)
	for i, c := range m.cells {
		fault := ""
		switch {
		case c < 0:
			fault = "is negative"
		case c > rule.most:
			fault = fmt.Sprintf("is more than %g", rule.most)
		case rule.whole && c != math.Trunc(c) && !math.IsNaN(c):
			fault = "is not a whole number"
		default:
			continue
		}
		return configError(r.ID, FieldCosts, t.Name, "the cost from PID %q to PID %q is %g, which %s: metric %q is in %s (RFC 9439)",
			m.pids[i/n], m.pids[i%n], c, fault, t.Metric, rule.unit)
	}
	return nil
}
