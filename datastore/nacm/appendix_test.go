package nacm_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// The modules that the examples of RFC 8341 Appendix A suppose; their prefixes are not
// those that the examples declare.
const (
	moduleAcmeNetconf = `module acme-netconf { namespace "http://example.com/ns/netconf"; prefix an;
  container acme-netconf { container config-parameters { leaf depth { type uint8; } } leaf other { type string; } } }`
	moduleAcmeInterfaces = `module acme-itf { namespace "http://example.com/ns/itf"; prefix ai;
  container interfaces { list interface { key name; leaf name { type string; } leaf mtu { type uint16; } } } }`
	moduleAcmeSystem = `module acme-system { namespace "urn:acme-system"; prefix as;
  notification sys-config-change; notification sys-restart; }`
)

// Appendix A.1, without which no rule counts.
const appendixGroups = `<groups>
  <group><name>admin</name><user-name>admin</user-name><user-name>andy</user-name></group>
  <group><name>limited</name><user-name>wilma</user-name><user-name>bam-bam</user-name></group>
  <group><name>guest</name><user-name>guest</user-name><user-name>guest@example.com</user-name></group>
</groups>`

const appendixModules = `<rule-list><name>guest-acl</name><group>guest</group>
  <rule><name>deny-ncm</name><module-name>ietf-netconf-monitoring</module-name><access-operations>*</access-operations><action>deny</action></rule>
</rule-list>
<rule-list><name>limited-acl</name><group>limited</group>
  <rule><name>permit-ncm</name><module-name>ietf-netconf-monitoring</module-name><access-operations>read</access-operations><action>permit</action></rule>
  <rule><name>permit-exec</name><module-name>*</module-name><access-operations>exec</access-operations><action>permit</action></rule>
</rule-list>
<rule-list><name>admin-acl</name><group>admin</group>
  <rule><name>permit-all</name><module-name>*</module-name><access-operations>*</access-operations><action>permit</action></rule>
</rule-list>`

const appendixOperations = `<exec-default>deny</exec-default>
<rule-list><name>guest-limited-acl</name><group>limited</group><group>guest</group>
  <rule><name>deny-kill-session</name><module-name>ietf-netconf</module-name><rpc-name>kill-session</rpc-name>
    <access-operations>exec</access-operations><action>deny</action></rule>
  <rule><name>deny-delete-config</name><module-name>ietf-netconf</module-name><rpc-name>delete-config</rpc-name>
    <access-operations>exec</access-operations><action>deny</action></rule>
</rule-list>
<rule-list><name>limited-acl</name><group>limited</group>
  <rule><name>permit-edit-config</name><module-name>ietf-netconf</module-name><rpc-name>edit-config</rpc-name>
    <access-operations>exec</access-operations><action>permit</action></rule>
</rule-list>`

const appendixData = `<rule-list><name>guest-acl</name><group>guest</group>
  <rule><name>deny-nacm</name><path xmlns:n="urn:ietf:params:xml:ns:yang:ietf-netconf-acm">
      /n:nacm
    </path><access-operations>*</access-operations><action>deny</action></rule>
</rule-list>
<rule-list><name>limited-acl</name><group>limited</group>
  <rule><name>permit-acme-config</name><path xmlns:acme="http://example.com/ns/netconf">
      /acme:acme-netconf/acme:config-parameters
    </path><access-operations>
      read create update delete
    </access-operations><action>permit</action></rule>
</rule-list>
<rule-list><name>guest-limited-acl</name><group>guest</group><group>limited</group>
  <rule><name>permit-dummy-interface</name><path xmlns:acme="http://example.com/ns/itf">
      /acme:interfaces/acme:interface[acme:name='dummy']
    </path><access-operations>read update</access-operations><action>permit</action></rule>
</rule-list>
<rule-list><name>admin-acl</name><group>admin</group>
  <rule><name>permit-interface</name><path xmlns:acme="http://example.com/ns/itf">
      /acme:interfaces/acme:interface
    </path><access-operations>*</access-operations><action>permit</action></rule>
</rule-list>`

const appendixNotifications = `<rule-list><name>sys-acl</name><group>limited</group><group>guest</group>
  <rule><name>deny-config-change</name><module-name>acme-system</module-name><notification-name>sys-config-change</notification-name>
    <access-operations>read</access-operations><action>deny</action></rule>
</rule-list>`

