package netconf

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestCompareExample is the example of RFC 9144 Section 5: its values, with the
// identifier of the patch and the names of the resources as this server has them.
func TestCompareExample(t *testing.T) {
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS()), yang.Options{Implement: []yang.ModuleSpec{
		{Name: "ietf-interfaces"}, {Name: "ietf-nmda-compare"}, {Name: "ietf-origin"}, {Name: "ietf-netconf"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	data := func(text string) *tree.Tree {
		d, err := parse(s, `<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"><interface><name>eth0</name>`+text+`</interface></interfaces>`)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	intended := data(`<enabled>false</enabled><description>ip interface</description>`)
	m := data(`<enabled>true</enabled>`).Mutate()
	list := s.Find("/ietf-interfaces:interfaces/interface")
	m.Child(list.Parent).Entry(list, "eth0").SetOrigin(tree.OriginLearned)

	d := newDifferences(tree.New(s.RPC(compareModule, "compare").Output()), comparison{source: datastore.Operational, target: datastore.Intended})
	operational := m.Done()
	d.add(side{operational, operational}, side{intended, intended})
	out, err := d.tree()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := codec.EncodeXML(&b, out, codec.EncodeOptions{Origin: true}); err != nil {
		t.Fatal(err)
	}
	const want = `<differences xmlns="urn:ietf:params:xml:ns:yang:ietf-nmda-compare" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin">
  <yang-patch>
    <patch-id>operational-intended</patch-id>
    <comment>from operational (source) to intended (target)</comment>
    <edit>
      <edit-id>1</edit-id>
      <operation>create</operation>
      <target>/ietf-interfaces:interfaces/interface=eth0/description</target>
      <value>
        <description xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces">ip interface</description>
      </value>
    </edit>
    <edit>
      <edit-id>2</edit-id>
      <operation>replace</operation>
      <target>/ietf-interfaces:interfaces/interface=eth0/enabled</target>
      <value>
        <enabled xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces">false</enabled>
      </value>
      <source-value>
        <enabled xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces" or:origin="or:learned">true</enabled>
      </source-value>
    </edit>
  </yang-patch>
</differences>
`
	if got := indent(b.String()); got != want {
		t.Errorf("got %s", got)
	}
}
