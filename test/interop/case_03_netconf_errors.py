"""Wrong edits over NETCONF: tag, app-tag and path name the node and the rule; running stays as it is."""
from ncclient.operations import RPCError
from harness import Agent, example, free_port, same

ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"
SYSTEM = "urn:ietf:params:xml:ns:yang:ietf-system"


def config(inner):
    return (f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">'
            f'<alto xmlns="{ALTO}"><alto-server>{inner}</alto-server></alto></config>')


BAD = [
    ("unknown leaf", "<nothing/>", "unknown-element", None, "alto-server"),
    ("bad type", '<server-level-monitor-config xmlns="urn:ietf:params:xml:ns:yang:ietf-alto-stats"><time-window-size>x</time-window-size></server-level-monitor-config>',
     "invalid-value", None, "time-window-size"),
    ("dangling leafref", "<resource><resource-id>ordinal-routing-cost-map</resource-id><dependency>nowhere</dependency></resource>",
     "data-missing", "instance-required", "dependency"),
    ("missing mandatory", "<cost-type><cost-type-name>half</cost-type-name><cost-mode>numerical</cost-mode></cost-type>",
     "data-missing", None, "cost-type"),
    ("missing key", "<cost-type><cost-mode>numerical</cost-mode></cost-type>", "missing-element", None, "cost-type"),
    ("bad key", "<resource><resource-id>not allowed!</resource-id></resource>", "invalid-value", None, "resource-id"),
    ("delete of what is not there", '<meta nc:operation="delete"><meta-key>x</meta-key></meta>', "data-missing", None, "meta"),
    ("create of what is there", '<meta nc:operation="create"><meta-key>vendor</meta-key><meta-value>IngiCg==</meta-value></meta>',
     "data-exists", None, "meta"),
    ("state is not configuration",
     '<resource><resource-id>endpoint-cost</resource-id><resource-level-stats xmlns="urn:ietf:params:xml:ns:yang:ietf-alto-stats"><num-res-req>1</num-res-req></resource-level-stats></resource>',
     "unknown-element", None, ""),
    ("meta that is no JSON", "<meta><meta-key>m</meta-key><meta-value>bm90IGpzb24=</meta-value></meta>", None, None, "meta"),
]

with Agent(seed=example("lab.json", free_port())) as a, a.netconf() as m:
    before = m.get_config(source="running").data_xml
    for name, inner, tag, app, node in BAD:
        try:
            m.edit_config(target="running", config=config(inner))
        except RPCError as e:
            e = e.errlist[0] if e.errlist else e
            assert tag is None or e.tag == tag, f"{name}: tag {e.tag}: {e}"
            assert app is None or e.app_tag == app, f"{name}: app-tag {e.app_tag}"
            assert node in (e.path or "") + (e.message or ""), f"{name}: path {e.path}, message {e.message}"
            assert e.message, name
        else:
            raise AssertionError(f"{name} was accepted")
    same(m.get_config(source="running").data_xml.split("<data", 1)[1], before.split("<data", 1)[1], "running after refused edits")

    # Locks: another session is told who holds it.
    other = a.netconf()
    m.lock("running")
    try:
        other.lock("running")
        raise AssertionError("a second lock was given")
    except RPCError as e:
        same(e.tag, "lock-denied")
        assert m.session_id in e.info, (m.session_id, e.info)
    m.unlock("running")
    other.lock("candidate")
    m.kill_session(other.session_id)
    m.lock("candidate")
    m.unlock("candidate")
    m.discard_changes()
    schema = m.get_schema("ietf-alto", version="2026-02-04").data
    assert "module ietf-alto" in schema
