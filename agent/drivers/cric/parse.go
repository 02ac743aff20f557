package cric

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// site is what is read of a site that has prefixes.
type site struct {
	name        string
	prefixes    []netip.Prefix // as they stand, masked
	asns        []uint32       // ascending
	position    *driver.Position
	country     string
	countryCode string
}

// siteJSON and routeJSON are the members that are read. What may hold odd values is
// decoded one by one.
type siteJSON struct {
	Latitude    jsontext.Value            `json:"latitude"`
	Longitude   jsontext.Value            `json:"longitude"`
	Country     jsontext.Value            `json:"country"`
	CountryCode jsontext.Value            `json:"country_code"`
	NetRoutes   map[string]jsontext.Value `json:"netroutes"`
}

type routeJSON struct {
	ASN      jsontext.Value            `json:"asn"`
	Networks map[string]jsontext.Value `json:"networks"`
}

// parse reads a list of sites: a JSON object with a member for each. It fails where
// that is not what text is; a site, route or prefix of another form is skipped.
// The sites are ordered by name and have at least one prefix each.
func parse(text []byte) ([]site, []driver.Skipped, error) {
	in := jsontext.NewDecoder(bytes.NewReader(text))
	if k := in.PeekKind(); k != '{' && k != 0 {
		return nil, nil, fmt.Errorf("the list of sites is not a JSON object")
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, nil, fmt.Errorf("the list of sites is not JSON: %w", err)
	}
	p := &parser{seen: make(map[driver.Skipped]bool)}
	for in.PeekKind() == '"' {
		name, err := in.ReadToken()
		if err != nil {
			return nil, nil, fmt.Errorf("the list of sites is not JSON: %w", err)
		}
		key := name.String()
		value, err := in.ReadValue()
		if err != nil {
			return nil, nil, fmt.Errorf("the list of sites is not JSON: %w", err)
		}
		p.site(key, value)
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, nil, fmt.Errorf("the list of sites is not JSON: %w", err)
	}
	if _, err := in.ReadToken(); err != io.EOF {
		return nil, nil, fmt.Errorf("more follows the list of sites")
	}
	slices.SortFunc(p.sites, func(a, b site) int { return strings.Compare(a.name, b.name) })
	return p.sites, p.skipped, nil
}

type parser struct {
	sites   []site
	skipped []driver.Skipped
	seen    map[driver.Skipped]bool
}

func (p *parser) skip(reason, value string, where ...string) {
	s := driver.Skipped{Location: strings.Join(where, "/"), Value: value, Reason: reason}
	if !p.seen[s] {
		p.seen[s] = true
		p.skipped = append(p.skipped, s)
	}
}

// brief is the beginning of a JSON text, for a skipped record.
func brief(v jsontext.Value) string {
	s := strings.ToValidUTF8(string(v), "")
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func (p *parser) site(name string, value jsontext.Value) {
	var in siteJSON
	if err := json.Unmarshal(value, &in); err != nil {
		p.skip("not a site: "+reasonOf(err), brief(value), name)
		return
	}
	s := site{name: name, country: text(in.Country), countryCode: text(in.CountryCode), position: position(in.Latitude, in.Longitude)}
	for _, route := range sortedKeys(in.NetRoutes) {
		p.route(&s, route, in.NetRoutes[route])
	}
	if len(s.prefixes) == 0 {
		return
	}
	slices.Sort(s.asns)
	s.asns = slices.Compact(s.asns)
	p.sites = append(p.sites, s)
}

func (p *parser) route(s *site, name string, value jsontext.Value) {
	var in routeJSON
	if err := json.Unmarshal(value, &in); err != nil {
		p.skip("not a network route: "+reasonOf(err), brief(value), s.name, "netroutes", name)
		return
	}
	before := len(s.prefixes)
	for _, family := range sortedKeys(in.Networks) {
		at := []string{s.name, "netroutes", name, family}
		var texts []jsontext.Value
		if err := json.Unmarshal(in.Networks[family], &texts); err != nil {
			p.skip("not a list of prefixes", brief(in.Networks[family]), at...)
			continue
		}
		for _, t := range texts {
			prefix, reason := parsePrefix(text(t), family)
			if reason != "" {
				p.skip(reason, strings.Trim(brief(t), `"`), at...)
				continue
			}
			s.prefixes = append(s.prefixes, prefix)
		}
	}
	var asn uint32
	if len(s.prefixes) > before && json.Unmarshal(in.ASN, &asn) == nil && asn > 0 {
		s.asns = append(s.asns, asn)
	}
}

// parsePrefix reads a prefix, or an address as one of full length; host bits are
// cleared. family is the name of its list.
func parsePrefix(s, family string) (p netip.Prefix, reason string) {
	s = strings.TrimSpace(s)
	p, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return p, "not an IP prefix"
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	switch {
	case p.Addr().Is4In6():
		return p, "an IPv4 prefix in the form of IPv6"
	case family == "ipv4" && !p.Addr().Is4(), family == "ipv6" && p.Addr().Is4():
		return p, "not a prefix of family " + family
	}
	return p.Masked(), ""
}

// text is a JSON string's value, "" for anything else.
func text(v jsontext.Value) string {
	var s string
	if v.Kind() != '"' || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}

// position needs two numbers, or strings that are some, in range. Zero for both is
// how CRIC says that it does not know.
func position(latitude, longitude jsontext.Value) *driver.Position {
	var p driver.Position
	if !number(latitude, &p.Latitude) || !number(longitude, &p.Longitude) ||
		p.Latitude < -90 || p.Latitude > 90 || p.Longitude < -180 || p.Longitude > 180 ||
		p.Latitude == 0 && p.Longitude == 0 {
		return nil
	}
	return &p
}

func number(v jsontext.Value, to *float64) bool {
	if v.Kind() == '"' {
		v = jsontext.Value(text(v))
	}
	return v.Kind() == '0' && json.Unmarshal(v, to) == nil
}

// reasonOf is the cause of a decoding error without its place in Go types.
func reasonOf(err error) string {
	if semantic, ok := err.(*json.SemanticError); ok {
		return fmt.Sprintf("%s is not as expected", cmp.Or(string(semantic.JSONPointer), "the value"))
	}
	return err.Error()
}

func sortedKeys(m map[string]jsontext.Value) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
