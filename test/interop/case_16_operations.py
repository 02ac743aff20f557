"""compare, url, startup, with-defaults and get-data as ncclient and RESTCONF clients use them."""
import json
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, PASSWORD

COMPARE = "urn:ietf:params:xml:ns:yang:ietf-nmda-compare"
DS = "urn:ietf:params:xml:ns:yang:ietf-datastores"
SYSTEM = "urn:ietf:params:xml:ns:yang:ietf-system"


def connect(a):
    return manager.connect(host="127.0.0.1", port=a.netconf_port, username="admin", password=PASSWORD,
                           hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=30)


def contact(text):
    return f'<config><system xmlns="{SYSTEM}"><contact>{text}</contact></system></config>'


def compare(m, source, target, rest=""):
    return m.dispatch(to_ele(f'<compare xmlns="{COMPARE}" xmlns:ds="{DS}"><source>ds:{source}</source>'
                             f'<target>ds:{target}</target>{rest}</compare>')).xml


def refused(tag, call, *args, **named):
    try:
        call(*args, **named)
    except RPCError as e:
        assert e.tag == tag, f"{e.tag} instead of {tag}: {e}"
        return
    raise AssertionError(f"{call} was not refused with {tag}")


def comparing(a):
    with connect(a) as m:
        m.edit_config(target="candidate", config=contact("ann"))
        got = compare(m, "running", "candidate")
        assert "<operation>create</operation>" in got and "/ietf-system:system/contact<" in got, got
        assert "<edit>" not in compare(m, "running", "intended")
        assert "no-matches" in compare(m, "running", "candidate", f'<subtree-filter><radius xmlns="{SYSTEM}"/></subtree-filter>')
        status, _, text = a.rest("POST", "/restconf/operations/ietf-nmda-compare:compare", json.dumps({
            "ietf-nmda-compare:input": {
                "source": "ietf-datastores:candidate", "target": "ietf-datastores:operational",
                "report-origin": [None], "xpath-filter": "/ietf-system:system"}}))
        assert status == 200, text
        edits = json.loads(text)["ietf-nmda-compare:output"]["differences"]["yang-patch"]["edit"]
        assert any(e["operation"] == "delete" and e["target"] == "/ietf-system:system/contact" for e in edits), edits
        m.discard_changes()


with Agent() as a:
    comparing(a)
