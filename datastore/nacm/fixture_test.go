package nacm_test

import (
	"encoding/json"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const moduleFarm = `module farm {
  yang-version 1.1; namespace "urn:farm"; prefix f;
  import ietf-netconf-acm { prefix nacm; }
  import iana-crypt-hash { prefix ianach; }
  container farm {
    leaf name { type string; }
    leaf secret { nacm:default-deny-all; type string; }
    leaf fixed { nacm:default-deny-write; type string; }
    leaf hash { type ianach:crypt-hash; }
    leaf-list tag { type string; }
    list stall {
      key name; leaf name { type string; }
      leaf size { type uint8; }
      list cow { key "a b"; leaf a { type string; } leaf b { type string; } leaf milk { type uint8; } }
      action clean;
      notification dirty { leaf how { type string; } }
    }
    list step { key id; ordered-by user; leaf id { type string; } leaf do { type string; } }
    choice food { leaf hay { type string; } container silo { presence "a silo"; leaf level { type uint8; } } }
    container yard { nacm:default-deny-all; leaf gate { type string; } }
  }
  rpc feed; rpc burn { nacm:default-deny-all; }
  notification storm; notification theft { nacm:default-deny-all; }
}`

const moduleBarn = `module barn {
  yang-version 1.1; namespace "urn:barn"; prefix b;
  import farm { prefix f; }
  augment /f:farm/f:stall { leaf roof { type string; } container loft { leaf hay { type uint8; } } }
  leaf barn { type string; }
}`

const moduleAcm = "ietf-netconf-acm"

// schemaOf compiles the modules of the tests and those of NACM.
func schemaOf(t testing.TB) *yang.Schema {
	t.Helper()
	return dstest.Schema(t, moduleFarm, moduleBarn, moduleUse)
}

// moduleUse has ietf-netconf-acm and ietf-netconf implemented.
const moduleUse = `module use { yang-version 1.1; namespace "urn:use"; prefix use; import ietf-netconf-acm { prefix nacm; }
  import ietf-netconf { prefix nc; } augment /nc:kill-session/nc:input { leaf note { type string; } }
  augment /nacm:nacm { leaf note { type string; } } }`

// setup is the configuration of a test; it becomes JSON.
type setup map[string]any

func (c setup) tree(t instance.T, s *yang.Schema) *tree.Tree {
	t.Helper()
	text, err := json.Marshal(map[string]any{moduleAcm + ":nacm": c})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return instance.JSON(t, s, string(text))
}

// rules is a rule-list for the group "g", in which the user "u" is.
func rules(defaults setup, list ...setup) setup {
	c := setup{
		"groups":    setup{"group": []setup{{"name": "g", "user-name": []string{"u"}}}},
		"rule-list": []setup{{"name": "l", "group": []string{"g"}, "rule": append([]setup{}, list...)}},
	}
	for k, v := range defaults {
		c[k] = v
	}
	return c
}

// accessOf compiles c and is what the user u may do.
func accessOf(t instance.T, s *yang.Schema, c setup) *nacm.Access {
	t.Helper()
	p, err := nacm.Compile(s, c.tree(t, s))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p.For("u", nil)
}
