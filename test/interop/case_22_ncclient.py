"""Every operation that ncclient offers, with what it may be asked and what must be refused."""
import re, tempfile, time
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, eventually, example, free_port, same

ALTO, SYSTEM = "urn:ietf:params:xml:ns:yang:ietf-alto", "urn:ietf:params:xml:ns:yang:ietf-system"
BASE, NMDA = "urn:ietf:params:xml:ns:netconf:base:1.0", "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
PARTIAL = "urn:ietf:params:xml:ns:netconf:partial-lock:1.0"
DEFAULTS = ("xpath", "/alto/alto-server/resource/alto-costmap-params")


def contact(text):
    return f'<config><system xmlns="{SYSTEM}"><contact>{text}</contact></system></config>'


def now(m, ds="running"):
    found = re.search("<contact>(.*?)<", m.get_config(ds, filter=("xpath", "/system/contact")).data_xml)
    return found and found[1]


def ok(call, *args, **named):
    reply = call(*args, **named)
    assert "<ok/>" in reply.xml, reply.xml


def refused(tag, call, *args, app=None, **named):
    try:
        call(*args, **named)
    except RPCError as e:
        same((e.tag, e.app_tag), (tag, app), f"{call} {args} {named}: {e}")
        return str(e.info)
    raise AssertionError(f"{call} {args} {named} was not refused with {tag}")


def reads(m):
    assert "vendor" in m.get(filter=("xpath", "/alto/alto-server/meta")).data_xml
    assert "vendor" in m.get(filter=("xpath", ({"a": ALTO}, "/a:alto/a:alto-server/a:meta"))).data_xml
    assert "<name>admin<" in m.get(filter=("subtree", f'<system xmlns="{SYSTEM}"/>')).data_xml
    refused("invalid-value", m.get, filter=("xpath", "/zz:alto"))
    for mode, want in ("explicit", 0), ("trim", 0), ("report-all", 1), ("report-all-tagged", 1):
        for call in (lambda: m.get_config("running", with_defaults=mode, filter=DEFAULTS), lambda: m.get(with_defaults=mode, filter=DEFAULTS)):
            got = call().data_xml
            same(("max-cost-types" in got, 'wd:default="true"' in got), (bool(want), "tagged" in mode), mode)
    refused("unknown-attribute", m.dispatch, to_ele(f'<get xmlns="{BASE}" mood="bad"/>'))
    refused("missing-attribute", m.dispatch, to_ele(f'<get xmlns="{BASE}"><filter select="/alto"/></get>'))
    same("<data/>" in m.rpc(to_ele(f'<get-config xmlns="{BASE}"><source><running/></source><filter/></get-config>')).xml, True)


def edits(m):
    ok(m.edit_config, target="candidate", config=contact("x"))
    for ds in "candidate", "running":
        ok(m.edit_config, target=ds, config=contact("y"), test_option="test-only")
    same((now(m), now(m, "candidate")), (None, "x"))
    ok(m.edit_config, target="candidate", config=contact("z"), test_option="set", error_option="rollback-on-error", default_operation="merge")
    ok(m.validate, "candidate")
    ok(m.discard_changes)
    same(now(m, "candidate"), None)
    refused("data-missing", m.edit_config, target="running", config=contact("x"), default_operation="none")
    refused("unknown-element", m.edit_config, target="running", config=contact("x").replace("contact", "contct"))
    refused("operation-failed", m.validate, to_ele(f'<config xmlns="{BASE}"><system xmlns="{SYSTEM}"/></config>'))
    for ds in "running", "candidate":
        refused("invalid-value", m.delete_config, ds)
    refused("invalid-value", m.copy_config, source="running", target="running")


