"""Notifications with ncclient: RFC 6470 events, filters, replay over restarts and a kill, interleaved requests, resource limits."""
import json, os, tempfile, time
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, eventually, example, free_port, same

NCN = "{urn:ietf:params:xml:ns:yang:ietf-netconf-notifications}"
EVENT = "{urn:ietf:params:xml:ns:netconf:notification:1.0}"
CHANGES = '<netconf-config-change xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"/>'
CONFIRMS = '<netconf-confirmed-commit xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"/>'


def contact(text, target="candidate"):
    return dict(target=target, config='<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">'
                f'<system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><contact>{text}</contact></system></config>')


def take(m, seconds=10):
    """The next event: its element without namespaces in names, None when there is none in time."""
    n = m.take_notification(timeout=seconds)
    if n is None:
        return None
    time_of, event = list(to_ele(n.notification_xml))
    assert time_of.tag == EVENT + "eventTime" and time_of.text.endswith("Z"), n.notification_xml
    for e in event.iter():
        e.tag = e.tag.split("}")[1]
    return event


def name(m, seconds=10):
    e = take(m, seconds)
    return None if e is None else e.tag


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def refused(do, tag):
    try:
        do()
    except RPCError as e:
        same(e.tag, tag, e.message)
        return
    raise AssertionError("accepted")


def live(a):
    with a.netconf() as m:
        for want in (":notification:1.0", ":interleave:1.0"):
            assert want in m.server_capabilities, want
        m.create_subscription()
        refused(m.create_subscription, "operation-failed")
        with a.netconf() as other:
            e = take(m)
            same((e.tag, e.findtext("username"), e.findtext("session-id"), e.findtext("source-host")),
                 ("netconf-session-start", "admin", other.session_id, "127.0.0.1"))
            other.edit_config(**contact("ann"))
            other.commit()
            e = take(m)
            same((e.tag, e.findtext("changed-by/session-id"), e.findtext("datastore"), e.findtext("edit/target"), e.findtext("edit/operation")),
                 ("netconf-config-change", other.session_id, "running", "/sys:system/sys:contact", "create"))
            m.edit_config(**contact("bob"))  # a session that listens goes on working
            m.commit()
            same(take(m).findtext("edit/operation"), "replace")
            code, _, text = a.rest("DELETE", "/restconf/data/ietf-system:system/contact")
            same(code, 204, text)
            e = take(m)
            same((e.findtext("changed-by/session-id"), e.findtext("edit/operation")), ("0", "delete"), "from RESTCONF")
        e = take(m)
        same((e.tag, e.findtext("termination-reason")), ("netconf-session-end", "closed"))
        victim = a.netconf()
        same(name(m), "netconf-session-start")
        m.kill_session(victim.session_id)
        e = take(m)
        same((e.findtext("termination-reason"), e.findtext("killed-by")), ("killed", m.session_id))
        state = str(m.get(filter=("xpath", f"/netconf-state/sessions/session[session-id='{m.session_id}']/out-notifications")))
        assert "<out-notifications>7</out-notifications>" in state, state


def confirmed(a):
    with a.netconf() as m, a.netconf() as listener:
        listener.create_subscription(filter=("subtree", CONFIRMS))
        event = lambda: (lambda e: (e.findtext("confirm-event"), e.findtext("timeout"), e.findtext("session-id")))(take(listener))
        m.edit_config(**contact("ann"))
        m.commit(confirmed=True, timeout="60")
        same(event(), ("start", "60", m.session_id))
        m.commit(confirmed=True, timeout="90")
        same(event(), ("extend", "90", m.session_id))
        m.commit()
        same(event(), ("complete", None, m.session_id))
        m.edit_config(**contact("bob"))
        m.commit(confirmed=True, timeout="60")
        m.cancel_commit()
        same([event()[0], event()[0]], ["start", "cancel"])
        m.edit_config(**contact("carl"))
        m.commit(confirmed=True, timeout="1")
        same([event(), event()], [("start", "1", m.session_id), ("timeout", None, None)])


