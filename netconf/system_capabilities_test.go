package netconf

import "testing"

// TestSystemCapabilities has every datastore there, and startup where there is one.
func TestSystemCapabilities(t *testing.T) {
	const get = `<get><filter><system-capabilities xmlns="urn:ietf:params:xml:ns:yang:ietf-system-capabilities"/></filter></get>`
	entries := func(names ...string) (s string) {
		for _, n := range names {
			s += `<datastore-capabilities><datastore xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores">ds:` + n + `</datastore></datastore-capabilities>`
		}
		return `<data><system-capabilities xmlns="urn:ietf:params:xml:ns:yang:ietf-system-capabilities">` + s + `</system-capabilities></data>`
	}
	for want, features := range map[string][]string{
		entries("candidate", "intended", "operational", "running"):            {capabilitiesModule},
		entries("candidate", "intended", "operational", "running", "startup"): {"startup", capabilitiesModule},
	} {
		c := start(t, "", Options{}, features...).session()
		if got := c.rpc(get); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		c.close()
	}
}
