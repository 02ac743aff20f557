package alto

import (
	"fmt"
	"strconv"
	"strings"
)

// footprintPID is the type whose values are PIDs of a network map (RFC 9241 Section
// 4.1).
const footprintPID = "altopid"

// check verifies the values of the types that RFC 9241 and RFC 9388 name as strings; the
// registry may hold others, of which nothing is known.
func (f Footprint) check() error {
	if f.Type == "" {
		return fmt.Errorf("footprint-type is missing")
	}
	if len(f.Values) == 0 {
		return fmt.Errorf("footprint of type %q has no value", f.Type)
	}
	for _, v := range f.Values {
		var err error
		switch f.Type {
		case "ipv4cidr":
			_, err = parseEntityPrefix("ipv4", v)
		case "ipv6cidr":
			_, err = parseEntityPrefix("ipv6", v)
		case footprintPID:
			err = CheckPIDName(v)
		default:
			err = checkEntityName(f.Type, v)
		}
		if err != nil {
			return fmt.Errorf("footprint of type %q: %w", f.Type, err)
		}
	}
	return nil
}

// checkEntityName verifies an entity identifier of a domain without addresses, where
// something is known of its type; footprints of these types have the same values.
func checkEntityName(domainType, name string) error {
	switch domainType {
	case "pid":
		return CheckPIDName(name)
	case "asn":
		return checkASN(name)
	case "countrycode":
		return checkCountryCode(name)
	case "subdivisioncode":
		return checkSubdivisionCode(name)
	}
	return nil
}

// checkASN demands "as" and a number without leading zeros (RFC 9241 Section
// 6.1.1.2).
func checkASN(s string) error {
	number, ok := strings.CutPrefix(s, "as")
	if n, err := strconv.ParseUint(number, 10, 32); !ok || err != nil || strconv.FormatUint(n, 10) != number {
		return fmt.Errorf(`%q is not "as" and the number of an autonomous system`, s)
	}
	return nil
}

// checkCountryCode demands two small letters (RFC 9241 Section 6.1.2.2).
func checkCountryCode(s string) error {
	if len(s) == 2 && 'a' <= s[0] && s[0] <= 'z' && 'a' <= s[1] && s[1] <= 'z' {
		return nil
	}
	return fmt.Errorf("%q is not a country code of two small letters", s)
}

// checkSubdivisionCode demands a country code, a hyphen and one to three letters or digits
// (ISO 3166-2) without capitals, the form that RFC 9388 gives to footprints and entities.
func checkSubdivisionCode(s string) error {
	country, part, ok := strings.Cut(s, "-")
	if !ok || checkCountryCode(country) != nil || part == "" || len(part) > 3 {
		return fmt.Errorf("%q is not the code of a subdivision of a country in small letters", s)
	}
	for i := range len(part) {
		if !isAlphanumeric(part[i]) || 'A' <= part[i] && part[i] <= 'Z' {
			return fmt.Errorf("%q is not the code of a subdivision of a country in small letters", s)
		}
	}
	return nil
}
