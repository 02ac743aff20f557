package alto

import (
	"fmt"
	"strconv"
	"strings"
)

// footprintPID is the type whose values are PIDs of a network map (RFC 9241 Section
// 4.1).
const footprintPID = "altopid"

// check verifies the values of the types that RFC 9241 names; the registry may hold
// others, of which nothing is known.
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
		case "asn":
			err = checkASN(v)
		case "countrycode":
			err = checkCountryCode(v)
		case footprintPID:
			err = CheckPIDName(v)
		}
		if err != nil {
			return fmt.Errorf("footprint of type %q: %w", f.Type, err)
		}
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
