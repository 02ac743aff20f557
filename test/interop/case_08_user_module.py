"""A module of the user's own works over both protocols; --bare serves only such modules."""
import json, os
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, example, free_port, same

MODULE = """
module acme-garden {
  yang-version 1.1;
  namespace "urn:acme:garden";
  prefix g;
  feature greenhouse;
  container garden {
    list bed {
      key "name";
      must "count(plant) <= ../most" { error-message "too many plants in the bed"; error-app-tag "crowded"; }
      leaf name { type string; }
      leaf-list plant { type string; }
      choice cover { leaf mulch { type empty; } leaf fleece { type uint8; } }
      action water { input { leaf litres { type uint8; mandatory true; } } }
    }
    leaf most { type uint8; default 2; }
    leaf favourite { type leafref { path "../bed/name"; } }
    leaf glass { if-feature greenhouse; type string; }
  }
}
"""
NS = "urn:acme:garden"


def bed(inner):
    return (f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">'
            f'<garden xmlns="{NS}">{inner}</garden></config>')


def refused(m, inner, tag, app):
    try:
        m.edit_config(target="running", config=bed(inner))
    except RPCError as e:
        same((e.tag, e.app_tag), (tag, app), inner)
        return
    raise AssertionError("accepted: " + inner)


def walk(a, greenhouse):
    with a.netconf() as m:
        m.edit_config(target="running", config=bed("<bed><name>south</name><plant>rose</plant><mulch/></bed><favourite>south</favourite>"))
        refused(m, "<favourite>north</favourite>", "data-missing", "instance-required")
        refused(m, "<bed><name>south</name><plant>a</plant><plant>b</plant></bed>", "operation-failed", "crowded")
        m.edit_config(target="running", config=bed("<bed><name>south</name><fleece>3</fleece></bed>"))
        xml = m.get_config(source="running").data_xml
        assert "<fleece>3</fleece>" in xml and "mulch" not in xml, xml
        try:
            m.dispatch(to_ele(f'<action xmlns="urn:ietf:params:xml:ns:yang:1"><garden xmlns="{NS}"><bed><name>south</name>'
                              f'<water><litres>5</litres></water></bed></garden></action>'))
        except RPCError as e:
            same(e.tag, "operation-not-supported")  # no code stands behind it
    got = a.data("acme-garden:garden/bed=south")
    same(got["acme-garden:bed"][0]["fleece"], 3)
    status = a.rest("PUT", "/restconf/data/acme-garden:garden/glass", '{"acme-garden:glass":"x"}')[0]
    same(status, 201 if greenhouse else 404, "a leaf with if-feature")
    status, _, text = a.rest("PATCH", "/restconf/data/acme-garden:garden", json.dumps(
        {"acme-garden:garden": {"bed": [{"name": "south", "plant": ["a", "b", "c"]}]}}))
    same(json.loads(text)["ietf-restconf:errors"]["error"][0]["error-app-tag"], "crowded", text)
    assert 400 <= status < 500, status
    same(a.rest("DELETE", "/restconf/data/acme-garden:garden")[0], 204)


folder = os.path.join("/tmp", f"altoam-garden-{os.getpid()}")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "acme-garden.yang"), "w") as f:
    f.write(MODULE)
flags = ["--yang-path", folder, "--module", "acme-garden"]
with Agent(*flags, seed=example("lab.json", free_port())) as a:
    walk(a, greenhouse=True)
with Agent(*flags, "--feature", "acme-garden:", "--bare") as a:
    walk(a, greenhouse=False)
    assert a.rest("GET", "/restconf/data/ietf-alto:alto")[0] == 404, "a bare server has no ALTO"
    same(a.ready["alto"], [])
    with a.netconf() as m:
        # The administrator is outside the datastores: a client may replace all of running.
        m.edit_config(target="candidate", config=bed("<bed><name>x</name></bed>"))
        m.commit()
        m.copy_config(source="candidate", target="running")
        m.edit_config(target="running", config='<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"/>', default_operation="replace")
        assert "garden" not in m.get_config(source="running").data_xml