def urls(m):
    refused("data-missing", m.edit_config, target="running", config="file://localhost/x.xml", format="url")
    ok(m.edit_config, target="running", config=contact("before"))
    ok(m.copy_config, source="running", target="file:///x.xml")
    ok(m.copy_config, source="file:///x.xml", target="file:///y.xml")
    ok(m.validate, "file:///y.xml")
    ok(m.edit_config, target="running", config=contact("after"))
    ok(m.copy_config, source="file:///y.xml", target="candidate")
    ok(m.commit)
    same(now(m), "before")
    ok(m.edit_config, target="running", config="file://localhost/x.xml", format="url")
    ok(m.delete_config, "file:///y.xml")
    refused("data-missing", m.delete_config, "file:///y.xml")
    refused("invalid-value", m.copy_config, source="running", target="file:///../escaped.xml")


def startup(m):
    ok(m.copy_config, source="running", target="startup")
    same(now(m, "startup"), "before")
    ok(m.validate, "startup")
    ok(m.delete_config, "startup")
    same(now(m, "startup"), None)
    ok(m.copy_config, source="running", target="startup")


def locks(m, other):
    for ds in "running", "candidate", "startup":
        ok(m.lock, ds)
        assert f"<session-id>{m.session_id}<" in refused("lock-denied", other.lock, ds)
        refused("operation-failed", other.unlock, ds)
        refused("in-use", other.copy_config, source="running" if ds == "candidate" else "candidate", target=ds)
        ok(m.unlock, ds)
        refused("operation-failed", m.unlock, ds)
    ok(m.edit_config, target="candidate", config=contact("changed"))
    assert "<session-id>0<" in refused("lock-denied", other.lock, "candidate")
    ok(m.discard_changes)
    with m.locked("candidate"):
        ok(m.edit_config, target="candidate", config=contact("forgotten"))
    same(now(m, "candidate"), "before")
    partial = m.dispatch(to_ele(f'<partial-lock xmlns="{PARTIAL}"><select>/system</select></partial-lock>')).xml
    assert "/sys:system</locked-node>" in partial, partial
    refused("in-use", other.edit_config, target="running", config=contact("x"), app="locked")
    refused("lock-denied", other.lock, "running")
    unlock = to_ele(f'<partial-unlock xmlns="{PARTIAL}"><lock-id>{re.search("<lock-id.*?>([0-9]+)<", partial)[1]}</lock-id></partial-unlock>')
    refused("invalid-value", other.dispatch, unlock)
    ok(m.dispatch, unlock)
    refused("operation-failed", m.dispatch, to_ele(f'<partial-lock xmlns="{PARTIAL}"><select>/nothing</select></partial-lock>'), app="no-matches")


def confirmed(a, m, other):
    waits = "outstanding-confirmed-commit"
    ok(m.edit_config, target="candidate", config=contact("one"))
    ok(m.commit, confirmed=True, timeout="60")
    assert f"<session-id>{m.session_id}<" in refused("lock-denied", other.lock, "running")
    refused("in-use", other.commit, app=waits)
    ok(m.edit_config, target="candidate", config=contact("two"))
    ok(m.commit, confirmed=True, timeout="60")
    ok(m.cancel_commit)
    same(now(m), "before")  # not "one"
    refused("operation-failed", m.cancel_commit)
    ok(m.edit_config, target="candidate", config=contact("two"))
    ok(m.commit, confirmed=True, timeout="1")
    same(now(m), "two")
    eventually(lambda: now(m) == "before")
    ok(m.edit_config, target="candidate", config=contact("two"))
    ok(m.commit, confirmed=True, timeout="60", persist="token")
    refused("in-use", other.cancel_commit, app=waits)
    refused("invalid-value", other.commit, persist_id="another")
    ok(other.commit, confirmed=True, timeout="60", persist_id="token")
    ok(other.commit, persist_id="token")
    same(now(m), "two")
    refused("invalid-value", m.commit, confirmed=True, timeout="0")
    refused("missing-element", m.dispatch, to_ele(f'<commit xmlns="{BASE}"><confirm-timeout>9</confirm-timeout></commit>'))
    lost = a.netconf()
    ok(lost.edit_config, target="candidate", config=contact("three"))
    ok(lost.commit, confirmed=True, timeout="60")
    lost._session._transport.close()  # without close-session
    eventually(lambda: now(m) == "two")


