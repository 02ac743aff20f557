package alto

import (
	"fmt"
	"strings"
)

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// checkName accepts 1 to max US-ASCII characters, alphanumeric or one of extra.
func checkName(what, s string, max int, extra string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty", what)
	case len(s) > max:
		return fmt.Errorf("%s %q has %d characters, at most %d are allowed", what, s, len(s), max)
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte(extra, s[i]) < 0 {
			return fmt.Errorf("%s %q has the character %q, allowed are letters, digits and %q", what, s, s[i], extra)
		}
	}
	return nil
}

// checkPrivate refuses a bare "priv:", after which a further string must follow.
func checkPrivate(what, s string) error {
	if s == "priv:" {
		return fmt.Errorf("%s %q lacks the part after the prefix", what, s)
	}
	return nil
}

// CheckPIDName reports why s is no PID name (RFC 7285 Section 10.1): 1 to 64
// letters, digits, '-', ':', '@' or '_'; the reserved '.' is refused.
func CheckPIDName(s string) error { return checkName("PID name", s, 64, "-:@_") }

// CheckResourceID reports why s is no resource ID (RFC 7285 Section 10.2).
func CheckResourceID(s string) error { return checkName("resource ID", s, 64, "-:@_") }

// CheckTag reports why s cannot be the tag of a version tag (RFC 7285 Section
// 10.3): 1 to 64 characters from U+0021 to U+007E.
func CheckTag(s string) error {
	if s == "" || len(s) > 64 {
		return fmt.Errorf("tag has %d characters, 1 to 64 are allowed", len(s))
	}
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return fmt.Errorf("tag %q has the character %q, allowed are U+0021 to U+007E", s, s[i])
		}
	}
	return nil
}

// CheckCostMetric reports why s is no cost metric (RFC 7285 Section 10.6): at
// most 32 letters, digits, '-', ':', '_' or '.', the '.' being used by RFC 9439
// Section 3.2 only.
func CheckCostMetric(s string) error {
	if err := checkName("cost metric", s, 32, "-:_."); err != nil {
		return err
	}
	if err := checkPrivate("cost metric", s); err != nil {
		return err
	}
	return checkMetric(s)
}

// CheckCostMode reports why s is no cost mode (RFC 9274 Section 3.2): at most 32
// letters, digits, '-', ':' or '_', and either registered or after "priv:".
func CheckCostMode(s string) error {
	if err := checkName("cost mode", s, 32, "-:_"); err != nil {
		return err
	}
	if !RegisteredCostMode(s) && !strings.HasPrefix(s, "priv:") {
		return fmt.Errorf("cost mode %q is not registered: expected numerical, ordinal, array, or a name that starts with \"priv:\"", s)
	}
	return checkPrivate("cost mode", s)
}

// CheckPropertyName reports why s names neither an endpoint property (RFC 7285
// Section 10.8) nor an entity property (RFC 9240 Section 5.2.2): a type of at
// most 32 characters, after an optional resource ID and '.'.
func CheckPropertyName(s string) error {
	resource, kind, dotted := strings.Cut(s, ".")
	if !dotted {
		kind = s
	} else if resource != "" {
		if err := CheckResourceID(resource); err != nil {
			return fmt.Errorf("property %q: %w", s, err)
		}
	}
	if err := checkName("property type", kind, 32, "-:_"); err != nil {
		return fmt.Errorf("property %q: %w", s, err)
	}
	return checkPrivate("property", kind)
}

// CheckDomainName reports why s names no entity domain (RFC 9240 Section 5.1.2):
// a domain type of at most 64 characters, a ':' only in a leading "priv:", after
// an optional resource ID and '.'.
func CheckDomainName(s string) error {
	resource, kind, dotted := strings.Cut(s, ".")
	if !dotted {
		kind = s
	} else if resource != "" {
		if err := CheckResourceID(resource); err != nil {
			return fmt.Errorf("entity domain %q: %w", s, err)
		}
	}
	if len(kind) > 64 {
		return fmt.Errorf("entity domain %q: the domain type has %d characters, at most 64 are allowed", s, len(kind))
	}
	if err := checkName("entity domain type", strings.TrimPrefix(kind, "priv:"), 64, "-_"); err != nil {
		return fmt.Errorf("entity domain %q: %w", s, err)
	}
	return nil
}

// domainType returns the part of an entity domain name after the resource ID.
func domainType(domain string) string {
	if i := strings.IndexByte(domain, '.'); i >= 0 {
		return domain[i+1:]
	}
	return domain
}

// definingResource returns the resource ID in front of the '.' of an entity
// domain or property name, "" where there is none.
func definingResource(name string) string {
	resource, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return ""
	}
	return resource
}
