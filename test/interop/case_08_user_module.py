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
      action water {
        input { leaf litres { type uint8; mandatory true; } }
        output { leaf wet { type boolean; } leaf by { type string; } }
      }
      action dig;
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
        def act(inner):
            return m.dispatch(to_ele(f'<action xmlns="urn:ietf:params:xml:ns:yang:1"><garden xmlns="{NS}"><bed>'
                                     f'<name>south</name>{inner}</bed></garden></action>'))
        assert "<wet xmlns=\"urn:acme:garden\">true</wet>" in str(act("<water><litres>5</litres></water>"))
        for inner, tag, message in (("<water><litres>9</litres></water>", "operation-failed", "too much"),
                                    ("<water/>", "missing-element", "litres"),
                                    ("<dig/>", "operation-not-supported", "dig")):
            try:
                act(inner)
                raise AssertionError("accepted: " + inner)
            except RPCError as e:
                same(e.tag, tag, inner)
                assert message in e.message, e.message
    status, _, text = a.rest("POST", "/restconf/data/acme-garden:garden/bed=south/water", '{"acme-garden:input":{"litres":3}}')
    same((status, json.loads(text)), (200, {"acme-garden:output": {"wet": True, "by": "admin"}}))
    same(a.rest("POST", "/restconf/data/acme-garden:garden/bed=north/water", '{"acme-garden:input":{"litres":3}}')[0], 404)
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
water = os.path.join(folder, "water")
with open(water, "w") as f:
    f.write("""#!/usr/bin/python3
import json, sys
call = json.load(sys.stdin)
if call["input"]["litres"] > 8:
    sys.exit("too much for " + call["path"])
print(json.dumps({"wet": True, "by": call["user"]}))
""")
os.chmod(water, 0o755)
flags = ["--yang-path", folder, "--module", "acme-garden", "--program", "/acme-garden:garden/bed/water=" + water]
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
