"""Alarms, the guard and the probe: a source that fails, maps that change too much, what clients see."""
import json, os, urllib.parse
from ncclient.xml_ import to_ele
from harness import Agent, eventually, free_port, get, same

SERVER = "ietf-alto:alto/alto-server"
ALARMS = "altoam-alarms:alarms/alarm-list"
NET = f"/{SERVER}/resource[resource-id='net']"
SOURCE = f"/{SERVER}/data-source[source-id='maps']"


def network(*sites):
    pids = {f"p{i}": {"ipv4": [f"10.{i}.0.0/16"]} for i in sites}
    return json.dumps({"meta": {"vtag": {"resource-id": "x", "tag": "t"}}, "network-map": {**pids, "rest": {"ipv4": ["0.0.0.0/0"]}}})


def replace(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def seed(port, path):
    return json.dumps({"ietf-alto:alto": {"alto-server": {
        "listen": {"http": {"tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": port}]},
                            "alto-server-parameters": {"base-uri": "https://alto.example.net/"}}},
        "altoam-guard:guard": {"max-changed-share": {"pids": "50.0"}},
        "data-source": [{"source-id": "maps", "source-type": "altoam-source-file:file",
                         "source-params": {"altoam-source-file:file": {"path": [path], "poll-interval": 1}}}],
        "resource": [{"resource-id": "net", "resource-type": "network-map", "alto-networkmap-params": {
            "is-default": True, "filtered": True, "altoam-algorithm-from-source:from-source": {"source": "maps"}}}]}}})


def alarm(a, resource, kind):
    """The alarm, None where there is none."""
    key = urllib.parse.quote(resource, safe="") + "," + kind
    status, _, text = a.rest("GET", f"/restconf/data/{ALARMS}/alarm={key}")
    return json.loads(text)["altoam-alarms:alarm"][0] if status == 200 else None


def active(a, resource, kind):
    x = alarm(a, resource, kind)
    return x is not None and not x["is-cleared"]


def served(port):
    status, _, text = get(f"http://127.0.0.1:{port}/networkmap/net")
    assert status == 200, text
    return set(json.loads(text)["network-map"])


def action(a, path, content=None):
    status, _, text = a.rest("POST", "/restconf/data/" + path, json.dumps(content) if content else None)
    assert status in (200, 204), (status, text)
    return json.loads(text) if text else None


def source(a, m, port, path):
    """The file goes and comes back: one alarm, which an operator takes notice of."""
    good = open(path).read()
    os.remove(path)
    e = event(m)
    same((e["resource"], e["alarm-type-id"].split(":")[-1], e["perceived-severity"]), (SOURCE, "source-stale", "major"))
    key = urllib.parse.quote(SOURCE, safe="") + ",source-stale"
    action(a, f"{ALARMS}/alarm={key}/acknowledge", {"altoam-alarms:input": {"text": "a disk is full"}})
    e = event(m)
    same((e["operator"], e["state"], e["text"]), ("admin", "ack", "a disk is full"))
    x = alarm(a, SOURCE, "source-stale")
    same((x["operator-state"], x["operator-state-change"][0]["operator"], len(x["status-change"])), ("ack", "admin", 1))
    assert 'altoam_alarm_active{severity="major",type="source-stale"} 1' in a.metrics()
    served(port)
    replace(path, good)
    same(event(m)["perceived-severity"], "cleared")
    assert "altoam_alarm_active{" not in a.metrics()


def guard(a, m, port, path):
    """A map that changes too much waits for an operator."""
    before = served(port)
    replace(path, network(1))
    e = event(m)
    same((e["resource-id"], e["event"], e["pids/after"]), ("net", "held", "2"))
    same(event(m)["alarm-type-id"].split(":")[-1], "guard-tripped")
    same(served(port), before, "the map in use")
    held = a.data(f"{SERVER}/resource=net/altoam-guard:guard/held")["altoam-guard:held"]
    same((held["state"], held["pids"]), ("waiting", {"before": "5", "after": "2", "changed": "3", "share": "60.0"}))
    with a.netconf() as other:
        other.dispatch(to_ele(
            '<action xmlns="urn:ietf:params:xml:ns:yang:1"><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>'
            '<resource><resource-id>net</resource-id><guard xmlns="urn:altoam:yang:altoam-guard"><reject/></guard></resource>'
            '</alto-server></alto></action>'))
    same(event(m)["event"], "rejected")
    same(event(m)["perceived-severity"], "cleared")
    same(served(port), before, "the map in use")
    out = action(a, f"{SERVER}/resource=net/altoam-guard:guard/accept")
    same(out, {"altoam-guard:output": {"in-use": True}})
    same(served(port), {"p1", "rest"}, "the map in use")
    same([event(m)["event"] for _ in range(2)], ["accepted", "released"])
    status, _, text = a.rest("POST", f"/restconf/data/{SERVER}/resource=net/altoam-guard:guard/accept")
    assert status in (404, 409) and "data-missing" in text or status == 404, (status, text)


def probe(a, port):
    """The probe finds all right behind the name that clients use."""
    same(action(a, f"{SERVER}/altoam-probe:probe/run"), {"altoam-probe:output": {"ok": True, "failures": 0}})
    state = a.data(f"{SERVER}/altoam-probe:probe/probe-state")["altoam-probe:probe-state"]
    same({r["resource-id"]: r["result"] for r in state["resource"]}, {"net": "ok", "net-filtered": "ok"})
    tag = json.loads(get(f"http://127.0.0.1:{port}/networkmap/net")[2])["meta"]["vtag"]["tag"]
    same(state["resource"][0]["tag"], tag)
    assert "altoam_probe_ok 1" in a.metrics()


def event(m):
    """The leafs of the next event of alarms or the guard."""
    while True:
        n = m.take_notification(timeout=10)
        assert n is not None, "no event"
        e = list(to_ele(n.notification_xml))[1]
        if "altoam" not in e.tag:
            continue
        leafs = {}
        for x in e:
            leafs[x.tag.split("}")[1]] = x.text
            for y in x:
                leafs[x.tag.split("}")[1] + "/" + y.tag.split("}")[1]] = y.text
        return leafs


port = free_port()
with Agent() as first:
    folder, path = first.folder, os.path.join(first.folder, "map.json")
    replace(path, network(1, 2, 3, 4))
    status, _, text = first.rest("PATCH", "/restconf/data", json.dumps({"ietf-restconf:data": json.loads(seed(port, path))}))
    assert status == 204, (status, text)
    with first.netconf() as m:
        m.create_subscription()
        source(first, m, port, path)
        guard(first, m, port, path)
    probe(first, port)
    os.remove(path)
    first.stop()
    first.start()

    def raised_again():
        return active(first, SOURCE, "source-stale")
    eventually(raised_again)
    same(alarm(first, SOURCE, "source-stale")["perceived-severity"], "major")
    same(served(port), {"p1", "rest"}, "the map of before the restart")
    replace(path, network(1, 8))

    def cleared():
        return not active(first, SOURCE, "source-stale")
    eventually(cleared)
    same(served(port), {"p1", "p8", "rest"})
