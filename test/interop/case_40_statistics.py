"""Statistics beside what a client gets, over restarts; dry runs of maps over both protocols."""
import hashlib, json, subprocess
from ncclient.xml_ import to_ele
from harness import Agent, example, free_port, same

SERVER = "ietf-alto:alto/alto-server"
COMMIT = "urn:altoam:yang:altoam-commit"
MAPS = "urn:altoam:yang:altoam-map-change"


def curl(url, *more):
    """The body as it came, compressed where that was asked for."""
    return subprocess.run(["curl", "-sS", *more, url], check=True, capture_output=True).stdout


def server(a):
    return a.data(SERVER + "/ietf-alto-stats:server-level-stats")["ietf-alto-stats:server-level-stats"]


def resource(a, name):
    return a.data(f"{SERVER}/resource={name}/ietf-alto-stats:resource-level-stats")["ietf-alto-stats:resource-level-stats"]


def figures(a, base):
    """Every byte counts, compressed or not."""
    plain = curl(base + "networkmap/my-default-network-map")
    again = curl(base + "networkmap/my-default-network-map", "-H", "Accept-Encoding: gzip")
    missing = curl(base + "none")
    stats = resource(a, "my-default-network-map")
    same(stats["altoam-statistics:digest"], hashlib.sha256(plain).hexdigest(), "digest")
    same(stats["altoam-statistics:tag"], json.loads(plain)["meta"]["vtag"]["tag"], "tag")
    same(int(stats["res-enc-size"]), len(plain), "encoded size")
    same(int(stats["altoam-statistics:bytes-sent"]), len(plain) + len(again), "bytes of the map")
    same((stats["num-res-req"], stats["num-res-succ"], stats["num-res-fail"]), ("2", "2", "0"), "requests for the map")
    same(stats["altoam-statistics:latency"]["count"], "2", "answers")
    assert sum(int(b["count"]) for b in stats["altoam-statistics:latency"]["bucket"]) == 2, stats
    whole = server(a)
    same(int(whole["altoam-statistics:bytes-sent"]), len(plain) + len(again) + len(missing), "bytes of the server")
    same((whole["num-total-req"], whole["num-total-succ"], whole["num-total-fail"]), ("3", "2", "1"), "requests")
    metrics = a.metrics()
    for line in [
        'altoam_alto_resource_response_seconds_count{resource="my-default-network-map"} 2',
        f'altoam_alto_resource_response_bytes_total{{resource="my-default-network-map"}} {len(plain) + len(again)}',
        f'digest="{hashlib.sha256(plain).hexdigest()}",resource="my-default-network-map"',
        'altoam_alto_server_response_seconds_bucket{le="+Inf"} 3',
    ]:
        assert line in metrics, line


def restart(a, base):
    """Counters begin anew, and say so."""
    before, of = server(a), resource(a, "my-default-network-map")
    a.kill()
    a.start()
    after = server(a)
    same(after["num-total-req"], "0", "requests after a restart")
    assert after["altoam-statistics:counters-since"] > before["altoam-statistics:counters-since"]
    now = resource(a, "my-default-network-map")
    assert now["altoam-statistics:counters-since"] > of["altoam-statistics:counters-since"]
    same(now["altoam-statistics:digest"], of["altoam-statistics:digest"], "digest after a restart")
    assert int(after["discontinuity-time"]) <= int(after["last-report-time"]), after


CHANGE = {"pid": [{"name": "PID1", "prefix": ["203.0.113.0/24"]}, {"name": "branch", "prefix": ["192.0.2.128/25"]}]}


def expected(change):
    same({k: change[k] for k in change if "-" in k},
         {"pids-before": 3, "pids-after": 4, "pids-added": 1, "pids-removed": 0, "pids-changed": 1,
          "prefixes-before": 5, "prefixes-after": 7, "prefixes-added": 2, "prefixes-removed": 0, "prefixes-moved": 0}, "network map")
    same(change["prefix"], [
        {"prefix": "192.0.2.128/25", "operation": "added", "pid-before": "PID1", "pid-after": "branch"},
        {"prefix": "203.0.113.0/24", "operation": "added", "pid-before": "PID3", "pid-after": "PID1"}], "prefixes")


def effects(text):
    return {e.get("resource"): e for e in json.loads(text)["altoam-commit:output"].get("effect", [])}


def dry_run_restconf(a):
    body = {"ietf-alto:data-source": [{"source-id": "lab", "source-params": {"altoam-source-static:static": CHANGE}}]}
    status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}/data-source=lab?dry-run", json.dumps(body))
    assert status == 200, text
    expected(effects(text)["my-default-network-map"]["altoam-map-change:network-map"])
    costs = {"ietf-alto:data-source": [{"source-id": "lab", "source-params": {"altoam-source-static:static": {
        "cost-table": [{"metric": "routingcost", "mode": "numerical", "cost": [{"source": "PID1", "destination": "PID2", "value": "7"}]}]}}}]}
    status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}/data-source=lab?dry-run", json.dumps(costs))
    assert status == 200, text
    got = effects(text)["numerical-routing-cost-map"]["altoam-map-change:costs"][0]
    same((got["pairs-changed"], got["least"], got["most"], got["mean"]), ("1", "2", "2", "2"), "costs")
    same(got["pair"], [{"source": "PID1", "destination": "PID2", "operation": "changed", "before": "5", "after": "7"}], "pair")


def dry_run_netconf(a):
    config = """<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>
      <data-source><source-id>lab</source-id><source-params><static xmlns="urn:altoam:yang:altoam-source-static">
        <pid><name>PID1</name><prefix>203.0.113.0/24</prefix></pid><pid><name>branch</name><prefix>192.0.2.128/25</prefix></pid>
      </static></source-params></data-source></alto-server></alto></config>"""
    with a.netconf() as m:
        m.edit_config(target="candidate", config=config)
        moved = counts(m, "<candidate/>")
        same((moved["pids-added"], moved["prefixes-added"]), ("1", "2"), "candidate")
        m.commit()
        back = counts(m, "<rollback><number>1</number></rollback>")
        same((back["pids-removed"], back["prefixes-removed"], back["pids-after"]), ("1", "2", "3"), "rollback")


def counts(m, change):
    reply = to_ele(str(m.dispatch(to_ele(f'<dry-run xmlns="{COMMIT}">{change}</dry-run>'))))
    for effect in reply.iter("{%s}effect" % COMMIT):
        if effect.findtext("{%s}resource" % COMMIT) == "my-default-network-map":
            of = effect.find("{%s}network-map" % MAPS)
            return {leaf.tag.split("}")[1]: leaf.text for leaf in of if not len(leaf)}
    raise AssertionError(str(reply))


def main():
    port = free_port()
    with Agent(seed=example("lab.json", port)) as a:
        base = f"http://127.0.0.1:{port}/alto/"
        figures(a, base)
        restart(a, base)
        dry_run_restconf(a)
        dry_run_netconf(a)


main()
