package netconf

import (
	"net/url"
	"strings"

	"github.com/altoam/altoam/yang"
)

// Modules and namespaces of the protocol.
const (
	baseModule       = "ietf-netconf"
	defaultsModule   = "ietf-netconf-with-defaults"
	monitoringModule = "ietf-netconf-monitoring"
	nmdaModule       = "ietf-netconf-nmda"
	compareModule    = "ietf-nmda-compare"
	partialModule    = "ietf-netconf-partial-lock"
	libraryModule    = "ietf-yang-library"
	eventModule      = "notifications"
	streamsModule    = "nc-notifications"

	nsBase = "urn:ietf:params:xml:ns:netconf:base:1.0"
	nsYang = "urn:ietf:params:xml:ns:yang:1" // RFC 7950 Section 5.3.1

	base10     = "urn:ietf:params:netconf:base:1.0"
	base11     = "urn:ietf:params:netconf:base:1.1"
	capability = "urn:ietf:params:netconf:capability:"
)

// ofFeature are the capabilities that a feature of ietf-netconf stands for
// (RFC 6241 Section 8).
var ofFeature = []struct {
	feature string
	uris    []string
}{
	{"writable-running", []string{"writable-running:1.0"}},
	{"candidate", []string{"candidate:1.0"}},
	{"confirmed-commit", []string{"confirmed-commit:1.1"}},
	{"rollback-on-error", []string{"rollback-on-error:1.0"}},
	{"validate", []string{"validate:1.0", "validate:1.1"}},
	{"xpath", []string{"xpath:1.0"}},
	{"startup", []string{"startup:1.0"}},
	{"url", []string{"url:1.0?scheme=" + urlSchemes}},
}

// capabilities are those of the server (RFC 6241 Section 8.1): of the protocol as
// far as the schema has them, and of the modules.
func capabilities(s *yang.Schema) []string {
	list := []string{base10, base11}
	for _, c := range ofFeature {
		if enabled(s, baseModule, c.feature) {
			for _, uri := range c.uris {
				list = append(list, capability+uri)
			}
		}
	}
	if implemented(s, defaultsModule) {
		// RFC 6243 Section 4.3
		list = append(list, capability+"with-defaults:1.0?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim")
	}
	if implemented(s, partialModule) {
		list = append(list, capability+"partial-lock:1.0") // RFC 5717 Section 2.3
	}
	if implemented(s, eventModule) {
		list = append(list, capability+"notification:1.0", capability+"interleave:1.0") // RFC 5277 Sections 3.1.1 and 6.3
	}
	if enabled(s, nmdaModule, "with-defaults") {
		// RFC 8526 Section 3.1.1.2
		list = append(list, capability+"with-operational-defaults:1.0")
	}
	if implemented(s, libraryModule) {
		// RFC 8526 Section 2 and, for the modules-state of before, RFC 7950 Section 5.6.4
		revision, id := s.Module(libraryModule).Revision, s.ContentID()
		list = append(list,
			capability+"yang-library:1.1?revision="+revision+"&content-id="+id,
			capability+"yang-library:1.0?revision="+revision+"&module-set-id="+id)
	}
	for _, m := range s.Modules {
		if m.Implemented && m.YANGVersion == "1" {
			list = append(list, moduleCapability(m))
		}
	}
	return list
}

func implemented(s *yang.Schema, module string) bool {
	m := s.Module(module)
	return m != nil && m.Implemented
}

func enabled(s *yang.Schema, module, feature string) bool {
	if !implemented(s, module) {
		return false
	}
	f := s.Module(module).Feature(feature)
	return f != nil && f.Enabled
}

// moduleCapability announces a module of YANG 1 in the form of RFC 6020 Section
// 5.6.4; those of YANG 1.1 are in the YANG library only (RFC 7950 Section 5.6.4).
func moduleCapability(m *yang.Module) string {
	uri := m.Namespace + "?module=" + url.QueryEscape(m.Name)
	if m.Revision != "" {
		uri += "&revision=" + m.Revision
	}
	var features []string
	for _, f := range m.Features {
		if f.Enabled {
			features = append(features, f.Name)
		}
	}
	if len(features) > 0 {
		uri += "&features=" + strings.Join(features, ",")
	}
	if len(m.DeviatedBy) > 0 {
		uri += "&deviations=" + strings.Join(m.DeviatedBy, ",")
	}
	return uri
}