def nmda(m):
    def data(ds, rest=""):
        return m.dispatch(to_ele(f'<get-data xmlns="{NMDA}" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:{ds}</datastore>'
                                 f'{rest}</get-data>')).xml
    for ds in "running", "candidate", "startup", "intended", "operational":
        assert "<contact>" in data(ds, "<xpath-filter>/system</xpath-filter>"), ds
    assert 'or:origin="or:intended"' in data("operational", "<xpath-filter>/system</xpath-filter><with-origin/>")
    assert "<name>" not in data("running", "<xpath-filter>/system</xpath-filter><max-depth>1</max-depth>")
    refused("invalid-value", data, "running", "<with-origin/>")
    refused("invalid-value", data, "nonsense")
    edit = (f'<edit-data xmlns="{NMDA}" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:%s</datastore>' + contact("nmda") + "</edit-data>")
    ok(m.dispatch, to_ele(edit % "candidate"))
    same(now(m, "candidate"), "nmda")
    ok(m.discard_changes)
    refused("invalid-value", m.dispatch, to_ele(edit % "operational"))


def schemas(m):
    assert "module ietf-alto {" in m.get_schema("ietf-alto").data
    assert "module ietf-alto {" in m.get_schema("ietf-alto", version="2026-02-04").data
    refused("invalid-value", m.get_schema, "ietf-alto", version="1999-01-01")
    refused("invalid-value", m.get_schema, "ietf-alto", format="yin")
    refused("invalid-value", m.get_schema, "none")


def subscriptions(m, other):
    refused("invalid-value", m.create_subscription, stream_name="none")
    refused("bad-element", m.create_subscription, start_time="2099-01-01T00:00:00Z")
    ok(m.create_subscription, filter=("xpath", "/netconf-config-change"), start_time="2020-01-01T00:00:00Z")
    refused("operation-failed", m.create_subscription)
    seen = []
    while not seen or "replayComplete" not in seen[-1]:
        seen.append(m.take_notification(timeout=10).notification_xml)
    assert len(seen) > 3 and all("netconf-config-change" in s for s in seen[:-1]), seen
    ok(other.edit_config, target="running", config=contact("told"))
    assert "sys:contact" in m.take_notification(timeout=10).notification_xml
    same(now(m), "told")  # interleave


def limits(m, other):
    """Of sessions that are open."""
    limit = '<config><netconf-limits xmlns="urn:altoam:yang:altoam-limits"><%s>%d</%s></netconf-limits></config>'
    ok(m.edit_config, target="running", config=limit % ("idle-timeout", 1, "idle-timeout"))
    eventually(lambda: not other.connected)
    ok(m.edit_config, target="running", config=limit % ("idle-timeout", 0, "idle-timeout"))
    ok(m.edit_config, target="running", config=limit % ("message-size", 4096, "message-size"))
    try:
        m.edit_config(target="running", config=contact("x" * 5000))
    except Exception as e:
        assert not isinstance(e, RPCError), e
    eventually(lambda: not m.connected)


with tempfile.TemporaryDirectory() as folder, Agent("--url-dir", folder, "--startup", seed=example("lab.json", free_port())) as a:
    m, other = a.netconf(), a.netconf()
    for name in ("candidate", "confirmed-commit", "validate", "xpath", "with-defaults", "notification", "url", "startup", "writable-running"):
        assert ":" + name in m.server_capabilities, name
    reads(m)
    edits(m)
    urls(m)
    startup(m)
    locks(m, other)
    confirmed(a, m, other)
    nmda(m)
    schemas(m)
    for tag, session in ("invalid-value", m.session_id), ("invalid-value", "99999"), ("invalid-value", "0"):
        refused(tag, m.kill_session, session)
    killed = a.netconf()
    ok(m.kill_session, killed.session_id)
    eventually(lambda: not killed.connected)
    subscriptions(m, other)
    third = a.netconf()
    ok(third.close_session)
    limits(m, other)
