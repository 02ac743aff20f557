"""compare, url, startup, with-defaults and get-data as ncclient and RESTCONF clients use them."""
import json, os, stat, tempfile, urllib.request
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


def urls(a):
    with connect(a) as m:
        assert ":url" in m.server_capabilities, list(m.server_capabilities)
        m.edit_config(target="running", config=contact("before"))
        m.copy_config(source="running", target="file:///backup.xml")
        assert stat.S_IMODE(os.stat(os.path.join(FILES, "backup.xml")).st_mode) == 0o600
        m.edit_config(target="running", config=contact("after"))
        m.validate(source="file:///backup.xml")
        m.copy_config(source="file:///backup.xml", target="candidate")
        m.commit()
        assert "before" in m.get_config("running").data_xml
        with open(os.path.join(FILES, "edit.xml"), "w") as f:
            f.write(contact("edited").replace("<config>", '<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">'))
        m.edit_config(target="candidate", config="file://localhost/edit.xml", format="url")
        assert "edited" in m.get_config("candidate").data_xml
        m.discard_changes()
        refused("invalid-value", m.copy_config, source="running", target="file:///../out.xml")
        refused("data-missing", m.validate, source="file:///none.xml")
        m.delete_config("file:///backup.xml")
        assert os.listdir(FILES) == ["edit.xml"], os.listdir(FILES)


def startup(a):
    def both(m):
        return [m.get_config(d).data_xml for d in ("running", "startup")]

    with connect(a) as m:
        assert ":startup" in m.server_capabilities
        m.edit_config(target="running", config=contact("kept"))
        m.copy_config(source="running", target="startup")
        m.edit_config(target="running", config=contact("lost"))
        running, stored = both(m)
        assert "lost" in running and "kept" in stored and "lost" not in stored
        m.validate("startup")
        with m.locked("startup"):
            pass
    a.stop()
    a.start()
    with connect(a) as m:
        running, stored = both(m)
        assert "kept" in running and "lost" not in running and "kept" in stored
        status, _, text = a.rest("PATCH", "/restconf/data", json.dumps(
            {"ietf-restconf:data": {"ietf-system:system": {"contact": "rest"}}}))
        assert status == 204, text
        assert "rest" in both(m)[1]
        m.delete_config("startup")
        assert "rest" not in both(m)[1]
        refused("invalid-value", m.delete_config, "running")


with Agent("--startup") as a:
    startup(a)
with tempfile.TemporaryDirectory() as FILES:
    with Agent("--url-dir", FILES) as a:
        urls(a)


def limits(a):
    limit = '<config><netconf-limits xmlns="urn:altoam:yang:altoam-limits">%s</netconf-limits></config>'
    with connect(a) as m:
        m.edit_config(target="running", config=limit % "<sessions-per-user>2</sessions-per-user>")
        with connect(a):
            try:
                connect(a)
            except Exception:
                pass
            else:
                raise AssertionError("a third session of one user was let in")
        m.edit_config(target="running", config=limit % "<sessions-per-user>100</sessions-per-user><requests-per-second>5</requests-per-second>")
        tags = []
        for _ in range(30):
            try:
                m.discard_changes()
            except RPCError as e:
                tags.append(e.tag)
        assert tags and set(tags) == {"resource-denied"}, tags
    with urllib.request.urlopen(f"http://{a.ready['metrics']}/metrics") as r:
        text = r.read().decode()
    for name in "sessions-per-user", "requests-per-second":
        assert f'altoam_netconf_limited_total{{limit="{name}"}}' in text, text


with Agent() as a:
    limits(a)