def filters(a):
    sessions = [a.netconf() for _ in range(3)]
    by = sessions[0]
    sessions[1].create_subscription(filter=("subtree", CHANGES))
    sessions[2].create_subscription(filter=("xpath", "/netconf-config-change[edit/operation = 'create']"))
    by.edit_config(**contact("first", "running"))
    by.edit_config(**contact("second", "running"))
    code, _, text = a.rest("DELETE", "/restconf/data/ietf-system:system/contact")
    same(code, 204, text)
    by.edit_config(**contact("third", "running"))
    operations = lambda m, n: [take(m).findtext("edit/operation") for _ in range(n)]
    same(operations(sessions[1], 4), ["replace", "replace", "delete", "create"])
    same(operations(sessions[2], 1), ["create"])
    same([name(m, 0.2) for m in sessions[1:]], [None, None])
    refused(lambda: by.create_subscription(filter=("xpath", "/[")), "invalid-value")
    refused(lambda: by.create_subscription(stream_name="bees"), "invalid-value")
    refused(lambda: by.create_subscription(start_time="2099-01-01T00:00:00Z"), "bad-element")
    for m in sessions:
        m.close_session()


def replay(a, begin):
    def past(m, **kw):
        m.create_subscription(start_time=begin, **kw)
        out = []
        while not out or out[-1] != "replayComplete":
            out.append(name(m))
        return out
    with a.netconf() as m:
        before = past(m, filter=("subtree", CHANGES))
        assert len(before) > 5 and set(before) == {"netconf-config-change", "replayComplete"}, before
        m.edit_config(**contact("dora", "running"))
        same(name(m), "netconf-config-change", "what comes after the replay")
        stream = str(m.get(filter=("subtree", '<netconf xmlns="urn:ietf:params:xml:ns:netmod:notification"/>')))
        assert "<name>NETCONF</name>" in stream and "<replaySupport>true</replaySupport>" in stream, stream
    for end in (a.stop, a.kill, a.kill):
        time.sleep(0.3)
        end()
        a.start()
        with a.netconf() as m:
            after = past(m, filter=("subtree", CHANGES))
            same(len(after), len(before) + 1, "after a restart")
            m.edit_config(**contact("emil" + str(len(after)), "running"))
            same(name(m), "netconf-config-change")
            before = after
    with a.netconf() as m:  # a replay of an interval, twice in one session
        time.sleep(1.1)  # now() has no fractions
        for _ in range(2):
            m.create_subscription(start_time=begin, stop_time=now(), filter=("subtree", CHANGES))
            out = []
            while not out or out[-1] != "notificationComplete":
                out.append(name(m))
            same(out[-2:], ["replayComplete", "notificationComplete"])
            assert len(out) == len(before) + 2, out


def capabilities(a):
    """Another module is told of once, at the next start."""
    begin = now()
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "barn.yang"), "w") as f:
            f.write('module barn { namespace "urn:barn"; prefix b; container barn { leaf door { type string; } } }')
        a.stop()
        a.flags += ["--yang-path", folder, "--module", "barn"]
        for restarts in range(2):
            a.start()
            with a.netconf() as m:
                m.create_subscription(start_time=begin, filter=("xpath", "/netconf-capability-change"))
                e = take(m)
                same(e.findtext("added-capability"), "urn:barn?module=barn")
                assert "yang-library" in e.findtext("modified-capability") and e.find("changed-by/server") is not None
                same(name(m), "replayComplete", restarts)
            a.stop()
    del a.flags[-4:]
    a.start()


def limits():
    with Agent(seed=example("lab.json", free_port())) as a:
        server = a.data("ietf-alto:alto/alto-server")["ietf-alto:alto-server"]
        resource = server["resource"][0]["resource-id"]
        with a.netconf() as m:
            m.create_subscription(filter=("subtree", '<alto-resource-event xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"/>'))
            body = json.dumps({"ietf-alto:resource": [{"resource-id": resource, "resource-limits": {"notify-res-mem-limit": "10"}}]})
            code, _, text = a.rest("PATCH", f"/restconf/data/ietf-alto:alto/alto-server/resource={resource}", body)
            same(code, 204, text)
            e = take(m)
            same((e.tag, e.findtext("resource-id"), e.findtext("notify-res-mem-threshold")), ("alto-resource-event", resource, "10"))
            same(name(m, 2.5), None, "it fires once")
        assert 'altoam_events_total{notification="ietf-alto:alto-resource-event"} 1' in a.metrics()


with Agent() as a:
    begin = now()
    live(a)
    confirmed(a)
    filters(a)
    replay(a, begin)
    capabilities(a)
limits()
