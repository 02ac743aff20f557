package weakness

import (
	"slices"

	"github.com/altoam/altoam/certs"
)

// accessRules are about access control (RFC 8341).
var accessRules = []Rule{
	{
		"nacm-off", High, "set enable-nacm to true",
		func(s *subject, report func(path, why string)) {
			if s.nacm().Leaf("enable-nacm").String() == "false" {
				report(s.nacm().Below("enable-nacm").Path.String(), "every user may do everything")
			}
		},
	},
	{
		"nacm-absent", Medium, "configure groups and rules (docs/access-control.md)",
		func(s *subject, report func(path, why string)) {
			if s.Config != nil && !s.nacm().Exists() {
				report("/ietf-netconf-acm:nacm", "without access control every user reads what is not sensitive, and admin is not bound by it")
			}
		},
	},
	{
		"nacm-write-default", High, "set write-default to deny, and permit by rules",
		func(s *subject, report func(path, why string)) {
			if s.nacm().Leaf("write-default").String() == "permit" {
				report(s.nacm().Below("write-default").Path.String(), "every user may change what no rule denies")
			}
		},
	},
	{
		"nacm-everybody", High, "name the groups of the rule-list, or what the rule permits",
		func(s *subject, report func(path, why string)) {
			for _, l := range s.nacm().Entries("rule-list") {
				if !holds(l, "group", "*") {
					continue
				}
				for _, r := range l.Entries("rule") {
					if permitsAll(r) {
						report(r.Path.String(), "the rule permits everything to every user")
					}
				}
			}
		},
	},
}

func (s *subject) nacm() certs.Place { return s.root("ietf-netconf-acm:nacm") }

// permitsAll tells whether a rule permits to change data, of all modules and at all paths.
func permitsAll(r certs.Place) bool {
	module := r.Leaf("module-name").String()
	if r.Leaf("action").String() != "permit" || module != "" && module != "*" || !permitsWrite(r) {
		return false
	}
	return !slices.ContainsFunc([]string{"path", "rpc-name", "notification-name"}, func(name string) bool {
		v := r.Leaf(name)
		return !v.IsZero() && v.String() != "*" && v.String() != "/"
	})
}

// permitsWrite tells whether access-operations, whose default is all, have one that changes
// data.
func permitsWrite(r certs.Place) bool {
	v := r.Leaf("access-operations")
	if v.IsZero() || v.String() == "*" {
		return true
	}
	return v.HasBit("create") || v.HasBit("update") || v.HasBit("delete")
}

// mayEverything tells whether a rule-list of the group has a rule that permits all.
func (s *subject) mayEverything(group string) bool {
	return slices.ContainsFunc(s.nacm().Entries("rule-list"), func(l certs.Place) bool {
		return holds(l, "group", group) && slices.ContainsFunc(l.Entries("rule"), permitsAll)
	})
}