// appendix is the policy of an example, as a client of NETCONF sends it.
func appendix(t *testing.T, s *yang.Schema, rules string) *nacm.Policy {
	t.Helper()
	text := `<config><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm">` + appendixGroups + rules + `</nacm></config>`
	x := codec.NewXMLReader(strings.NewReader(text), codec.XMLLimits{})
	if _, err := x.Next(); err != nil { // <config>
		t.Fatal(err)
	}
	b := tree.NewBuilder(s.Root)
	if err := codec.DecodeXML(x, s, s.Root, b, codec.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	config, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	p, err := nacm.Compile(s, config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func appendixSchema(t *testing.T) *yang.Schema {
	t.Helper()
	return dstest.Schema(t, moduleUse, moduleMonitored, moduleAcmeNetconf, moduleAcmeInterfaces, moduleAcmeSystem)
}

// moduleMonitored has ietf-netconf-monitoring implemented.
const moduleMonitored = `module monitored { yang-version 1.1; namespace "urn:monitored"; prefix m;
  import ietf-netconf-monitoring { prefix ncm; } augment /ncm:netconf-state { leaf note { config false; type string; } } }`

// TestAppendixOperations has the rules of RFC 8341 Appendix A.2, A.3 and A.5 decide on
// operations and notifications.
func TestAppendixOperations(t *testing.T) {
	s := appendixSchema(t)
	for name, tt := range map[string]struct {
		rules string
		may   map[string]string // by user: what is permitted of all that is asked for
	}{
		"module rules": {appendixModules, map[string]string{
			"andy":              "kill-session delete-config edit-config get get-schema sys-config-change sys-restart",
			"wilma":             "kill-session delete-config edit-config get get-schema sys-config-change sys-restart",
			"guest@example.com": "edit-config get sys-config-change sys-restart",
			"nobody":            "edit-config get get-schema sys-config-change sys-restart",
		}},
		"protocol operation rules": {appendixOperations, map[string]string{
			"andy":  "sys-config-change sys-restart",
			"wilma": "edit-config sys-config-change sys-restart",
			"guest": "sys-config-change sys-restart",
		}},
		"notification rules": {appendixNotifications, map[string]string{
			"admin":   "edit-config get get-schema sys-config-change sys-restart",
			"bam-bam": "edit-config get get-schema sys-restart",
			"guest":   "edit-config get get-schema sys-restart",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := appendix(t, s, tt.rules)
			for user, want := range tt.may {
				a := p.For(user, nil)
				var got []string
				for _, rpc := range []string{"kill-session", "delete-config", "edit-config", "get"} {
					if a.MayCall(s.RPC("ietf-netconf", rpc)) {
						got = append(got, rpc)
					}
				}
				if a.MayCall(s.RPC("ietf-netconf-monitoring", "get-schema")) {
					got = append(got, "get-schema")
				}
				for _, n := range []string{"sys-config-change", "sys-restart"} {
					if a.MayReceive(nil, s.Find("/acme-system:"+n)) {
						got = append(got, n)
					}
				}
				if strings.Join(got, " ") != want {
					t.Errorf("%s: %s, want %s", user, got, want)
				}
			}
		})
	}
}

// TestAppendixData has the rules of RFC 8341 Appendix A.4 and A.2 decide on changes and
// reads.
func TestAppendixData(t *testing.T) {
	s := appendixSchema(t)
	const (
		none   = `{}`
		dummy  = `{"acme-itf:interfaces":{"interface":[{"name":"dummy","mtu":1500}]}}`
		tuned  = `{"acme-itf:interfaces":{"interface":[{"name":"dummy","mtu":9000}]}}`
		eth    = `{"acme-itf:interfaces":{"interface":[{"name":"eth0","mtu":1500}]}}`
		params = `{"acme-netconf:acme-netconf":{"config-parameters":{"depth":3}}}`
		other  = `{"acme-netconf:acme-netconf":{"other":"x"}}`
		acm    = `{"ietf-netconf-acm:nacm":{"use:note":"x"}}`
	)
	p := appendix(t, s, appendixData)
	for name, tt := range map[string]struct {
		old, new string
		by       string // who may
	}{
		"alter the dummy":       {dummy, tuned, "admin wilma guest"},
		"create the dummy":      {none, dummy, "admin"},
		"delete the dummy":      {dummy, none, "admin"},
		"create another":        {none, eth, "admin"},
		"create parameters":     {none, params, "wilma"},
		"delete parameters":     {params, none, "wilma"},
		"create what is beside": {none, other, ""},
		"create the rules' own": {none, acm, ""},
		"nothing":               {none, none, "admin wilma guest nobody"},
	} {
		var by []string
		d := tree.Compare(instance.JSON(t, s, tt.old), instance.JSON(t, s, tt.new))
		for _, user := range []string{"admin", "wilma", "guest", "nobody"} {
			if p.For(user, nil).Judge(d) == nil {
				by = append(by, user)
			}
		}
		if got := strings.Join(by, " "); got != tt.by {
			t.Errorf("%s: by %q, want %q", name, got, tt.by)
		}
	}

	all := appendix(t, s, appendixModules)
	for user, reads := range map[string][2]bool{"andy": {false, true}, "wilma": {false, false}, "guest": {false, false}} {
		for i, p := range []*nacm.Policy{p, all} {
			if got := len(paths(p.For(user, nil).Prune(instance.JSON(t, s, acm), nil))) > 0; got != reads[i] {
				t.Errorf("%s reads access control: %t, of rules %d", user, got, i)
			}
			if len(paths(p.For(user, nil).Prune(instance.JSON(t, s, dummy), nil))) == 0 {
				t.Errorf("%s does not read what no rule denies, of rules %d", user, i)
			}
		}
	}
}
